//! Cuts this device off from the network, all but the way to the server, and gives it back: by order, when the time is over, or
//! by a code typed here. It outlives the agent and the device's restarts, because it stands in a file until its end was told.

mod lift;
mod record;

pub use lift::{LiftError, lift};
pub use record::Record;
pub(crate) use record::{new_code, sha256 as code_digest};

use crate::identity::state_dir::{StateDir, StateError};
use crate::lock::locked;
use crate::platform::wall;
use crate::report::Report;
use baluardo_model::fleet::{MAX_ISOLATION_HOURS, Rejoined};
use baluardo_model::{Chance, Clock, FindingId, Timestamp};
use baluardo_wire::exchange::EventBody;
use std::net::{SocketAddr, ToSocketAddrs as _};
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

/// How often an isolated device looks whether its wall stands, its time is over, or somebody typed the code.
const LOOK: Duration = Duration::from_secs(20);

/// Why a device cannot be isolated, or stays so.
#[derive(Debug, thiserror::Error)]
pub enum IsolationError {
    /// The guard alone has no server, so nobody could end it.
    #[error("this agent works without a server: nobody could order the end of an isolation")]
    NoServer,
    /// The server's place cannot be found, so it could not be left open.
    #[error("the address of the server {server} cannot be found ({cause}): isolated, this device would be lost to it")]
    Unknown {
        /// Host and port.
        server: String,
        /// What the operating system said.
        cause: String,
    },
    /// nftables refused.
    #[error("{0}")]
    Wall(String),
    /// The state folder failed.
    #[error(transparent)]
    State(#[from] StateError),
}

/// What raises and lowers the wall.
pub trait Wall: Send + Sync {
    /// See [`wall::raise`].
    ///
    /// # Errors
    /// A sentence for people.
    fn raise(&self, servers: &[SocketAddr]) -> Result<(), String>;
    /// See [`wall::lower`].
    ///
    /// # Errors
    /// A sentence for people.
    fn lower(&self) -> Result<(), String>;
    /// Whether it stands.
    fn stands(&self) -> bool;
}

/// nftables.
#[derive(Debug)]
pub struct Nftables;

impl Wall for Nftables {
    fn raise(&self, servers: &[SocketAddr]) -> Result<(), String> {
        wall::raise(servers)
    }

    fn lower(&self) -> Result<(), String> {
        wall::lower()
    }

    fn stands(&self) -> bool {
        wall::stands()
    }
}

/// Everything about the isolation of this device.
pub struct Isolation {
    state: StateDir,
    /// Host and port; none for the guard alone.
    server: Option<String>,
    wall: Box<dyn Wall>,
    report: Arc<dyn Report>,
    clock: Arc<dyn Clock>,
    chance: Arc<dyn Chance>,
    /// One at a time changes the record and the wall; true when it is all over.
    over: Mutex<bool>,
    news: Condvar,
}

impl Isolation {
    /// With the record in `state_dir`, the server at `server` (host and port).
    #[must_use]
    pub fn new(
        state_dir: &Path,
        server: Option<String>,
        wall: Box<dyn Wall>,
        report: Arc<dyn Report>,
        clock: Arc<dyn Clock>,
        chance: Arc<dyn Chance>,
    ) -> Self {
        let state = StateDir::existing(state_dir);
        Self { state, server, wall, report, clock, chance, over: Mutex::new(false), news: Condvar::new() }
    }

    /// Isolates this device until `until`, or longer where it already is. Gives a note for people.
    ///
    /// # Errors
    /// See [`IsolationError`]; the device then keeps its network.
    pub fn begin(&self, until: Timestamp, finding: Option<FindingId>) -> Result<String, IsolationError> {
        let _one = locked(&self.over);
        let server = self.server.as_deref().ok_or(IsolationError::NoServer)?;
        let now = self.clock.now();
        let until = until.min(now.plus(Duration::from_secs(MAX_ISOLATION_HOURS * 3_600)));
        if until <= now {
            return Ok("its time is over already".to_owned());
        }
        let before = Record::load(&self.state)?.filter(|record| record.ended.is_none());
        let servers = match (addresses(server), &before) {
            (Ok(found), _) => found,
            // Behind the wall names are not asked for; where the server was is known.
            (Err(_), Some(before)) => before.servers.clone(),
            (Err(cause), None) => return Err(IsolationError::Unknown { server: server.to_owned(), cause }),
        };
        let until = before.as_ref().map_or(until, |before| before.until.max(until));
        let record = Record { until, code_sha256: String::new(), servers, finding, told: false, ended: None };
        // The record first: an agent that dies in between raises the wall when it starts.
        record.save(&self.state)?;
        if let Err(why) = self.wall.raise(&record.servers) {
            match &before {
                Some(before) => before.save(&self.state)?,
                None => Record::forget(&self.state)?,
            }
            return Err(IsolationError::Wall(why));
        }
        self.tell_code(record)?;
        self.news.notify_all();
        Ok(format!("isolated until {}", until.rfc3339()))
    }

    /// Gives this device its network back; one that has it stays as it is.
    ///
    /// # Errors
    /// See [`IsolationError`]; the device then stays isolated and the end is tried again.
    pub fn end(&self, how: Rejoined) -> Result<(), IsolationError> {
        let _one = locked(&self.over);
        match Record::load(&self.state)? {
            Some(record) => self.finish(record, how),
            None => Ok(()),
        }
    }

    /// Takes up what the last life of the agent left, and looks after it from then on, until [`Isolation::stop`].
    pub fn live(&self) {
        let mut over = locked(&self.over);
        while !*over {
            let isolated = match self.look() {
                Ok(isolated) => isolated,
                Err(error) => {
                    tracing::warn!("isolation: {error}");
                    true
                }
            };
            over = if isolated {
                self.news.wait_timeout(over, LOOK).unwrap_or_else(PoisonError::into_inner).0
            } else {
                self.news.wait(over).unwrap_or_else(PoisonError::into_inner)
            };
        }
    }

    /// Ends [`Isolation::live`]; an isolation stays.
    pub fn stop(&self) {
        *locked(&self.over) = true;
        self.news.notify_all();
    }

    /// One look; whether this device is isolated, or has something left to tell.
    fn look(&self) -> Result<bool, IsolationError> {
        let Some(record) = Record::load(&self.state)? else { return Ok(false) };
        if let Some(how) = record.ended {
            self.finish(record, how)?;
            return Ok(Record::load(&self.state)?.is_some());
        }
        if self.clock.now() >= record.until {
            self.finish(record, Rejoined::Expired)?;
            return Ok(Record::load(&self.state)?.is_some());
        }
        if !self.wall.stands() {
            tracing::warn!("the wall of the isolation did not stand: it is raised again");
            self.wall.raise(&record.servers).map_err(IsolationError::Wall)?;
        }
        if !record.told {
            self.tell_code(record)?;
        }
        Ok(true)
    }

    /// Makes a code and tells it. A code that could not be kept for the server is replaced by another one later.
    fn tell_code(&self, mut record: Record) -> Result<(), IsolationError> {
        let code = record::new_code(self.chance.as_ref());
        record.code_sha256 = record::sha256(&code);
        record.save(&self.state)?;
        let event = EventBody::Isolated { until: record.until, code, finding: record.finding };
        match self.report.report(event) {
            Ok(()) => {
                record.told = true;
                record.save(&self.state)?;
            }
            Err(error) => tracing::warn!("{error}; the isolation is told later"),
        }
        Ok(())
    }

    fn finish(&self, mut record: Record, how: Rejoined) -> Result<(), IsolationError> {
        if record.ended.is_none() {
            record.ended = Some(how);
            record.save(&self.state)?;
        }
        self.wall.lower().map_err(IsolationError::Wall)?;
        match self.report.report(EventBody::Rejoined { how }) {
            Ok(()) => Record::forget(&self.state)?,
            Err(error) => tracing::warn!("{error}; the end of the isolation is told later"),
        }
        Ok(())
    }
}

fn addresses(server: &str) -> Result<Vec<SocketAddr>, String> {
    let found: Vec<SocketAddr> = server.to_socket_addrs().map_err(|e| e.to_string())?.collect();
    if found.is_empty() { Err("the name has no address".to_owned()) } else { Ok(found) }
}

#[cfg(test)]
mod tests;

//! What the device is made of and what runs on it: gathered at the start, once a day and by order, told when it changed.

use crate::identity::state_dir::StateDir;
use crate::lock::locked;
use crate::platform::gather::{Root, gather};
use crate::report::Report;
use crate::vault::seal::sha256_hex;
use baluardo_model::inventory::Inventory;
use baluardo_model::{Clock, Timestamp};
use baluardo_wire::exchange::EventBody;
use baluardo_wire::packed::{PackError, pack};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// How often it is gathered without an order.
const EVERY: Duration = Duration::from_secs(24 * 3_600);
/// What did not change is told again after so long, because a server may have been put back to an older state.
const TELL_AGAIN: Duration = Duration::from_secs(7 * 24 * 3_600);
/// How often the thread looks at the clock: a computer that slept all night is gathered soon after it wakes.
const LOOK: Duration = Duration::from_secs(3_600);

/// The file in the state folder.
const FILE: &str = "inventory.json";

/// What was told last.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct Told {
    digest: String,
    at: Option<Timestamp>,
}

/// What gathering is started with.
pub struct InventorySettings {
    /// The agent's own folder.
    pub state_dir: PathBuf,
    /// The system to look at.
    pub root: Root,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Who is told.
    pub report: Arc<dyn Report>,
}

/// Gathers until it is dropped.
pub struct InventoryWatch {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

struct Shared {
    settings: InventorySettings,
    state: StateDir,
    /// One gathers at a time.
    turn: Mutex<()>,
    over: Mutex<bool>,
    news: Condvar,
}

impl InventoryWatch {
    /// Begins, on a thread of its own.
    #[must_use]
    pub fn start(settings: InventorySettings) -> Arc<Self> {
        let state = StateDir::existing(&settings.state_dir);
        let (turn, over, news) = (Mutex::new(()), Mutex::new(false), Condvar::new());
        let shared = Arc::new(Shared { settings, state, turn, over, news });
        let mine = Arc::clone(&shared);
        let thread = std::thread::Builder::new().name("inventory".to_owned()).spawn(move || mine.live());
        if let Err(error) = &thread {
            tracing::warn!("what this computer is made of is told only by order: {error}");
        }
        Arc::new(Self { shared, thread: thread.ok() })
    }

    /// Gathers now and tells, whether it changed or not. Gives a note for people.
    ///
    /// # Errors
    /// A plain sentence that says why it could not be told.
    pub fn take(&self) -> Result<String, String> {
        let inventory = self.shared.look(true)?;
        Ok(format!(
            "{} packages, {} ports, {} accounts",
            inventory.packages.len(),
            inventory.ports.len(),
            inventory.accounts.len()
        ))
    }
}

impl Drop for InventoryWatch {
    fn drop(&mut self) {
        *locked(&self.shared.over) = true;
        self.shared.news.notify_all();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Shared {
    fn live(&self) {
        let mut looked: Option<Timestamp> = None;
        loop {
            let now = self.settings.clock.now();
            // A clock that went back must not put the next look off for years.
            if looked.is_none_or(|at| now < at || now.since(at) >= EVERY) {
                match self.look(false) {
                    Ok(_) => looked = Some(now),
                    Err(error) => tracing::warn!("what this computer is made of could not be told: {error}"),
                }
            }
            let over = locked(&self.over);
            if *over {
                return;
            }
            let (over, _) = self.news.wait_timeout(over, LOOK).unwrap_or_else(PoisonError::into_inner);
            if *over {
                return;
            }
        }
    }

    /// Gathers, and tells where it changed, was not told for long, or `always`.
    fn look(&self, always: bool) -> Result<Inventory, String> {
        let _turn = locked(&self.turn);
        let mut inventory = gather(&self.settings.root, &self.settings.state_dir);
        let now = self.settings.clock.now();
        let digest = digest_of(&inventory);
        let told: Told = self.state.read_json(FILE).ok().flatten().unwrap_or_default();
        let recently = told.at.is_some_and(|at| at <= now && now.since(at) < TELL_AGAIN);
        if always || told.digest != digest || !recently {
            let packed = shortened(&mut inventory)?;
            let event = EventBody::Inventory { taken_at: now, packed };
            self.settings.report.report(event).map_err(|e| e.to_string())?;
            // Were this lost, the same would be told once more.
            let told = Told { digest, at: Some(now) };
            self.state.write_json(FILE, &told).map_err(|e| e.to_string())?;
        }
        Ok(inventory)
    }
}

/// Packs it; where it is too long to travel, with fewer packages, and says so.
fn shortened(inventory: &mut Inventory) -> Result<String, String> {
    let all = inventory.packages.len();
    loop {
        match pack(inventory) {
            Ok(packed) => return Ok(packed),
            Err(PackError::TooLong { .. }) if !inventory.packages.is_empty() => {
                inventory.packages.truncate(inventory.packages.len() / 2);
                let left = inventory.packages.len();
                inventory.notes.retain(|note| !note.contains("too long to travel"));
                inventory.notes.push(format!("{all} packages are too long to travel, the first {left} are told"));
            }
            Err(error) => return Err(error.to_string()),
        }
    }
}

/// SHA-256 of the whole, so that only what changed is told.
fn digest_of(inventory: &Inventory) -> String {
    let json = serde_json::to_vec(inventory).unwrap_or_default();
    sha256_hex(&json)
}

#[cfg(test)]
mod tests;

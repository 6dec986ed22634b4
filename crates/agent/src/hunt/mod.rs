//! Hunts: looks for what an order names, within limits, and tells what it finds.
//!
//! An order puts a hunt on a list on the disk and is done; one thread takes the list one by one, so that no other order waits
//! for it, and takes it up again after a restart. What is told twice, the server knows by its name.

mod files;
mod live;
mod pace;

use crate::identity::state_dir::StateDir;
use crate::lock::locked;
use crate::platform::gather::Root;
use crate::report::Report;
use baluardo_model::hunt::{Hunt, HuntHit, HuntState, MAX_HITS, Quarry};
use baluardo_model::{Clock, HuntId};
use baluardo_wire::exchange::EventBody;
use pace::Pace;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// The file in the state folder.
const FILE: &str = "hunts.json";
/// The most hunts that wait.
const MAX_WAITING: usize = 100;
/// The most hits in one event.
const HITS_AT_ONCE: usize = 50;
/// How often it is told how a hunt stands, where nothing is found.
const TELL_EVERY: Duration = Duration::from_secs(30);

/// What hunting is started with.
pub struct HunterSettings {
    /// The agent's own folder: never looked into.
    pub state_dir: PathBuf,
    /// The system to look at.
    pub root: Root,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Who is told.
    pub report: Arc<dyn Report>,
}

/// Hunts until it is dropped.
pub struct Hunter {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

struct Shared {
    settings: HunterSettings,
    state: StateDir,
    list: Mutex<List>,
    news: Condvar,
}

/// What is to be done.
struct List {
    waiting: Vec<Hunt>,
    /// The hunt that is on, once somebody stopped it.
    stopped: Option<HuntId>,
    over: bool,
}

impl Hunter {
    /// Takes up what the last run left.
    #[must_use]
    pub fn start(settings: HunterSettings) -> Arc<Self> {
        let state = StateDir::existing(&settings.state_dir);
        let waiting = state.read_json(FILE).ok().flatten().unwrap_or_default();
        let list = Mutex::new(List { waiting, stopped: None, over: false });
        let shared = Arc::new(Shared { settings, state, list, news: Condvar::new() });
        let mine = Arc::clone(&shared);
        let thread = std::thread::Builder::new().name("hunt".to_owned()).spawn(move || mine.live());
        if let Err(error) = &thread {
            tracing::warn!("nothing can be looked for on this computer: {error}");
        }
        Arc::new(Self { shared, thread: thread.ok() })
    }

    /// Puts a hunt on the list.
    ///
    /// # Errors
    /// A plain sentence that says why not.
    pub fn take(&self, hunt: &Hunt) -> Result<String, String> {
        let mut list = locked(&self.shared.list);
        if self.thread.is_none() {
            return Err("the thread that looks could not be started".to_owned());
        }
        if !list.waiting.iter().any(|one| one.id == hunt.id) {
            if list.waiting.len() >= MAX_WAITING {
                return Err(format!("{MAX_WAITING} hunts wait here already"));
            }
            list.waiting.push(hunt.clone());
            self.shared.save(&list)?;
        }
        self.shared.news.notify_all();
        Ok(String::new())
    }

    /// Takes a hunt from the list, or stops it.
    ///
    /// # Errors
    /// A plain sentence that says why not.
    pub fn stop(&self, id: HuntId) -> Result<String, String> {
        let mut list = locked(&self.shared.list);
        if list.waiting.iter().any(|one| one.id == id) {
            list.stopped = Some(id);
            if list.waiting.first().is_none_or(|first| first.id != id) {
                list.waiting.retain(|one| one.id != id);
                self.shared.save(&list)?;
                self.shared.tell(id, HuntState::Stopped, 0, Vec::new(), "");
            }
        }
        Ok(String::new())
    }
}

impl Drop for Hunter {
    fn drop(&mut self) {
        locked(&self.shared.list).over = true;
        self.shared.news.notify_all();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Shared {
    fn live(&self) {
        while let Some(hunt) = self.next() {
            let ended = Search::new(self, &hunt).run();
            let mut list = locked(&self.list);
            if list.over && ended.is_none() {
                // It is begun anew with the next life.
                return;
            }
            list.waiting.retain(|one| one.id != hunt.id);
            list.stopped = None;
            if let Err(error) = self.save(&list) {
                tracing::warn!("a hunt that ended could not be taken from the list: {error}");
            }
        }
    }

    /// Waits for the next hunt; none at the end of this life.
    fn next(&self) -> Option<Hunt> {
        let mut list = locked(&self.list);
        loop {
            if list.over {
                return None;
            }
            if let Some(first) = list.waiting.first() {
                return Some(first.clone());
            }
            list = self.news.wait(list).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn save(&self, list: &List) -> Result<(), String> {
        self.state.write_json(FILE, &list.waiting).map_err(|e| e.to_string())
    }

    fn tell(&self, hunt: HuntId, state: HuntState, checked: u64, hits: Vec<HuntHit>, note: &str) {
        let event = EventBody::HuntTold { hunt, state, checked, hits, note: note.to_owned() };
        if let Err(error) = self.settings.report.report(event) {
            tracing::warn!("how a hunt stands could not be told: {error}");
        }
    }
}

/// One hunt that is on.
struct Search<'s> {
    shared: &'s Shared,
    hunt: &'s Hunt,
    pace: Pace,
    checked: u64,
    hits: Vec<HuntHit>,
    told: usize,
    told_at: Instant,
    /// Why it does not go on; none while it does.
    halt: Option<(HuntState, String)>,
    looks: u64,
}

impl<'s> Search<'s> {
    fn new(shared: &'s Shared, hunt: &'s Hunt) -> Self {
        let (pace, told_at) = (Pace::begin(), Instant::now());
        Self { shared, hunt, pace, checked: 0, hits: Vec::new(), told: 0, told_at, halt: None, looks: 0 }
    }

    /// Looks, and tells how it ended; nothing when this life of the agent ends before.
    fn run(mut self) -> Option<HuntState> {
        self.shared.tell(self.hunt.id, HuntState::Running, 0, Vec::new(), "");
        if self.goes_on() {
            let root = self.shared.settings.root.clone();
            if let Err(why) = self.look(&root) {
                self.halt.get_or_insert((HuntState::Failed, why));
            }
        }
        let (state, note) = self.halt.take().unwrap_or((HuntState::Done, String::new()));
        if state == HuntState::Running {
            return None;
        }
        while self.hits.len() > HITS_AT_ONCE {
            let rest = self.hits.split_off(HITS_AT_ONCE);
            let some = std::mem::replace(&mut self.hits, rest);
            self.shared.tell(self.hunt.id, HuntState::Running, self.checked, some, "");
        }
        self.shared.tell(self.hunt.id, state, self.checked, std::mem::take(&mut self.hits), &note);
        Some(state)
    }

    fn look(&mut self, root: &Root) -> Result<(), String> {
        match &self.hunt.quarry {
            Quarry::FileHash { .. } | Quarry::FileName { .. } | Quarry::FileRule { .. } => files::look(self, root)?,
            Quarry::Process { pattern } => live::processes(self, pattern),
            Quarry::Connection { address, port } => live::connections(self, root, *address, *port),
            Quarry::Account { pattern } => live::accounts(self, root, pattern),
            Quarry::Package { name, from, before } => {
                live::packages(self, root, name, (from.as_deref(), before.as_deref()))?;
            }
        }
        Ok(())
    }

    /// Whether to look at one more thing. Asks the list and the clock now and then, and rests.
    fn goes_on(&mut self) -> bool {
        if self.halt.is_some() {
            return false;
        }
        self.looks += 1;
        if self.looks % 64 == 1 {
            let list = locked(&self.shared.list);
            if list.over {
                // Not told: it is begun anew.
                self.halt = Some((HuntState::Running, String::new()));
            } else if list.stopped == Some(self.hunt.id) {
                self.halt = Some((HuntState::Stopped, String::new()));
            } else if self.shared.settings.clock.now() >= self.hunt.until {
                self.halt = Some((HuntState::Expired, String::new()));
            }
        }
        if self.halt.is_none()
            && let Some(limit) = self.pace.spent()
        {
            self.halt = Some((HuntState::Done, limit));
        }
        self.pace.rest();
        self.halt.is_none()
    }

    /// One more thing was looked at.
    fn checked(&mut self) {
        self.checked += 1;
        if self.told_at.elapsed() >= TELL_EVERY {
            self.told_at = Instant::now();
            let hits = std::mem::take(&mut self.hits);
            self.shared.tell(self.hunt.id, HuntState::Running, self.checked, hits, "");
        }
    }

    /// Something was found.
    fn found(&mut self, what: impl Into<String>, detail: impl Into<String>) {
        if self.told >= MAX_HITS {
            let note = format!("more than {MAX_HITS} were found: the first are told");
            self.halt.get_or_insert((HuntState::Done, note));
            return;
        }
        self.told += 1;
        self.hits.push(HuntHit { what: what.into(), detail: detail.into() });
        if self.hits.len() >= HITS_AT_ONCE {
            self.told_at = Instant::now();
            let hits = std::mem::take(&mut self.hits);
            self.shared.tell(self.hunt.id, HuntState::Running, self.checked, hits, "");
        }
    }

    fn own_folder(&self) -> &Path {
        &self.shared.settings.state_dir
    }
}

#[cfg(test)]
mod tests;

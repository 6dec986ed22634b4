//! Intrusion, even only attempted: what the system's log and the starts of programs tell is held against the Sigma rules of
//! our own, and what they find is told.
//!
//! Each source has a thread that sleeps until there is something to read (`sources`); one thread judges (`judge`), within
//! bounds of memory and of processor (`pace`). What it remembers, and how far it read, is one file (`saved`). A match begins
//! a finding or lets one grow (`ledger`).

mod clean;
mod ears;
mod judge;
mod ledger;
mod pace;
mod saved;
mod sources;

use crate::identity::state_dir::StateDir;
use crate::lock::locked;
use crate::protect::tell::Teller;
use crate::report::Report;
use baluardo_model::intrusion::IntrusionPolicy;
use baluardo_model::protection::Finding;
use baluardo_model::{Chance, Clock, Timestamp};
use ears::Hearing;
use judge::Judge;
use saved::Saved;
use sources::{From, Heard, Sources};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// What was judged is written down after so long.
const SAVE_AFTER: Duration = Duration::from_secs(60);
/// What could not be told is tried again after so long.
const TRY_AGAIN: Duration = Duration::from_secs(60);
/// A flood is told when it was counted for so long, and then once in an hour.
const FLOOD_COUNTED: Duration = Duration::from_secs(60);
const FLOOD_AGAIN: Duration = Duration::from_secs(3_600);

/// What watching is started with.
pub struct IntrusionSettings {
    /// The agent's own folder.
    pub state_dir: PathBuf,
    /// What to watch.
    pub policy: IntrusionPolicy,
    /// Files to read in place of the journal.
    pub log_files: Option<Vec<PathBuf>>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub chance: Arc<dyn Chance>,
    /// Who is told.
    pub report: Arc<dyn Report>,
}

/// Watches, while the policy says so. Dropping it stops it.
pub struct IntrusionWatch {
    state: StateDir,
    log_files: Option<Vec<PathBuf>>,
    clock: Arc<dyn Clock>,
    chance: Arc<dyn Chance>,
    teller: Arc<Teller>,
    running: Mutex<Option<Running>>,
    /// Why it does not run although it should.
    fault: Mutex<String>,
}

/// Threads at work under one policy.
struct Running {
    policy: IntrusionPolicy,
    over: Arc<AtomicBool>,
    sources: Option<Sources>,
    judge: Option<JoinHandle<()>>,
}

impl IntrusionWatch {
    /// Begins to follow the policy. What cannot be watched is a note for people, no error.
    #[must_use]
    pub fn start(settings: IntrusionSettings) -> Arc<Self> {
        let IntrusionSettings { state_dir, policy, log_files, clock, chance, report } = settings;
        let watch = Arc::new(Self {
            state: StateDir::existing(&state_dir),
            log_files,
            teller: Arc::new(Teller::new(report, Arc::clone(&clock), Arc::clone(&chance))),
            clock,
            chance,
            running: Mutex::new(None),
            fault: Mutex::default(),
        });
        watch.follow(policy);
        watch
    }

    /// Follows this policy from now on.
    pub fn follow(&self, policy: IntrusionPolicy) {
        let mut running = locked(&self.running);
        if running.as_ref().is_some_and(|running| running.policy == policy) {
            return;
        }
        // The old one ends, and writes down how far it came, before the new one begins there.
        *running = None;
        locked(&self.fault).clear();
        if !policy.watch {
            return;
        }
        match self.begin(policy) {
            Ok(begun) => *running = Some(begun),
            Err(e) => *locked(&self.fault) = format!("log-ins are not watched: {e}"),
        }
    }

    /// What is not watched and why, in words for a person; nothing when all is, or nothing shall be.
    #[must_use]
    pub fn notes(&self) -> Vec<String> {
        let mut notes = vec![locked(&self.fault).clone()];
        let running = locked(&self.running);
        notes.extend(running.iter().flat_map(|running| &running.sources).flat_map(|sources| sources.notes.clone()));
        notes.retain(|note| !note.is_empty());
        notes
    }

    fn begin(&self, policy: IntrusionPolicy) -> io::Result<Running> {
        let (saved, damage) = Saved::load(&self.state, self.chance.as_ref());
        if let Some(damage) = damage {
            self.teller.trouble("intrusion_memory", self.state.path(), &damage);
        }
        let from = From { cursor: saved.cursor.clone(), marks: saved.marks.clone(), files: self.log_files.clone() };
        let (ears, hearing) = ears::ears();
        let over = Arc::new(AtomicBool::new(false));
        let desk = Desk {
            state: self.state.clone(),
            clock: Arc::clone(&self.clock),
            teller: Arc::clone(&self.teller),
            over: Arc::clone(&over),
            judge: Judge::new(policy, saved),
            unsaved: None,
            untold: false,
            flood_due: None,
            flood_told: None,
        };
        let judge = std::thread::Builder::new().name("intrusion".to_owned()).spawn(move || desk.live(hearing))?;
        let mut running = Running { policy, over, sources: None, judge: Some(judge) };
        // The threads of the sources hold the only ends by which the judge is reached: when they end, it ends.
        running.sources = Some(Sources::open(from, &ears, &self.chance)?);
        Ok(running)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.over.store(true, Ordering::SeqCst);
        self.sources = None;
        if let Some(judge) = self.judge.take() {
            let _ = judge.join();
        }
    }
}

/// The life of the thread that judges.
struct Desk {
    state: StateDir,
    clock: Arc<dyn Clock>,
    teller: Arc<Teller>,
    over: Arc<AtomicBool>,
    judge: Judge,
    /// Since when something was judged that is not written down.
    unsaved: Option<Instant>,
    /// Whether something could not be told.
    untold: bool,
    /// When the flood that is on is to be told.
    flood_due: Option<Timestamp>,
    flood_told: Option<Timestamp>,
}

impl Desk {
    fn live(mut self, mut hearing: Hearing) {
        let mut worked = Duration::ZERO;
        while !self.over.load(Ordering::SeqCst) {
            let Some(heard) = hearing.next(self.patience()) else { break };
            let begun = Instant::now();
            for heard in heard {
                self.hear(heard, begun);
            }
            self.look_after(begun);
            worked += begun.elapsed();
            if let Some(rest) = pace::rest(&mut worked) {
                std::thread::sleep(rest);
            }
        }
        if !self.untold {
            self.save();
        }
    }

    /// How long it may sleep; for ever while nothing waits to be told or written.
    fn patience(&self) -> Option<Duration> {
        let save = self.unsaved.filter(|_| !self.untold).map(|since| SAVE_AFTER.saturating_sub(since.elapsed()));
        let again = self.untold.then_some(TRY_AGAIN);
        let now = self.clock.now();
        let flood = self.flood_due.map(|due| due.since(now));
        [save, again, flood, self.judge.next_due(now)].into_iter().flatten().min()
    }

    fn hear(&mut self, heard: Heard, begun: Instant) {
        let now = self.clock.now();
        // A program that starts, or a file that changes, leaves nothing to remember, unless something is told of it.
        let moves = !matches!(heard, Heard::Started(_) | Heard::Changed(_) | Heard::Lost(_));
        let found = match heard {
            Heard::Entry(line) => self.judge.entry(&line, now),
            Heard::Line(mark, text) => self.judge.line(mark, &text, now),
            Heard::Begun(mark) => {
                self.judge.marked(mark);
                Vec::new()
            }
            Heard::Changed(path) => self.judge.changed(&path, now),
            Heard::Started(start) => self.judge.start(&start, now),
            Heard::Lost(count) => {
                self.judge.floods.lost(count, "programs that start and files that change");
                Vec::new()
            }
        };
        if moves {
            self.unsaved.get_or_insert(begun);
        }
        self.tell(found);
    }

    /// What is due by now.
    fn look_after(&mut self, begun: Instant) {
        let now = self.clock.now();
        let due = self.judge.due(now);
        self.tell(due);
        if self.untold {
            self.untold = !self.teller.try_again();
        }
        let skipped = self.judge.take_skipped();
        if skipped > 0 {
            tracing::warn!(skipped, "lines of the log that are older than a day are not judged");
        }
        self.tell_floods(now);
        // What nobody has yet must be found again after a death.
        if !self.untold && self.unsaved.is_some_and(|since| begun.duration_since(since) >= SAVE_AFTER) {
            self.save();
        }
    }

    fn tell_floods(&mut self, now: Timestamp) {
        if !self.judge.floods.is_on() {
            return;
        }
        let after = self.flood_told.map_or(now, |told| told.plus(FLOOD_AGAIN));
        let due = *self.flood_due.get_or_insert(after.max(now.plus(FLOOD_COUNTED)));
        if now < due {
            return;
        }
        if let Some((count, what)) = self.judge.floods.take() {
            (self.flood_due, self.flood_told) = (None, Some(now));
            let detail =
                format!("so much was written or started at once, most by {what}, that {count} events were not judged");
            self.teller.trouble("intrusion_flood", Path::new(&what), &detail);
        }
    }

    /// First told, then written down: what is read again after a death is told again as the same finding.
    fn tell(&mut self, found: Vec<Finding>) {
        let any = !found.is_empty();
        for finding in found {
            tracing::info!(path = finding.path, "{}", finding.reasons.first().map_or("", |reason| &reason.detail));
            self.untold |= !self.teller.tell_finding(finding);
        }
        if any {
            self.unsaved.get_or_insert_with(Instant::now);
        }
        if any && !self.untold {
            self.save();
        }
    }

    fn save(&mut self) {
        if self.unsaved.take().is_some()
            && let Err(e) = self.judge.saved().keep(&self.state)
        {
            self.teller.trouble("intrusion_memory", self.state.path(), &e.to_string());
        }
    }
}

#[cfg(test)]
mod tests;

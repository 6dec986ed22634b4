//! Watches for ransomware: weighs every change in order, and stops who destroys documents at the moment it is known.

use super::actors::Family;
use super::asked;
use super::clearing::Clearing;
use super::core::{Change, Core, Watched, What};
use super::pulse::Beat;
use super::sink::weigh_long_writes;
use super::weigh::weigh;
use crate::platform::file::look;
use crate::platform::process::{Process, responsible};
use crate::platform::stop::{Stopped, stop_tree};
use crate::platform::suspects::Suspects;
use crate::vault::locked;
use baluardo_detect::guard::{Actor, Alarm, FileEvent, FileOp, Guard, GuardSettings};
use baluardo_model::Timestamp;
use baluardo_model::protection::ProcessSeen;
use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

/// How long the thread waits for work while something happens.
const TICK: Duration = Duration::from_millis(50);
/// The same in quiet times: so long the kernel keeps what it has to say of new processes.
const REST: Duration = Duration::from_secs(1);
/// How often it looks around, work or no work.
const LOOK: Duration = Duration::from_millis(40);
/// Processes are looked at not more often than this, where the sensor does not say who wrote.
const SAMPLE: Duration = Duration::from_millis(4);
/// How long an alarm without a name looks for one.
const SEARCH: Duration = Duration::from_millis(250);
/// After a search the next one takes one look only, for so long.
const SEARCH_AGAIN: Duration = Duration::from_secs(1);
/// After so long without a change nobody is suspected any more.
const QUIET: Duration = Duration::from_secs(10);

/// An alarm, and what was done at once.
pub(crate) struct Raised {
    pub(crate) alarm: Alarm,
    pub(crate) processes: Vec<ProcessSeen>,
    pub(crate) stopped: Stopped,
}

pub(crate) struct Watcher {
    core: Arc<Core>,
    guard: Guard,
    clearing: Clearing,
    suspects: Suspects,
    sampled: Instant,
    changed: Instant,
    searched: Option<Instant>,
    looked: Instant,
    alarms: Sender<Raised>,
    /// Work that was taken out of the lane while a culprit was searched for, in its order.
    ahead: VecDeque<Ahead>,
}

/// Work that waits, and whether the bytes that it wrote were counted already.
struct Ahead {
    work: Watched,
    counted: bool,
}

impl Watcher {
    pub(crate) fn new(core: Arc<Core>, alarms: Sender<Raised>) -> Self {
        let now = Instant::now();
        let guard = Guard::new(GuardSettings::default());
        Self {
            core,
            guard,
            clearing: Clearing::default(),
            suspects: Suspects::default(),
            sampled: now,
            changed: now,
            searched: None,
            looked: now,
            alarms,
            ahead: VecDeque::new(),
        }
    }

    /// The thread's life.
    pub(crate) fn live(mut self, work: &Receiver<Watched>, beat: &Beat) {
        beat.begins();
        while self.turn(work) && !self.core.over() {
            beat.begins();
            if self.looked.elapsed() >= LOOK {
                self.look_around();
            }
        }
    }

    /// Does the next piece of work, if one comes soon. `false` when no more will come.
    fn turn(&mut self, work: &Receiver<Watched>) -> bool {
        let next = match self.ahead.pop_front() {
            Some(ahead) => Ok(ahead),
            None => work.recv_timeout(self.rest()).map(|work| Ahead { work, counted: false }),
        };
        match next {
            Ok(Ahead { work: Watched::Changed(change), counted }) => {
                let actor = change.actor;
                self.change(change, counted, work);
                let mut pending = locked(&self.core.pending);
                if let Some(count) = pending.get_mut(&actor) {
                    *count = count.saturating_sub(1);
                    if *count == 0 {
                        pending.remove(&actor);
                    }
                }
            }
            Ok(Ahead { work: Watched::Asked(ask), .. }) => self.asked(ask),
            Ok(Ahead { work: Watched::Over(actor), .. }) => {
                self.guard.forget(actor);
                self.clearing.forget(actor);
                locked(&self.core.touches).forget(actor);
                locked(&self.core.alarmed).remove(&actor);
                locked(&self.core.refused).remove(&actor);
                self.suspects.clear();
            }
            Ok(Ahead { work: Watched::Look, .. }) | Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return false,
        }
        true
    }

    fn rest(&self) -> Duration {
        let is_busy = self.changed.elapsed() < 2 * QUIET || !locked(&self.core.open_writes).is_empty();
        if is_busy { TICK } else { REST }
    }

    fn look_around(&mut self) {
        self.looked = Instant::now();
        weigh_long_writes(&self.core);
        self.core.actors.catch_up();
        locked(&self.core.touches).prune(self.core.clock.now());
        if !self.suspects.is_empty() && self.changed.elapsed() > QUIET {
            self.suspects.clear();
        }
    }

    /// All that the asker did before is weighed by now.
    fn asked(&self, ask: super::core::Ask) {
        let rules = self.core.rules();
        if self.core.is_alarmed(ask.actor) {
            self.core.refuse(ask);
        } else if asked::known_answer(&self.core, &rules, &ask.path, ask.ticket.as_ref()) == Some(true) {
            ask.ticket.allow();
        } else {
            let _ = self.core.lanes.asks.send(Some(ask));
        }
    }

    fn change(&mut self, change: Change, counted: bool, work: &Receiver<Watched>) {
        let (at, actor) = (change.at, change.actor);
        self.changed = Instant::now();
        if actor == Actor::Unknown && self.sampled.elapsed() >= SAMPLE {
            self.sample();
        }
        for op in weigh(&self.core, change) {
            if actor == Actor::Unknown
                && !counted
                && let FileOp::Written { after: Some(after), .. } = &op
            {
                self.suspects.changed(after.len);
            }
            let cleared = self.clears(actor, &op, at);
            for op in std::iter::once(op).chain(cleared) {
                if let Some(alarm) = self.guard.observe(&FileEvent { at, actor, op }) {
                    self.raise(alarm, work);
                }
            }
        }
    }

    /// What the guard is told beside, when a deletion shows that somebody clears folders.
    fn clears(&mut self, actor: Actor, op: &FileOp, at: Timestamp) -> Option<FileOp> {
        if let FileOp::Created { path, .. } = op {
            self.clearing.made(actor, path, at);
        }
        if let FileOp::Renamed { from, to, .. } = op {
            self.clearing.renamed(&self.core, actor, from, to);
        }
        let FileOp::Deleted { path, .. } = op else { return None };
        let clears = actor != Actor::Unknown && self.clearing.deleted(&self.core, actor, path, at);
        clears.then(|| FileOp::Cleared { path: path.clone() })
    }

    fn sample(&mut self) {
        let rules = self.core.rules();
        self.suspects.sample(rules.scope.guarded_roots(), self.core.actors.untouchable());
        self.sampled = Instant::now();
    }

    fn raise(&mut self, alarm: Alarm, work: &Receiver<Watched>) {
        *locked(&self.core.last_alarm) = Some(Instant::now());
        self.core.attacked.store(true, std::sync::atomic::Ordering::SeqCst);
        let respond = self.core.rules().policy.respond;
        if respond && alarm.actor != Actor::Unknown {
            locked(&self.core.alarmed).insert(alarm.actor);
        }
        let family = match alarm.actor {
            Actor::Known(_) => self.core.actors.family(alarm.actor),
            Actor::Unknown => self.search(&alarm.harmed, work),
        };
        let running: Vec<Process> = family.members.into_iter().filter(Process::runs).collect();
        let stopped = if respond && !running.is_empty() { stop_tree(&running) } else { Stopped::default() };
        let _ = self.alarms.send(Raised { alarm, processes: family.seen, stopped });
    }

    /// Counts what waits to be weighed. On a busy machine the writer is far ahead of the weighing, and what it wrote can only
    /// be compared with what was changed if both are of the same moment.
    fn look_ahead(&mut self, work: &Receiver<Watched>) {
        while let Ok(work) = work.try_recv() {
            let wrote = match &work {
                Watched::Changed(Change { actor: Actor::Unknown, what: What::Wrote(path), .. }) => Some(path),
                _ => None,
            };
            let own = wrote.is_some_and(|path| self.core.own.is_written(path));
            let bytes = wrote.filter(|_| !own).and_then(|path| look(path).ok()).map(|look| look.stamp.size);
            if let Some(bytes) = bytes {
                self.suspects.changed(bytes);
            }
            self.ahead.push_back(Ahead { work, counted: bytes.is_some() });
        }
    }

    /// Looks for who is at work, where the sensor does not say.
    fn search(&mut self, harmed: &[PathBuf], work: &Receiver<Watched>) -> Family {
        // What still comes from one who was just stopped, or was just searched for in vain, is worth one look.
        let patience =
            if self.searched.is_some_and(|at| at.elapsed() < SEARCH_AGAIN) { Duration::ZERO } else { SEARCH };
        let begun = Instant::now();
        self.searched = Some(begun);
        loop {
            self.look_ahead(work);
            self.sample();
            if let Some(culprit) = self.suspects.culprit(harmed) {
                let root =
                    responsible(culprit.clone(), self.core.actors.untouchable()).unwrap_or_else(|| culprit.clone());
                let seen = if root == culprit { vec![culprit.seen()] } else { vec![root.seen(), culprit.seen()] };
                return Family { members: vec![root, culprit], seen };
            }
            if begun.elapsed() >= patience {
                return Family::default();
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protect::tests::idle;
    use crate::vault::testing::quick_folder;
    use baluardo_model::Timestamp;
    use std::sync::mpsc::channel;

    #[test]
    fn what_waits_to_be_weighed_is_counted_before_somebody_is_named_and_only_once() {
        let dir = quick_folder();
        let root = dir.path().canonicalize().unwrap();
        let protection = idle(&root, 1_000, 1);
        let (lane, work) = channel();
        for n in 0..20 {
            let path = root.join(format!("locked {n}"));
            std::fs::write(&path, vec![b'x'; 10_000]).unwrap();
            let (at, actor) = (Timestamp::from_micros(2_000), Actor::Unknown);
            lane.send(Watched::Changed(Change { at, actor, what: What::Wrote(path) })).unwrap();
            let gone = What::Went(root.join(format!("document {n}")));
            lane.send(Watched::Changed(Change { at, actor, what: gone })).unwrap();
        }
        drop(lane);
        let (alarms, _raised) = channel();
        let mut watcher = Watcher::new(Arc::clone(&protection.core), alarms);
        for _ in 0..2 {
            watcher.look_ahead(&work);
            assert_eq!((watcher.suspects.counted(), watcher.ahead.len()), ((20, 200_000), 40));
        }
        while watcher.turn(&work) {}
        assert_eq!(watcher.suspects.counted(), (20, 200_000), "what was counted ahead is not counted again");
    }
}

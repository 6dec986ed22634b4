//! Watches for ransomware: weighs every change in order, and stops who destroys documents at the moment it is known.

use super::actors::Family;
use super::asked;
use super::core::{Core, Watched};
use super::sink::weigh_long_writes;
use super::weigh::weigh;
use crate::platform::process::{Process, responsible};
use crate::platform::stop::{Stopped, stop_tree};
use crate::platform::suspects::Suspects;
use crate::vault::locked;
use baluardo_detect::guard::{Actor, Alarm, FileEvent, FileOp, Guard, GuardSettings};
use baluardo_model::protection::ProcessSeen;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

/// How long the thread waits for work.
const TICK: Duration = Duration::from_millis(50);
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
    suspects: Suspects,
    sampled: Instant,
    changed: Instant,
    searched: Option<Instant>,
    looked: Instant,
    alarms: Sender<Raised>,
}

impl Watcher {
    pub(crate) fn new(core: Arc<Core>, alarms: Sender<Raised>) -> Self {
        let now = Instant::now();
        let guard = Guard::new(GuardSettings::default());
        Self {
            core,
            guard,
            suspects: Suspects::default(),
            sampled: now,
            changed: now,
            searched: None,
            looked: now,
            alarms,
        }
    }

    /// The thread's life.
    pub(crate) fn live(mut self, work: &Receiver<Watched>) {
        loop {
            match work.recv_timeout(TICK) {
                Ok(Watched::Changed(change)) => {
                    let actor = change.actor;
                    self.change(change);
                    let mut pending = locked(&self.core.pending);
                    if let Some(count) = pending.get_mut(&actor) {
                        *count = count.saturating_sub(1);
                        if *count == 0 {
                            pending.remove(&actor);
                        }
                    }
                }
                Ok(Watched::Asked(ask)) => self.asked(ask),
                Ok(Watched::Over(actor)) => {
                    self.guard.forget(actor);
                    locked(&self.core.touches).forget(actor);
                    locked(&self.core.alarmed).remove(&actor);
                    self.suspects.clear();
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            if self.looked.elapsed() >= LOOK {
                self.look_around();
            }
            if self.core.over() {
                return;
            }
        }
    }

    fn look_around(&mut self) {
        self.looked = Instant::now();
        weigh_long_writes(&self.core);
        locked(&self.core.touches).prune(self.core.clock.now());
        if !self.suspects.is_empty() && self.changed.elapsed() > QUIET {
            self.suspects.clear();
        }
    }

    /// All that the asker did before is weighed by now.
    fn asked(&self, ask: super::core::Ask) {
        let rules = self.core.rules();
        if self.core.is_alarmed(ask.actor) {
            ask.ticket.refuse();
        } else if asked::known_answer(&self.core, &rules, &ask.path, ask.ticket.as_ref()) == Some(true) {
            ask.ticket.allow();
        } else {
            let _ = self.core.lanes.asks.send(ask);
        }
    }

    fn change(&mut self, change: super::core::Change) {
        let (at, actor) = (change.at, change.actor);
        self.changed = Instant::now();
        if actor == Actor::Unknown && self.sampled.elapsed() >= SAMPLE {
            self.sample();
        }
        for op in weigh(&self.core, change) {
            if actor == Actor::Unknown
                && let FileOp::Written { after: Some(after), .. } = &op
            {
                self.suspects.changed(after.len);
            }
            if let Some(alarm) = self.guard.observe(&FileEvent { at, actor, op }) {
                self.raise(alarm);
            }
        }
    }

    fn sample(&mut self) {
        let rules = self.core.rules();
        self.suspects.sample(rules.scope.guarded_roots(), self.core.actors.untouchable());
        self.sampled = Instant::now();
    }

    fn raise(&mut self, alarm: Alarm) {
        *locked(&self.core.last_alarm) = Some(Instant::now());
        let respond = self.core.rules().policy.respond;
        if respond && alarm.actor != Actor::Unknown {
            locked(&self.core.alarmed).insert(alarm.actor);
        }
        let family = match alarm.actor {
            Actor::Known(_) => self.core.actors.family(alarm.actor),
            Actor::Unknown => self.search(&alarm.harmed),
        };
        let running: Vec<Process> = family.members.into_iter().filter(Process::runs).collect();
        let stopped = if respond && !running.is_empty() { stop_tree(&running) } else { Stopped::default() };
        let _ = self.alarms.send(Raised { alarm, processes: family.seen, stopped });
    }

    /// Looks for who is at work, where the sensor does not say.
    fn search(&mut self, harmed: &[PathBuf]) -> Family {
        // What still comes from one who was just stopped, or was just searched for in vain, is worth one look.
        let patience =
            if self.searched.is_some_and(|at| at.elapsed() < SEARCH_AGAIN) { Duration::ZERO } else { SEARCH };
        let begun = Instant::now();
        self.searched = Some(begun);
        loop {
            self.sample();
            if let Some(culprit) = self.suspects.culprit(harmed) {
                let root = responsible(culprit.pid, self.core.actors.untouchable()).unwrap_or_else(|| culprit.clone());
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

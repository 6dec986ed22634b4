//! Sorts what the sensor sees: answers at once what is known, and sends the rest to whom it concerns. Runs on the sensor's
//! thread, so nothing here opens a watched file.

use super::asked::known_answer;
use super::core::{Ask, Change, Core, OpenWrite, Rules, Watched, What};
use super::work::Work;
use crate::platform::event::{Reach, SensorEvent};
use crate::platform::file::look;
use crate::platform::place::FileTime;
use crate::platform::sensor::Sink;
use crate::vault::locked;
use baluardo_detect::guard::Actor;
use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// From so many files on that an actor wrote and holds open, it must be weighed before it opens another.
const OPEN_WRITES: usize = 3;

/// So many files that an actor opened are looked at again when it opens another, of at most so many actors.
const OPENED: usize = 6;
const OPENERS: usize = 512;

/// Passes the sensor's events on to the threads of protection.
pub(crate) struct Sorter(pub(crate) Arc<Core>);

impl Sink for Sorter {
    fn event(&self, event: SensorEvent) {
        let core = &self.0;
        let rules = core.rules();
        match event {
            SensorEvent::Asked { ticket, path, pid, run } => {
                self.asked(&rules, Ask { ticket, path, pid, run, actor: None });
            }
            SensorEvent::Written { path, pid, closed } => self.written(&rules, path, pid, closed),
            SensorEvent::Created { path, pid } => {
                if core.guards(&rules, &path) && !core.own.is_passing(&path) {
                    self.changed(pid, What::Made(path));
                }
            }
            SensorEvent::Deleted { path, pid } => {
                if core.guards(&rules, &path) && !core.own.is_removed(&path) && !core.own.is_passing(&path) {
                    self.changed(pid, What::Went(path));
                }
            }
            SensorEvent::Renamed { from, to, folder, pid } => self.renamed(&rules, from, to, folder, pid),
            SensorEvent::FolderAppeared { path } => self.background(Work::Folder(path)),
            SensorEvent::Overflow => {
                core.teller.trouble(
                    "events_lost",
                    core.rules().scope.own(),
                    "the system dropped file events; all folders are looked at anew",
                );
                self.background(Work::Everything);
            }
        }
    }

    fn degraded(&self, reach: Reach) {
        self.0.teller.trouble("sensor_degraded", self.0.rules().scope.own(), &reach.note);
        *locked(&self.0.reach) = reach;
    }

    fn late(&self, count: usize) {
        let detail = format!("{count} files were opened unjudged because no verdict came in time");
        self.0.teller.trouble("verdict_late", self.0.rules().scope.own(), &detail);
    }

    fn looks(&self) {
        self.0.sensing.begins();
    }

    fn ends(&self) {
        self.0.sensing.rests();
    }
}

impl Sorter {
    fn asked(&self, rules: &Rules, ask: Ask) {
        let core = &self.0;
        if rules.scope.is_private(&ask.path) {
            ask.ticket.refuse();
            return;
        }
        if !core.guards(rules, &ask.path) && !rules.scope.scans(&ask.path) {
            return ask.ticket.allow();
        }
        let actor = core.actors.of(Some(ask.pid));
        let ask = Ask { actor, ..ask };
        if core.is_alarmed(actor) {
            return core.refuse(ask);
        }
        let mapped = actor.is_some_and(|actor| self.weigh_mapped(actor, &ask.path));
        if mapped || actor.is_some_and(|actor| core.pending(actor) > 0 || self.weigh_open_writes(actor)) {
            let _ = core.lanes.watched.send(Watched::Asked(ask));
        } else if known_answer(core, rules, &ask.path, ask.ticket.as_ref()) == Some(true) {
            ask.ticket.allow();
        } else {
            let _ = core.lanes.asks.send(Some(ask));
        }
    }

    /// Sends files to be weighed that an actor opened before and that changed since without a word: they are changed through
    /// memory, which no sensor tells before they are let go of.
    fn weigh_mapped(&self, actor: Actor, path: &Path) -> bool {
        let mut opened = locked(&self.0.opened);
        if opened.len() > OPENERS {
            opened.clear();
        }
        let theirs = opened.entry(actor).or_default();
        let is_changed = |path: &Path, then: FileTime| look(path).is_ok_and(|now| now.stamp.modified != then);
        let (changed, same): (VecDeque<_>, VecDeque<_>) =
            std::mem::take(theirs).into_iter().partition(|(path, then)| is_changed(path, *then));
        *theirs = same;
        if let Ok(now) = look(path) {
            theirs.push_back((path.to_owned(), now.stamp.modified));
        }
        while theirs.len() > OPENED {
            theirs.pop_front();
        }
        drop(opened);
        let now = self.0.clock.now();
        for (path, _) in &changed {
            self.send(Change { at: now, actor, what: What::Wrote(path.clone()) });
        }
        !changed.is_empty()
    }

    /// Sends the files that an actor wrote and holds open to be weighed, if they are many.
    fn weigh_open_writes(&self, actor: Actor) -> bool {
        let mut open = locked(&self.0.open_writes);
        if open.values().filter(|write| write.actor == actor).count() < OPEN_WRITES {
            return false;
        }
        let theirs: Vec<_> = open.extract_if(|_, write| write.actor == actor).collect();
        drop(open);
        for (path, write) in theirs {
            self.send(Change { at: write.first, actor, what: What::Wrote(path) });
        }
        true
    }

    fn written(&self, rules: &Rules, path: PathBuf, pid: Option<u32>, closed: bool) {
        let core = &self.0;
        if core.own.is_passing(&path) {
            return;
        }
        let actor = core.actors.of(pid);
        if core.guards(rules, &path) && actor.is_none() {
            // Nobody answers for it, but the vault follows what it wrote.
            core.dirty.changed(&path);
        }
        if let Some(actor) = actor
            && core.guards(rules, &path)
        {
            let now = core.clock.now();
            let mut open = locked(&core.open_writes);
            if closed {
                if let Some(theirs) = locked(&core.opened).get_mut(&actor) {
                    theirs.retain(|(opened, _)| *opened != path);
                }
                let at = open.remove(&path).map_or(now, |write| write.first);
                drop(open);
                self.send(Change { at, actor, what: What::Wrote(path.clone()) });
            } else {
                let is_first = open.is_empty();
                let entry = open.entry(path.clone()).or_insert(OpenWrite { actor, first: now, last: Instant::now() });
                entry.last = Instant::now();
                drop(open);
                if is_first {
                    let _ = core.lanes.watched.send(Watched::Look);
                }
            }
        }
        if closed && rules.scope.scans(&path) {
            self.background(Work::File(path));
        }
    }

    fn renamed(&self, rules: &Rules, from: Option<PathBuf>, to: Option<PathBuf>, folder: bool, pid: Option<u32>) {
        if from.as_deref().is_some_and(|from| self.0.own.is_passing(from)) {
            return;
        }
        if from.as_deref().is_some_and(|from| self.0.own.is_removed(from)) {
            // The agent itself set it aside.
            from.iter().chain(&to).for_each(|path| self.0.dirty.changed(path));
            return;
        }
        let guarded = |path: &Option<PathBuf>| path.as_deref().is_some_and(|path| self.0.guards(rules, path));
        if let (false, Some(to)) = (folder, &to)
            && rules.scope.scans(to)
        {
            self.background(Work::File(to.clone()));
        }
        if guarded(&from) || guarded(&to) {
            self.changed(pid, What::Renamed { from, to, folder });
        }
    }

    fn changed(&self, pid: Option<u32>, what: What) {
        if let Some(actor) = self.0.actors.of(pid) {
            return self.send(Change { at: self.0.clock.now(), actor, what });
        }
        match what {
            What::Wrote(path) | What::Made(path) | What::Went(path) => self.0.dirty.changed(&path),
            What::Renamed { from, to, .. } => from.iter().chain(&to).for_each(|path| self.0.dirty.changed(path)),
        }
    }

    fn send(&self, change: Change) {
        send_change(&self.0, change);
    }

    fn background(&self, work: Work) {
        let _ = self.0.lanes.background.send(work);
    }
}

/// A file that was written and is held open without a further write is weighed after this time.
const OPEN_QUIET: Duration = Duration::from_millis(300);
/// The same where nobody can be held back meanwhile.
const OPEN_QUIET_UNKNOWN: Duration = Duration::from_millis(60);

/// Sends writes that were not closed for a while to be weighed: a program may hold everything open until the end.
pub(crate) fn weigh_long_writes(core: &Core) {
    let is_long = |write: &OpenWrite| {
        let quiet = if write.actor == Actor::Unknown { OPEN_QUIET_UNKNOWN } else { OPEN_QUIET };
        write.last.elapsed() > quiet
    };
    let long: Vec<_> = locked(&core.open_writes).extract_if(|_, write| is_long(write)).collect();
    for (path, write) in long {
        send_change(core, Change { at: write.first, actor: write.actor, what: What::Wrote(path) });
    }
}

fn send_change(core: &Core, change: Change) {
    *locked(&core.pending).entry(change.actor).or_insert(0) += 1;
    let _ = core.lanes.watched.send(Watched::Changed(change));
}

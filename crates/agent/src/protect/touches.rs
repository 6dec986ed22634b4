//! What each actor did to which path, so that it can be undone.

use baluardo_detect::guard::Actor;
use baluardo_model::Timestamp;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long it is remembered.
const WINDOW: Duration = Duration::from_secs(3_600);
/// Most acts of one actor that are remembered.
const MOST: usize = 50_000;
/// An act may be told a moment after the sign that it gave.
const SLACK: Duration = Duration::from_millis(500);

/// What became of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Touch {
    /// What was there was changed, renamed away, replaced or deleted.
    Changed,
    /// It came into being.
    Made,
}

/// One path, and what was done to it first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct First {
    pub(crate) at: Timestamp,
    pub(crate) touch: Touch,
}

#[derive(Default)]
pub(crate) struct Touches(HashMap<Actor, VecDeque<(Timestamp, PathBuf, Touch)>>);

impl Touches {
    pub(crate) fn note(&mut self, actor: Actor, at: Timestamp, path: &Path, touch: Touch) {
        let acts = self.0.entry(actor).or_default();
        let same =
            acts.back().is_some_and(|(then, last, how)| last == path && *how == touch && at.since(*then) < SLACK);
        if !same {
            acts.push_back((at, path.to_owned(), touch));
        }
        while acts.len() > MOST || acts.front().is_some_and(|(first, ..)| at.since(*first) > WINDOW) {
            acts.pop_front();
        }
    }

    /// Every path that `actor` touched since `instant`, with its first touch since then.
    pub(crate) fn since(&self, actor: Actor, instant: Timestamp) -> BTreeMap<PathBuf, First> {
        let mut firsts = BTreeMap::new();
        for (at, path, touch) in self.0.get(&actor).into_iter().flatten() {
            if *at >= instant.minus(SLACK) {
                firsts.entry(path.clone()).or_insert(First { at: *at, touch: *touch });
            }
        }
        firsts
    }

    /// The actor is over.
    pub(crate) fn forget(&mut self, actor: Actor) {
        self.0.remove(&actor);
    }

    /// Drops actors that did nothing for the whole window.
    pub(crate) fn prune(&mut self, now: Timestamp) {
        self.0.retain(|_, acts| acts.back().is_some_and(|(last, ..)| now.since(*last) <= WINDOW));
    }
}

//! Sigma rules on events: what somebody does on a device, judged by rules that the whole world shares.
//!
//! Rules are read by [`RulesBuilder`] and put together so that an event meets only rules of its own log source, and of
//! those only the ones that it could fulfil. A [`Detector`] takes events one after the other and remembers what
//! correlations need. Time comes with the events.

mod assemble;
pub mod builtin;
mod condition;
mod correlate;
mod correlation;
mod encode;
mod event;
mod expr;
mod fnv;
mod grams;
mod hours;
mod index;
mod item;
pub mod logs;
mod matcher;
mod pack;
mod pattern;
mod places;
mod regex;
mod remember;
mod route;
mod rule;
mod table;
mod test;
mod yaml;

pub use assemble::Rules;
pub use correlate::Joined;
pub use event::{Event, Source};
pub use hours::note_hour;
pub use pack::{RulesBuilder, RulesReport, Skipped};
pub use places::Places;
pub use remember::Remembered;
pub use route::LogSource;
pub use rule::RuleInfo;

use baluardo_model::Timestamp;
use correlate::Memory;
use matcher::Room;
use std::sync::Arc;

/// Takes events and tells which rules they fulfil.
#[derive(Debug)]
pub struct Detector {
    rules: Arc<Rules>,
    /// Rules that only speak through a correlation.
    silent: Box<[bool]>,
    room: Room,
    memory: Memory,
}

/// A rule that is fulfilled.
#[derive(Clone, Debug)]
pub struct Match<'a> {
    /// The rule.
    pub rule: &'a RuleInfo,
    /// What came together, where the rule is a correlation.
    pub joined: Option<Joined>,
}

impl Detector {
    /// Puts rules in force.
    #[must_use]
    pub fn new(rules: Arc<Rules>) -> Self {
        let silent = assemble::silent(&rules);
        Self { rules, silent, room: Room::default(), memory: Memory::default() }
    }

    /// The rules in force.
    #[must_use]
    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// Takes an event. The rules that it fulfils come first, then the correlations that are reached with it. An event
    /// without a time is not correlated.
    pub fn observe(&mut self, event: &Event) -> Vec<Match<'_>> {
        let found = matcher::matches(&self.rules, &mut self.room, event);
        let joined = match event.at {
            Some(at) if !found.is_empty() => self.memory.take(&self.rules, &found, event, at),
            _ => Vec::new(),
        };
        let rules = &self.rules;
        let speaks = |rule: &u32| !self.silent.get(*rule as usize).copied().unwrap_or(false);
        let single = found.into_iter().filter(speaks).filter_map(|rule| rules.infos.get(rule as usize));
        let single = single.map(|rule| Match { rule, joined: None });
        let together = joined.into_iter().filter_map(|(number, joined)| {
            let correlation = rules.correlations.get(number as usize)?;
            Some(Match { rule: &correlation.info, joined: Some(joined) })
        });
        single.chain(together).collect()
    }

    /// What correlations remember, as it stands at `now`, for a disk: what is over by then is left out.
    #[must_use]
    pub fn remember(&self, now: Timestamp) -> Remembered {
        self.memory.keep(&self.rules, now)
    }

    /// Takes up what was kept. What belongs to rules that are no longer in force is forgotten.
    pub fn recall(&mut self, kept: Remembered) {
        self.memory.recall(&self.rules, kept);
    }

    /// How many groups the correlations remember.
    #[must_use]
    pub fn remembered(&self) -> usize {
        self.memory.groups()
    }
}

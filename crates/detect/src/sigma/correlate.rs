//! What correlations remember: matches of the last minutes, by group and within bounds.

use super::assemble::Rules;
use super::correlation::{Correlation, Kind, Member, Origin};
use super::event::Event;
use baluardo_model::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, VecDeque};

/// Most groups that one correlation remembers; beyond, those that were quiet longest are forgotten.
pub(super) const MOST_GROUPS: usize = 4_096;

/// Correlations that may follow from each other after one event.
const MOST_STEPS: usize = 256;

/// What a correlation found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Joined {
    /// Names and values of the fields that its matches share.
    pub group: Vec<(String, String)>,
    /// How many matches, values or rules came together.
    pub count: u64,
    /// The first of them.
    pub since: Timestamp,
}

/// The memory of all correlations.
#[derive(Debug, Default)]
pub(super) struct Memory {
    /// By correlation: groups by the values that they share.
    pub(super) groups: Vec<HashMap<Vec<String>, Group>>,
}

/// What is remembered of one group.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Group {
    pub(super) last: Timestamp,
    /// Matches, oldest first; no more than the condition asks for.
    times: VecDeque<Timestamp>,
    /// When each value was seen last.
    values: HashMap<String, Timestamp>,
    /// By member: when it matched last, or for an ordered one when the chain that it ends began.
    members: Vec<Option<Timestamp>>,
}

/// One match on its way through the correlations.
struct Step<'a> {
    of: Origin,
    /// The event, or the group that another correlation found.
    fields: Fields<'a>,
}

enum Fields<'a> {
    Event(&'a Event),
    Group(Vec<(String, String)>),
}

impl Fields<'_> {
    fn get(&self, name: &str) -> Option<&str> {
        match self {
            Self::Event(event) => event.get(name),
            Self::Group(group) => group.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str()),
        }
    }
}

impl Memory {
    /// Takes the rules that an event fulfilled at a time, and tells which correlations are reached with it.
    pub(super) fn take(&mut self, rules: &Rules, found: &[u32], event: &Event, at: Timestamp) -> Vec<(u32, Joined)> {
        if rules.correlations.is_empty() {
            return Vec::new();
        }
        self.groups.resize_with(rules.correlations.len(), HashMap::new);
        let first = found.iter().map(|rule| Step { of: Origin::Rule(*rule), fields: Fields::Event(event) });
        let mut steps: VecDeque<Step<'_>> = first.collect();
        let mut reached = Vec::new();
        let mut left = MOST_STEPS;
        while let Some(step) = steps.pop_front() {
            for (number, (correlation, groups)) in (0_u32..).zip(rules.correlations.iter().zip(&mut self.groups)) {
                if let Some(joined) = take_one(correlation, groups, &step, at)
                    && left > 0
                {
                    left -= 1;
                    let fields = Fields::Group(joined.group.clone());
                    steps.push_back(Step { of: Origin::Correlation(number), fields });
                    reached.push((number, joined));
                }
            }
        }
        reached
    }

    /// How many groups are remembered.
    pub(super) fn groups(&self) -> usize {
        self.groups.iter().map(HashMap::len).sum()
    }
}

fn take_one(
    correlation: &Correlation,
    groups: &mut HashMap<Vec<String>, Group>,
    step: &Step<'_>,
    at: Timestamp,
) -> Option<Joined> {
    let is_here = |member: &&Member| member.of == step.of;
    let first = correlation.members.iter().find(is_here)?;
    let key: Vec<String> =
        first.group_by.iter().map(|name| step.fields.get(name).map(str::to_owned)).collect::<Option<_>>()?;
    if groups.len() >= MOST_GROUPS && !groups.contains_key(&key) {
        make_room(groups, at.minus(correlation.span));
    }
    let group = groups.entry(key.clone()).or_insert_with(|| Group::new(at));
    group.last = at;
    let (count, since) = group.count(correlation, step, at)?;
    groups.remove(&key);
    let group = correlation.group_by.iter().cloned().zip(key).collect();
    Some(Joined { group, count, since })
}

/// Forgets groups whose time is over, and if that is not enough the quarter that was quiet longest.
fn make_room(groups: &mut HashMap<Vec<String>, Group>, over: Timestamp) {
    groups.retain(|_, group| group.last >= over);
    if groups.len() >= MOST_GROUPS {
        let mut times: Vec<Timestamp> = groups.values().map(|group| group.last).collect();
        times.sort_unstable();
        let quarter = times.get(MOST_GROUPS / 4).copied();
        groups.retain(|_, group| quarter.is_some_and(|quarter| group.last > quarter));
    }
}

impl Group {
    fn new(last: Timestamp) -> Self {
        Self { last, times: VecDeque::new(), values: HashMap::new(), members: Vec::new() }
    }

    /// Takes one match. When the condition is reached with it: how much came together, and since when.
    fn count(&mut self, correlation: &Correlation, step: &Step<'_>, at: Timestamp) -> Option<(u64, Timestamp)> {
        let over = at.minus(correlation.span);
        match &correlation.kind {
            Kind::Events(asked) => {
                self.times.push_back(at);
                self.times.retain(|time| *time >= over);
                let count = self.times.len() as u64;
                (count >= *asked).then(|| (count, self.times.iter().min().copied().unwrap_or(at)))
            }
            Kind::Values(_, asked) => {
                let counted = correlation.members.iter().find(|member| member.of == step.of)?.counted.as_deref()?;
                self.values.insert(step.fields.get(counted)?.to_owned(), at);
                self.values.retain(|_, time| *time >= over);
                let count = self.values.len() as u64;
                (count >= *asked).then(|| (count, self.values.values().min().copied().unwrap_or(at)))
            }
            Kind::Together(asked) => {
                self.members.resize(correlation.members.len(), None);
                for (member, slot) in correlation.members.iter().zip(&mut self.members) {
                    if member.of == step.of {
                        *slot = Some(at);
                    }
                }
                let recent = || self.members.iter().flatten().filter(|time| **time >= over);
                let count = recent().count();
                (count >= *asked).then(|| (count as u64, recent().min().copied().unwrap_or(at)))
            }
            Kind::Ordered => self.chain(correlation, step, at, over),
        }
    }

    /// For each member, when the latest chain of matches began that it ends.
    fn chain(
        &mut self,
        correlation: &Correlation,
        step: &Step<'_>,
        at: Timestamp,
        over: Timestamp,
    ) -> Option<(u64, Timestamp)> {
        self.members.resize(correlation.members.len(), None);
        // From the end, so that one match does not stand for two members in a row.
        for number in (0..correlation.members.len()).rev() {
            if correlation.members.get(number).is_none_or(|member| member.of != step.of) {
                continue;
            }
            let before = match number.checked_sub(1) {
                None => Some(at),
                Some(before) => self.members.get(before).copied().flatten(),
            };
            if let (Some(slot), Some(began)) = (self.members.get_mut(number), before.filter(|began| *began >= over)) {
                *slot = Some(began);
            }
        }
        let began = self.members.last().copied().flatten().filter(|began| *began >= over)?;
        Some((self.members.len() as u64, began))
    }
}

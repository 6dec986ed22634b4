//! What correlations remember, in a form that outlives the program.

use super::assemble::Rules;
use super::correlate::{Group, MOST_GROUPS, Memory};
use baluardo_model::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// Most groups of one correlation that are kept: those that were seen last.
const MOST_KEPT: usize = 512;

/// Longest values that name a group, in bytes together. Whoever writes longer names does so to fill the disk.
const LONGEST_KEY: usize = 512;

/// What correlations remembered.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Remembered(Vec<OfRule>);

#[derive(Clone, Debug, Serialize, Deserialize)]
struct OfRule {
    /// The correlation's id.
    rule: String,
    groups: Vec<(Vec<String>, Group)>,
}

impl Memory {
    /// What is not over at `now`, within bounds.
    pub(super) fn keep(&self, rules: &Rules, now: Timestamp) -> Remembered {
        let of_rule = |(correlation, groups): (&super::correlation::Correlation, &HashMap<Vec<String>, Group>)| {
            let over = now.minus(correlation.span);
            let fits = |key: &[String]| key.iter().map(String::len).sum::<usize>() <= LONGEST_KEY;
            let mut kept: Vec<_> = groups.iter().filter(|(key, group)| group.last >= over && fits(key)).collect();
            kept.sort_unstable_by_key(|(_, group)| std::cmp::Reverse(group.last));
            kept.truncate(MOST_KEPT);
            let groups: Vec<_> = kept.into_iter().map(|(key, group)| (key.clone(), group.clone())).collect();
            (!groups.is_empty()).then(|| OfRule { rule: correlation.info.id.to_string(), groups })
        };
        Remembered(rules.correlations.iter().zip(&self.groups).filter_map(of_rule).collect())
    }

    /// Takes up what was kept.
    pub(super) fn recall(&mut self, rules: &Rules, kept: Remembered) {
        self.groups.clear();
        self.groups.resize_with(rules.correlations.len(), HashMap::new);
        for of_rule in kept.0 {
            let is_it = |correlation: &super::correlation::Correlation| *correlation.info.id == *of_rule.rule;
            let at = rules.correlations.iter().position(is_it);
            if let Some(groups) = at.and_then(|at| self.groups.get_mut(at)) {
                groups.extend(of_rule.groups.into_iter().take(MOST_GROUPS));
            }
        }
    }
}

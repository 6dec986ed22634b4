//! Leaves out one group of sources after the other, so that every message is weighed by a model that never saw its kind.

use crate::collections::Example;
use crate::learner::{Words, train};
use crate::scale::{Honest, Seen, choose_levels, learn as learn_scale, level};
use baluardo_mail::learn::Scale;
use baluardo_mail::{Facts, may_be_held};
use std::collections::BTreeSet;

/// A group left out, and the model of all others.
pub(crate) struct Fold {
    pub(crate) group: String,
    pub(crate) words: Words,
    pub(crate) scale: Scale,
}

/// Every fold, and what came of all together.
pub(crate) struct Folds<'a> {
    pub(crate) folds: Vec<Fold>,
    /// Every message that is learned from, weighed by words that did not see its group.
    pub(crate) seen: Vec<Seen<'a>>,
}

/// Trains without each group in turn.
pub(crate) fn learn(examples: &[Example]) -> Folds<'_> {
    let groups: BTreeSet<&str> = examples.iter().map(|one| one.group.as_str()).collect();
    let groups: Vec<&str> = groups.into_iter().collect();
    let without = &|group: &str| {
        let kept: Vec<_> = examples.iter().filter(|one| one.group != group).collect();
        (group.to_owned(), train(&kept))
    };
    let folds: Vec<(String, Words)> = std::thread::scope(|scope| {
        let halves = groups
            .chunks(groups.len().div_ceil(2))
            .map(|half| scope.spawn(move || half.iter().map(|group| without(group)).collect::<Vec<_>>()));
        let halves: Vec<_> = halves.collect();
        halves
            .into_iter()
            .flat_map(|half| half.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    });
    let words_of = |one: &Example| {
        folds.iter().find(|(group, _)| *group == one.group).map_or(0.0, |(_, words)| words.sum(&one.features))
    };
    let seen: Vec<Seen<'_>> = examples.iter().map(|example| Seen { example, words: words_of(example) }).collect();
    let folds = folds
        .into_iter()
        .map(|(group, words)| {
            let kept: Vec<Seen<'_>> = seen.iter().filter(|one| one.example.group != group).copied().collect();
            Fold { scale: scale_of(&kept), group, words }
        })
        .collect();
    Folds { folds, seen }
}

/// Weights and levels from messages whose words were weighed by models that did not see their group.
fn scale_of(seen: &[Seen<'_>]) -> Scale {
    let mut scale = learn_scale(seen);
    let honest = honest_levels(&scale, seen, |_| true);
    let holdable = honest_levels(&scale, seen, may_be_held);
    choose_levels(&mut scale, &honest, &holdable);
    scale
}

/// The levels of honest mail by group; what does not count has the lowest.
fn honest_levels(scale: &Scale, seen: &[Seen<'_>], counts: impl Fn(&Facts) -> bool) -> Honest {
    let mut honest = Honest::new();
    for one in seen.iter().filter(|one| !one.example.hostile) {
        let facts = &one.example.facts;
        let level = if counts(facts) { level(scale, one.words, facts) } else { f32::MIN };
        honest.entry(one.example.group.clone()).or_default().push(level);
    }
    honest
}

impl Folds<'_> {
    /// How words and facts are weighed in the model that learned from everything.
    pub(crate) fn scale(&self) -> Scale {
        scale_of(&self.seen)
    }

    /// Levels of honest mail, words weighed by models that did not see its group.
    pub(crate) fn honest(&self, scale: &Scale) -> Vec<f32> {
        honest_levels(scale, &self.seen, |_| true).into_values().flatten().collect()
    }
}

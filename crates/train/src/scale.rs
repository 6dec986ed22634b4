//! Learns how words and facts are weighed together, and at which levels something is done.
//!
//! What words say is taken from models that did not see the source in question. A fact begins with what its strength says
//! and is moved by the data, never to the other side of zero.

use crate::collections::Example;
use baluardo_mail::learn::{Scale, before_learning, heard};
use baluardo_mail::{Fact, Facts, Strength};
use std::collections::BTreeMap;

/// One message: what the words say that nobody learned from it, and its facts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seen<'a> {
    /// The message.
    pub(crate) example: &'a Example,
    /// Sum of words by a model that did not see its source.
    pub(crate) words: f32,
}

/// How many messages' worth the beginning of each weight is.
const TRUST: f32 = 12.0;
/// Messages that each side counts as, taken together.
const SIDE: f32 = 2_000.0;
/// Steps of the descent.
const STEPS: usize = 400;
/// Share of honest mail left out that may be held, of all and of each group alone; and the least level for it whatever the data
/// allow, because there are kinds of mail that no collection holds.
const HELD: (f64, f64, f32) = (0.0008, 0.03, 2.4);
/// The same for mail that is marked.
const MARKED: (f64, f64, f32) = (0.006, 0.10, 1.4);

/// Learns bias, the say of words and the say of each fact.
pub(crate) fn learn(seen: &[Seen<'_>]) -> Scale {
    let counts = counts(seen);
    let begin = Scale::default();
    let mut scale = begin.clone();
    // Adam, in full passes: some ninety weights and a few ten thousand messages.
    let size = begin.facts.len() + 2;
    let (mut mean, mut square) = (vec![0.0_f32; size], vec![0.0_f32; size]);
    for step in 1..=STEPS {
        let mut slope = vec![0.0_f32; size];
        for (one, count) in seen.iter().zip(&counts) {
            let guess = 1.0 / (1.0 + (-level(&scale, one.words, &one.example.facts)).exp());
            let error = (guess - f32::from(u8::from(one.example.hostile))) * count;
            slope[0] += error;
            slope[1] += error * heard(one.words, &one.example.facts);
            for found in one.example.facts.iter() {
                slope[2 + found.fact as usize] += error;
            }
        }
        slope[1] += TRUST * 4.0 * (scale.words - begin.words);
        for (at, (weight, prior)) in scale.facts.iter().zip(&begin.facts).enumerate() {
            slope[2 + at] += TRUST * (weight - prior);
        }
        let rate = 0.05 / (1.0 + step as f32 / 100.0);
        for at in 0..size {
            mean[at] = 0.9 * mean[at] + 0.1 * slope[at];
            square[at] = 0.99 * square[at] + 0.01 * slope[at] * slope[at];
            let move_by = rate * mean[at] / (square[at].sqrt() + 1e-6);
            match at {
                0 => scale.bias -= move_by,
                1 => scale.words = (scale.words - move_by).max(0.05),
                _ => scale.facts[at - 2] = within(Fact::ALL[at - 2], scale.facts[at - 2] - move_by),
            }
        }
    }
    scale
}

/// Keeps a weight on its side, and what settles a matter at its full weight.
fn within(fact: Fact, weight: f32) -> f32 {
    let begin = before_learning(fact.strength());
    match fact.strength() {
        Strength::Good => weight.clamp(-2.0, 0.0),
        Strength::Weak => weight.clamp(0.0, 0.45),
        Strength::Support => weight.clamp(0.1, 1.6),
        Strength::Strong => weight.clamp(1.0, 3.5),
        Strength::Grave => weight.clamp(3.0, 5.0),
        Strength::Certain => begin,
    }
}

/// The level of a message.
pub(crate) fn level(scale: &Scale, words: f32, facts: &Facts) -> f32 {
    scale.bias
        + scale.words * heard(words, facts)
        + facts.iter().map(|found| scale.facts[found.fact as usize]).sum::<f32>()
}

/// How much each message counts: both sides the same, and within a side each source by the root of its size and its weight.
fn counts(seen: &[Seen<'_>]) -> Vec<f32> {
    let mut sizes: BTreeMap<(bool, &str), f32> = BTreeMap::new();
    for one in seen {
        *sizes.entry((one.example.hostile, one.example.source.as_str())).or_default() += 1.0;
    }
    let side = |hostile: bool| -> f32 {
        sizes.iter().filter(|((of, _), _)| *of == hostile).map(|(_, size)| size.sqrt()).sum()
    };
    let sides = [side(false), side(true)];
    seen.iter()
        .map(|one| {
            let size = sizes.get(&(one.example.hostile, one.example.source.as_str())).copied().unwrap_or(1.0);
            SIDE * size.sqrt() / size / sides[usize::from(one.example.hostile)].max(1.0)
        })
        .collect()
}

/// Levels of honest mail by group.
pub(crate) type Honest = BTreeMap<String, Vec<f32>>;

/// Chooses the levels at which mail is held and marked: the lowest at which honest mail that was left out passes. Of `holdable` the
/// messages that rules keep from being held have the lowest level that there is.
pub(crate) fn choose_levels(scale: &mut Scale, honest: &Honest, holdable: &Honest) {
    let level = |honest: &Honest, (share, of_one, least): (f64, f64, f32)| {
        let all: Vec<f32> = honest.values().flatten().copied().collect();
        let one = honest.values().map(|levels| above(levels, of_one));
        one.fold(above(&all, share).max(least), f32::max)
    };
    scale.hold = level(holdable, HELD);
    scale.mark = level(honest, MARKED).min(scale.hold - 0.5);
}

/// The level that a share of these levels is above.
pub(crate) fn above(levels: &[f32], share: f64) -> f32 {
    let mut sorted = levels.to_vec();
    sorted.sort_by(|a, b| b.total_cmp(a));
    let at = (sorted.len() as f64 * share) as usize;
    sorted.get(at).copied().unwrap_or(0.0) + 1e-3
}

//! Learns what words say: logistic regression by `AdaGrad`, in a fixed order, so that the same data give the same model.

use crate::example::{Example, mix};
use baluardo_detect::nature::{BUCKETS, Kind, Linear};
use std::collections::HashMap;

/// Times that every example is seen.
const ROUNDS: usize = 4;
/// Length of the first step.
const STEP: f32 = 0.1;
/// Pull of the weights towards zero.
const PULL: f32 = 3e-5;
/// What is left of a weight that only one group of its side stands for.
const ONE_GROUP: f32 = 0.3;

/// What was learned.
pub(crate) struct Words {
    values: Vec<f32>,
    offsets: [f32; 7],
}

/// The number of a language.
pub(crate) fn number(kind: Kind) -> usize {
    Kind::SCRIPTS.iter().position(|each| *each == kind).unwrap_or_default()
}

impl Words {
    /// The weighed sum of an example's words, limited as the product limits it.
    pub(crate) fn sum(&self, example: &Example) -> f32 {
        self.raw(example).clamp(-4.0, 4.0)
    }

    fn raw(&self, example: &Example) -> f32 {
        let words = example.seen.words.iter().map(|(place, value)| value * self.values[*place as usize]);
        self.offsets[number(example.seen.kind)] + words.sum::<f32>()
    }

    /// As the model keeps it: bytes, and what each language begins with.
    pub(crate) fn to_linear(&self) -> (Linear, [f32; 7]) {
        let mut sizes: Vec<f32> = self.values.iter().map(|value| value.abs()).filter(|value| *value > 1e-6).collect();
        sizes.sort_by(f32::total_cmp);
        // The few largest weights are cut off, so that the many small ones keep their differences.
        let largest = sizes.get(sizes.len().saturating_sub(1 + sizes.len() / 10_000)).copied().unwrap_or(1.0);
        let step = largest / 127.0;
        let hashed = self.values.iter().map(|value| (value / step).round().clamp(-127.0, 127.0) as i8).collect();
        (Linear { step, hashed }, self.offsets)
    }
}

/// What each example counts: both sides of a language alike, and no group more than the root of its size.
pub(crate) fn weights(examples: &[&Example]) -> Vec<f32> {
    let mut groups: HashMap<(Kind, bool, &str), f32> = HashMap::new();
    for example in examples {
        *groups.entry((example.seen.kind, example.hostile, &example.group)).or_default() += 1.0;
    }
    let mut sides: HashMap<(Kind, bool), f32> = HashMap::new();
    for ((kind, hostile, _), count) in &groups {
        *sides.entry((*kind, *hostile)).or_default() += count.sqrt();
    }
    let all = examples.len() as f32;
    let of = |example: &&Example| {
        let side = (example.seen.kind, example.hostile);
        let group = groups[&(side.0, side.1, example.group.as_str())];
        // Languages count by the root of their number of files too.
        let language: f32 = groups.iter().filter(|((kind, _, _), _)| *kind == side.0).map(|(_, count)| count).sum();
        (language / all).sqrt() * all / (group.sqrt() * sides[&side] * 4.0)
    };
    examples.iter().map(|example| of(example).clamp(0.05, 20.0)).collect()
}

/// Learns from examples.
pub(crate) fn train(examples: &[&Example]) -> Words {
    let weights = weights(examples);
    let mut words = Words { values: vec![0.0; BUCKETS], offsets: [-0.5; 7] };
    let mut seen = vec![1e-3_f32; BUCKETS];
    let mut seen_offset = [1.0_f32; 7];
    let mut order: Vec<usize> = (0..examples.len()).collect();
    for round in 0..ROUNDS {
        order.sort_by_key(|at| mix((*at as u64) << 8 ^ round as u64));
        for at in &order {
            let example = examples[*at];
            let guess = 1.0 / (1.0 + (-words.raw(example)).exp());
            let error = (guess - f32::from(u8::from(example.hostile))) * weights[*at];
            for (place, value) in &example.seen.words {
                let place = *place as usize;
                let slope = error * value + PULL * words.values[place];
                seen[place] += slope * slope;
                words.values[place] -= STEP * slope / seen[place].sqrt();
            }
            let language = number(example.seen.kind);
            seen_offset[language] += error * error;
            words.offsets[language] -= STEP * error / seen_offset[language].sqrt();
        }
    }
    shrink(&mut words, examples);
    words
}

/// A word that only one group of its side uses says less: it may be that group's habit.
fn shrink(words: &mut Words, examples: &[&Example]) {
    let mut first: [Vec<u32>; 2] = [vec![0; BUCKETS], vec![0; BUCKETS]];
    let mut many = [vec![false; BUCKETS], vec![false; BUCKETS]];
    let mut names: HashMap<&str, u32> = HashMap::new();
    for example in examples {
        let next = u32::try_from(names.len()).unwrap_or_default() + 1;
        let group = *names.entry(&example.group).or_insert(next);
        let side = usize::from(example.hostile);
        for (place, _) in &example.seen.words {
            let place = *place as usize;
            let known = &mut first[side][place];
            many[side][place] |= *known != 0 && *known != group;
            *known = group;
        }
    }
    for (place, value) in words.values.iter_mut().enumerate() {
        let side = usize::from(*value > 0.0);
        if !many[side][place] {
            *value *= ONE_GROUP;
        }
    }
}

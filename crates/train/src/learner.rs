//! Learns words: logistic regression by `AdaGrad`, in a fixed order made from a seed, so that the same data give the same model.

use crate::collections::Example;
use baluardo_mail::learn::{BUCKETS, Features, Model, Scale, limited};
use std::collections::BTreeMap;

/// Times that every example is seen.
const ROUNDS: usize = 4;
/// Length of the first step.
const STEP: f32 = 0.08;
/// Pull of the weights towards zero.
const PULL: f32 = 2e-5;
/// What is left of a weight that only one source of its side stands for.
const ONE_SOURCE: f32 = 0.3;

/// What was learned of words.
pub(crate) struct Words {
    values: Vec<f32>,
    offset: f32,
}

impl Words {
    /// The weighed sum of features, limited as the product limits it.
    pub(crate) fn sum(&self, features: &Features) -> f32 {
        limited(
            self.offset
                + features.values.iter().map(|(place, value)| value * self.values[*place as usize]).sum::<f32>(),
        )
    }

    /// As a model file.
    pub(crate) fn to_model(&self, scale: &Scale) -> Vec<u8> {
        Model::write(&self.values, self.offset, scale)
    }
}

/// Learns from examples. Each source counts as its weight says, whatever its size.
pub(crate) fn train(examples: &[&Example]) -> Words {
    let mut words = Words { values: vec![0.0; BUCKETS], offset: -0.5 };
    let mut seen = vec![1e-3_f32; BUCKETS];
    let mut seen_offset = 1.0_f32;
    let mut order: Vec<usize> = (0..examples.len()).collect();
    let mut dice = Dice(0x5EED);
    for _ in 0..ROUNDS {
        for at in (1..order.len()).rev() {
            order.swap(at, dice.below(at + 1));
        }
        for at in &order {
            let example = examples[*at];
            let sum = words.offset
                + example
                    .features
                    .values
                    .iter()
                    .map(|(place, value)| value * words.values[*place as usize])
                    .sum::<f32>();
            let guess = 1.0 / (1.0 + (-sum).exp());
            let error = (guess - f32::from(u8::from(example.hostile))) * example.weight;
            for (place, value) in &example.features.values {
                let place = *place as usize;
                let slope = error * value + PULL * words.values[place];
                seen[place] += slope * slope;
                words.values[place] -= STEP * slope / seen[place].sqrt();
            }
            seen_offset += error * error;
            words.offset -= STEP * error / seen_offset.sqrt();
        }
    }
    forget_what_one_source_says(&mut words, examples);
    words
}

/// A word that only one source of its side uses tells that source, not the side.
fn forget_what_one_source_says(words: &mut Words, examples: &[&Example]) {
    let mut numbers: BTreeMap<&str, u32> = BTreeMap::new();
    let mut sources = vec![[0_u32; 2]; BUCKETS];
    for example in examples {
        let next = u32::try_from(numbers.len()).unwrap_or(31).min(31);
        let number = *numbers.entry(example.source.as_str()).or_insert(next);
        for (place, _) in &example.features.values {
            sources[*place as usize][usize::from(example.hostile)] |= 1 << number;
        }
    }
    for (weight, seen) in words.values.iter_mut().zip(&sources) {
        if seen[usize::from(*weight > 0.0)].count_ones() < 2 {
            *weight *= ONE_SOURCE;
        }
    }
}

/// Chance from a seed (xorshift).
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    /// A number below `end`.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33).unwrap_or(0) % end.max(1)
    }

    /// Whether something happens that happens `percent` times in a hundred.
    pub(crate) fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// One of several.
    pub(crate) fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }
}

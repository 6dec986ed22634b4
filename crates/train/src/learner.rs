//! Logistic regression by AdaGrad, in a fixed order made from a seed: the same data give the same model.

use crate::collections::Example;
use baluardo_mail::learn::{BUCKETS, Features, Model};

/// Times that every example is seen.
const ROUNDS: usize = 5;
/// Length of the first step.
const STEP: f32 = 0.08;
/// Pull of the hashed weights towards zero.
const PULL: f32 = 5e-6;
/// Room for facts behind the hashed features.
const FACTS: usize = 128;

/// What was learned.
pub(crate) struct Weights {
    values: Vec<f32>,
    offset: f32,
}

impl Weights {
    /// The weighed sum of features.
    pub(crate) fn sum(&self, features: &Features) -> f32 {
        self.offset + features.values.iter().map(|(place, value)| value * self.values[*place as usize]).sum::<f32>()
    }

    /// As a model file.
    pub(crate) fn to_model(&self) -> Vec<u8> {
        Model::write(&self.values, self.offset)
    }
}

/// Trains on examples.
pub(crate) fn train(examples: &[&Example]) -> Weights {
    let mut weights = Weights { values: vec![0.0; BUCKETS + FACTS], offset: -0.5 };
    let mut seen = vec![1e-3_f32; BUCKETS + FACTS];
    let mut seen_offset = 1.0_f32;
    let mut order: Vec<usize> = (0..examples.len()).collect();
    let mut dice = Dice(0x5EED);
    for _ in 0..ROUNDS {
        for at in (1..order.len()).rev() {
            order.swap(at, dice.below(at + 1));
        }
        for at in &order {
            let example = examples[*at];
            let guess = 1.0 / (1.0 + (-weights.sum(&example.features)).exp());
            let error = (guess - f32::from(u8::from(example.hostile))) * example.weight;
            for (place, value) in &example.features.values {
                let place = *place as usize;
                let slope = error * value + PULL * weights.values[place];
                seen[place] += slope * slope;
                weights.values[place] -= STEP * slope / seen[place].sqrt();
            }
            seen_offset += error * error;
            weights.offset -= STEP * error / seen_offset.sqrt();
        }
    }
    weights
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

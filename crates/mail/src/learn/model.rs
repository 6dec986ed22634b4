//! The trained model: one byte for each hashed feature, four for each fact, a step and an offset for each question.

use super::features::{BUCKETS, FACT_BASE, Features};
use crate::look::Fact;

/// What every model file begins with.
const MAGIC: &[u8; 8] = b"BALMAIL1";
/// The shipped model.
static SHIPPED: &[u8] = include_bytes!("../../../../data/mail/model.bin");

/// Why a file is no model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModelError {
    /// It does not begin as a model does, or has another length.
    NoModel,
    /// It was trained for other facts: train it again.
    OtherFacts,
}

impl std::fmt::Display for ModelError {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(match self {
            Self::NoModel => "the file is no mail model",
            Self::OtherFacts => {
                "the mail model was trained for other facts than this program knows: run make train-mail"
            }
        })
    }
}

impl std::error::Error for ModelError {}

/// Weights, read where they lie.
#[derive(Clone, Copy, Debug)]
pub struct Model<'a> {
    step: f32,
    offset: f32,
    facts: &'a [u8],
    hashed: &'a [u8],
}

impl Model<'static> {
    /// The model that ships.
    #[must_use]
    pub fn shipped() -> Self {
        // A test reads it; a model that cannot be read weighs nothing, and the facts still speak.
        Self::read(SHIPPED).unwrap_or(Model { step: 0.0, offset: -3.0, facts: &[], hashed: &[] })
    }
}

impl<'a> Model<'a> {
    /// Reads a model file.
    ///
    /// # Errors
    /// When the bytes are no model, or one for another list of facts.
    pub fn read(bytes: &'a [u8]) -> Result<Self, ModelError> {
        let (head, rest) = bytes.split_at_checked(20).ok_or(ModelError::NoModel)?;
        let number =
            |at: usize| head.get(at..at + 4).and_then(|bytes| bytes.try_into().ok()).ok_or(ModelError::NoModel);
        if !head.starts_with(MAGIC) {
            return Err(ModelError::NoModel);
        }
        let count = usize::try_from(u32::from_le_bytes(number(8)?)).map_err(|_| ModelError::NoModel)?;
        if count != Fact::ALL.len() {
            return Err(ModelError::OtherFacts);
        }
        let (facts, hashed) = rest.split_at_checked(count * 4).ok_or(ModelError::NoModel)?;
        if hashed.len() != BUCKETS {
            return Err(ModelError::NoModel);
        }
        Ok(Self { step: f32::from_le_bytes(number(12)?), offset: f32::from_le_bytes(number(16)?), facts, hashed })
    }

    /// Writes weights as a model file: `weights` holds the hashed ones and behind them one for each fact.
    #[must_use]
    pub fn write(weights: &[f32], offset: f32) -> Vec<u8> {
        let hashed = weights.get(..BUCKETS).unwrap_or_default();
        let largest = hashed.iter().fold(1e-6_f32, |most, weight| most.max(weight.abs()));
        let step = largest / 127.0;
        let mut out = MAGIC.to_vec();
        out.extend(u32::try_from(Fact::ALL.len()).unwrap_or_default().to_le_bytes());
        out.extend(step.to_le_bytes());
        out.extend(offset.to_le_bytes());
        for at in 0..Fact::ALL.len() {
            out.extend(weights.get(BUCKETS + at).copied().unwrap_or_default().to_le_bytes());
        }
        out.extend(hashed.iter().map(|weight| ((weight / step).round() as i8).cast_unsigned()));
        out
    }

    /// The weighed sum: above zero speaks for hostile.
    #[must_use]
    pub fn sum(&self, features: &Features) -> f32 {
        let mut sum = self.offset;
        for (place, value) in &features.values {
            sum += value * self.weight(*place);
        }
        sum
    }

    /// The weight of a fact.
    #[must_use]
    pub fn weight_of(&self, fact: Fact) -> f32 {
        self.weight(FACT_BASE + fact as u32)
    }

    fn weight(&self, place: u32) -> f32 {
        if place < FACT_BASE {
            let byte = usize::try_from(place).ok().and_then(|at| self.hashed.get(at)).copied().unwrap_or_default();
            return f32::from(byte.cast_signed()) * self.step;
        }
        let at = usize::try_from(place - FACT_BASE).unwrap_or_default() * 4;
        self.facts.get(at..at + 4).and_then(|bytes| bytes.try_into().ok()).map_or(0.0, f32::from_le_bytes)
    }
}

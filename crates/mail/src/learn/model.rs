//! The trained model: what words say, one byte for each hashed feature; what each fact says; and the two scores at which
//! something is done.
//!
//! It has two steps. Words are weighed first, and how well words alone do on mail of a kind that was never seen decides
//! how much they say beside the facts. So a newsletter in words that nobody trained on is not held for its words.

use super::features::{BUCKETS, Features};
use crate::look::{Fact, Facts, Strength};

/// What every model file begins with.
const MAGIC: &[u8; 8] = b"BALMAIL2";
/// The shipped model.
static SHIPPED: &[u8] = include_bytes!("../../../../data/mail/model.bin");
/// Words say no more than this, however sure they seem.
const MOST_WORDS: f32 = 4.0;
/// Words of a newsletter say no more than this against it.
const MOST_OF_NEWSLETTERS: f32 = 1.0;
/// The score of a message whose level is that at which messages are held.
pub const HOLD: f32 = 0.75;
/// The score of a message whose level is that at which messages are marked.
pub const MARK: f32 = 0.5;
/// Numbers between the head of the file and the facts.
const NUMBERS: usize = 6;

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

/// How words and facts are weighed together.
#[derive(Clone, Debug, PartialEq)]
pub struct Scale {
    /// What a level begins with.
    pub bias: f32,
    /// How much one step of the words' sum says.
    pub words: f32,
    /// Level at which messages are held.
    pub hold: f32,
    /// Level at which messages are marked; below `hold`.
    pub mark: f32,
    /// What each fact says, in the order of [`Fact::ALL`].
    pub facts: Vec<f32>,
}

impl Default for Scale {
    /// What facts say by their strength, before anything was learned.
    fn default() -> Self {
        let facts = Fact::ALL.iter().map(|fact| before_learning(fact.strength())).collect();
        Self { bias: -3.0, words: 0.5, hold: 1.0, mark: 0.0, facts }
    }
}

/// What a fact of this strength says before anything was learned, in natural logarithms of the odds.
#[must_use]
pub const fn before_learning(strength: Strength) -> f32 {
    match strength {
        Strength::Good => -0.8,
        Strength::Weak => 0.3,
        Strength::Support => 0.9,
        Strength::Strong => 2.0,
        Strength::Grave => 4.0,
        Strength::Certain => 6.0,
    }
}

/// The sum that words make, kept within what they may say.
#[must_use]
pub const fn limited(words: f32) -> f32 {
    words.clamp(-MOST_WORDS, MOST_WORDS)
}

/// Weights; the hashed ones are read where they lie.
#[derive(Clone, Debug)]
pub struct Model<'a> {
    step: f32,
    offset: f32,
    scale: Scale,
    hashed: &'a [u8],
}

/// What of the words is heard beside the facts: who writes to subscribers from a house of their own sells by the same words as
/// those who cheat.
#[must_use]
pub fn heard(words: f32, facts: &Facts) -> f32 {
    let newsletter = facts.any(&[Fact::LinksOwn, Fact::BulkProper, Fact::ManyLinks]);
    if newsletter { words.min(MOST_OF_NEWSLETTERS) } else { words }
}

impl Model<'static> {
    /// The model that ships.
    #[must_use]
    pub fn shipped() -> Self {
        // A test reads it; with a model that cannot be read the facts still speak.
        Self::read(SHIPPED).unwrap_or(Model { step: 0.0, offset: 0.0, scale: Scale::default(), hashed: &[] })
    }
}

impl<'a> Model<'a> {
    /// Reads a model file.
    ///
    /// # Errors
    /// When the bytes are no model, or one for another list of facts.
    pub fn read(bytes: &'a [u8]) -> Result<Self, ModelError> {
        let (magic, rest) = bytes.split_at_checked(MAGIC.len()).ok_or(ModelError::NoModel)?;
        let (count, rest) = rest.split_at_checked(4).ok_or(ModelError::NoModel)?;
        if magic != MAGIC {
            return Err(ModelError::NoModel);
        }
        let count = u32::from_le_bytes(count.try_into().map_err(|_| ModelError::NoModel)?);
        if usize::try_from(count) != Ok(Fact::ALL.len()) {
            return Err(ModelError::OtherFacts);
        }
        let (numbers, hashed) = rest.split_at_checked((NUMBERS + Fact::ALL.len()) * 4).ok_or(ModelError::NoModel)?;
        let (numbers, _) = numbers.as_chunks::<4>();
        let mut numbers = numbers.iter().map(|four| f32::from_le_bytes(*four));
        let mut next = || numbers.next().filter(|number| number.is_finite()).ok_or(ModelError::NoModel);
        let (step, offset) = (next()?, next()?);
        let (bias, words, hold, mark) = (next()?, next()?, next()?, next()?);
        let facts = Fact::ALL.iter().map(|_| next()).collect::<Result<_, _>>()?;
        if hashed.len() != BUCKETS || hold <= mark {
            return Err(ModelError::NoModel);
        }
        Ok(Self { step, offset, scale: Scale { bias, words, hold, mark, facts }, hashed })
    }

    /// Writes weights as a model file: `weights` are those of the hashed features.
    #[must_use]
    pub fn write(weights: &[f32], offset: f32, scale: &Scale) -> Vec<u8> {
        let largest = weights.iter().fold(1e-6_f32, |most, weight| most.max(weight.abs()));
        let step = largest / 127.0;
        let mut out = MAGIC.to_vec();
        out.extend(u32::try_from(Fact::ALL.len()).unwrap_or_default().to_le_bytes());
        for number in [step, offset, scale.bias, scale.words, scale.hold, scale.mark].iter().chain(&scale.facts) {
            out.extend(number.to_le_bytes());
        }
        out.extend(weights.iter().map(|weight| ((weight / step).round() as i8).cast_unsigned()));
        out
    }

    /// What the words say: above zero speaks for hostile.
    #[must_use]
    pub fn words(&self, features: &Features) -> f32 {
        let weight = |place: &u32| {
            let byte = usize::try_from(*place).ok().and_then(|at| self.hashed.get(at)).copied().unwrap_or_default();
            f32::from(byte.cast_signed()) * self.step
        };
        limited(self.offset + features.values.iter().map(|(place, value)| value * weight(place)).sum::<f32>())
    }

    /// Words and facts together.
    #[must_use]
    pub fn level(&self, words: f32, facts: &Facts) -> f32 {
        self.scale.bias
            + self.scale.words * heard(words, facts)
            + facts.iter().map(|found| self.weight_of(found.fact)).sum::<f32>()
    }

    /// A level as a score from 0 to 1: [`MARK`] and [`HOLD`] stand where the model says that something is to be done.
    #[must_use]
    pub fn score(&self, level: f32) -> f32 {
        // The logarithm of the odds of 0.75 is ln 3, that of 0.5 is 0.
        let steps = (level - self.scale.mark) / (self.scale.hold - self.scale.mark).max(0.05);
        1.0 / (1.0 + (-steps * 3.0_f32.ln()).exp())
    }

    /// What a fact says.
    #[must_use]
    pub fn weight_of(&self, fact: Fact) -> f32 {
        self.scale.facts.get(fact as usize).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::{BUCKETS, HOLD, MARK, Model, ModelError, SHIPPED, Scale};
    use crate::look::{Fact, Strength};

    #[test]
    fn the_shipped_model_is_read_and_no_fact_speaks_against_its_nature() {
        let model = Model::read(SHIPPED).unwrap();
        for fact in Fact::ALL {
            let weight = model.weight_of(*fact);
            let good = fact.strength() == Strength::Good;
            assert!(if good { weight <= 0.0 } else { weight >= 0.0 }, "{}: {weight}", fact.code());
        }
    }

    #[test]
    fn what_is_written_is_read_and_what_is_no_model_is_refused() {
        let scale = Scale { bias: -2.0, words: 0.7, hold: 2.0, mark: 0.5, ..Scale::default() };
        let mut weights = vec![0.0; BUCKETS];
        weights[7] = 1.27;
        let bytes = Model::write(&weights, 0.25, &scale);
        let model = Model::read(&bytes).unwrap();
        assert_eq!(model.scale, scale);
        assert!((model.score(2.0) - HOLD).abs() < 1e-6 && (model.score(0.5) - MARK).abs() < 1e-6);
        assert_eq!(Model::read(&bytes[..bytes.len() - 1]).unwrap_err(), ModelError::NoModel);
        assert_eq!(Model::read(b"BALMAIL2\x01\0\0\0").unwrap_err(), ModelError::OtherFacts);
        assert_eq!(Model::read(b"").unwrap_err(), ModelError::NoModel);
    }
}

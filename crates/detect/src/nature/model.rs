//! The trained model: what words and facts say for each language, and a forest for each format of programs.
//!
//! Words are weighed first and kept within bounds; facts are added. Nothing is suspicious for its words alone: one strong
//! fact, or two that say something, or one and two weak ones, or four weak ones must hold beside them.

use super::reasons;
use super::script::{FACTS, Strength};
use super::trees::{Forest, take};
use super::{Kind, Opinion, Seen};

/// Places for hashed words, a power of two.
pub const BUCKETS: usize = 1 << 19;

/// What every model file begins with.
const MAGIC: &[u8; 8] = b"BALNATU1";

/// Words say no more than this, however sure they seem.
const MOST_WORDS: f32 = 4.0;

/// A file that is no model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ModelError {
    /// It does not begin as a model does, has another length, or holds what no model can.
    #[error("the file is no model of malware's nature: take it from the release, or train one with make train-nature")]
    NoModel,
    /// It was trained for other facts.
    #[error("the model was trained for other facts than this program knows: run make train-nature")]
    OtherFacts,
}

/// What is known of one language.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Part {
    /// What the level begins with.
    pub bias: f32,
    /// What the sum of words begins with.
    pub offset: f32,
    /// How much one step of the words' sum says.
    pub words: f32,
    /// The level from which a script is suspicious.
    pub bar: f32,
    /// What each fact says, in the order of [`FACTS`].
    pub facts: Vec<f32>,
}

/// What hashed words say: one signed byte each, times `step`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Linear {
    /// The worth of one.
    pub step: f32,
    /// [`BUCKETS`] weights.
    pub hashed: Vec<i8>,
}

/// A whole model.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    /// One for each of [`Kind::SCRIPTS`], in that order.
    pub scripts: Vec<Part>,
    /// Words of all languages, which have seeds of their own.
    pub words: Linear,
    /// Windows programs.
    pub pe: Forest,
    /// Linux programs.
    pub elf: Forest,
}

impl Model {
    /// Reads a model file.
    ///
    /// # Errors
    /// When the bytes are no model, or one for another list of facts.
    pub fn read(bytes: &[u8]) -> Result<Self, ModelError> {
        let mut rest = bytes.strip_prefix(MAGIC).ok_or(ModelError::NoModel)?;
        let count = take(&mut rest).map(u32::from_le_bytes).ok_or(ModelError::NoModel)?;
        if usize::try_from(count) != Ok(FACTS.len()) {
            return Err(ModelError::OtherFacts);
        }
        Self::read_rest(&mut rest).filter(|_| rest.is_empty()).ok_or(ModelError::NoModel)
    }

    fn read_rest(rest: &mut &[u8]) -> Option<Self> {
        let number = |rest: &mut &[u8]| take(rest).map(f32::from_le_bytes).filter(|number| number.is_finite());
        let mut scripts = Vec::new();
        for _ in Kind::SCRIPTS {
            let (bias, offset, words, bar) = (number(rest)?, number(rest)?, number(rest)?, number(rest)?);
            let facts = FACTS.iter().map(|_| number(rest)).collect::<Option<_>>()?;
            scripts.push(Part { bias, offset, words, bar, facts });
        }
        let step = number(rest)?;
        let (hashed, after) = rest.split_at_checked(BUCKETS)?;
        *rest = after;
        let words = Linear { step, hashed: hashed.iter().map(|byte| byte.cast_signed()).collect() };
        let (pe, elf) = (Forest::read(rest)?, Forest::read(rest)?);
        Some(Self { scripts, words, pe, elf })
    }

    /// The model as a file.
    #[must_use]
    pub fn write(&self) -> Vec<u8> {
        let mut out = MAGIC.to_vec();
        out.extend(u32::try_from(FACTS.len()).unwrap_or_default().to_le_bytes());
        for part in &self.scripts {
            for number in [part.bias, part.offset, part.words, part.bar].iter().chain(&part.facts) {
                out.extend(number.to_le_bytes());
            }
        }
        out.extend(self.words.step.to_le_bytes());
        out.extend(self.words.hashed.iter().map(|weight| weight.cast_unsigned()));
        self.pe.write(&mut out);
        self.elf.write(&mut out);
        out
    }

    /// What is known of a language.
    #[must_use]
    pub fn part(&self, kind: Kind) -> Option<&Part> {
        Kind::SCRIPTS.iter().position(|each| *each == kind).and_then(|at| self.scripts.get(at))
    }

    /// The forest of a format.
    #[must_use]
    pub const fn forest(&self, kind: Kind) -> Option<&Forest> {
        match kind {
            Kind::Pe => Some(&self.pe),
            Kind::Elf => Some(&self.elf),
            _ => None,
        }
    }

    /// What the words say: above zero speaks for malware.
    #[must_use]
    pub fn words(&self, part: &Part, words: &[(u32, f32)]) -> f32 {
        let weight = |place: u32| {
            let byte = usize::try_from(place).ok().and_then(|at| self.words.hashed.get(at)).copied();
            f32::from(byte.unwrap_or_default()) * self.words.step
        };
        limited(part.offset + words.iter().map(|(place, value)| value * weight(*place)).sum::<f32>())
    }

    /// How far the file is above (or below) the level from which it is suspicious; nothing for a kind that the model does
    /// not know. What is only suspicious by its words is below in any case.
    #[must_use]
    pub fn height(&self, seen: &Seen) -> Option<f32> {
        self.height_by(seen, None)
    }

    /// [`Model::height`] with another sum of words than this model's: that of one which had not seen the file's source.
    #[must_use]
    pub fn height_by(&self, seen: &Seen, words: Option<f32>) -> Option<f32> {
        if let Some(forest) = self.forest(seen.kind) {
            return Some(forest.ask(&seen.values, &mut |_, _| {}) - forest.bar);
        }
        let part = self.part(seen.kind)?;
        let facts: f32 = seen.facts.iter().map(|fact| weight_of(part, *fact)).sum();
        let words = words.unwrap_or_else(|| self.words(part, &seen.words));
        let height = part.bias + part.words * words + facts - part.bar;
        Some(if is_grounded(&seen.facts) { height } else { height.min(-0.01 - part.bar) })
    }

    /// What the model says about a file that it finds suspicious; nothing about others.
    #[must_use]
    pub fn opinion(&self, seen: &Seen) -> Option<Opinion> {
        let height = self.height(seen).filter(|height| *height >= 0.0)?;
        let score = 1.0 / (1.0 + (-height).exp());
        let said = if let Some(forest) = self.forest(seen.kind) {
            reasons::of_program(forest, seen)
        } else {
            let part = self.part(seen.kind)?;
            reasons::of_script(part, self.words(part, &seen.words), seen)
        };
        Some(Opinion { kind: seen.kind, score, said })
    }
}

/// The sum that words make, kept within what they may say.
const fn limited(words: f32) -> f32 {
    words.clamp(-MOST_WORDS, MOST_WORDS)
}

/// What a fact says.
pub(super) fn weight_of(part: &Part, fact: u16) -> f32 {
    part.facts.get(usize::from(fact)).copied().unwrap_or_default()
}

/// Whether the facts alone would make somebody look.
fn is_grounded(facts: &[u16]) -> bool {
    let of = |strength: Strength| {
        let wanted = |fact: &&u16| FACTS.get(usize::from(**fact)).is_some_and(|fact| fact.strength == strength);
        facts.iter().filter(wanted).count()
    };
    let (strong, support, weak) = (of(Strength::Strong), of(Strength::Support), of(Strength::Weak));
    strong > 0 || support > 1 || support == 1 && weak > 1 || weak > 3
}

//! Malware known by its nature: scripts, macros and programs weighed by models that were trained on public collections, each
//! opinion with the reasons that weighed most.
//!
//! A model alone never says "malicious": its opinion asks a person. What is looked at is bounded (a window of a script, the
//! first megabytes of a program), so that an opinion costs milliseconds whatever the file is.

mod kind;
mod model;
mod program;
mod reasons;
mod script;
mod trees;

pub use kind::Kind;
pub use model::{BUCKETS, Linear, Model, ModelError, Part};
pub use program::{ELF_FEATURES, Feature, PE_FEATURES, elf_values, pe_values};
pub use reasons::{Language, Said};
pub use script::{FACTS, Fact, Strength};
pub use trees::{Forest, Node, Tree};

use std::sync::LazyLock;

/// What was seen of a file, as numbers that a model weighs.
#[derive(Clone, Debug, PartialEq)]
pub struct Seen {
    /// What the file is.
    pub kind: Kind,
    /// For scripts and macros: which of [`FACTS`] hold, by their number.
    pub facts: Vec<u16>,
    /// For scripts and macros: hashed words with their values.
    pub words: Vec<(u32, f32)>,
    /// For programs: one value for each feature of the kind; what is not known is no number (NaN).
    pub values: Vec<f32>,
}

/// What a model says about a file that it finds suspicious.
#[derive(Clone, Debug, PartialEq)]
pub struct Opinion {
    /// What the file is.
    pub kind: Kind,
    /// How sure, from 0 to 1.
    pub score: f32,
    /// What weighed most, heaviest first; three to five where there are as many.
    pub said: Vec<Said>,
}

impl Opinion {
    /// The score as findings have it: from 40, where suspicion begins, to 74, below what is known to be bad.
    #[must_use]
    pub fn points(&self) -> u8 {
        let above = (self.score.clamp(0.5, 1.0) - 0.5) * 68.0;
        // A number from 0 to 34.
        (0..=34).rev().find(|points| f32::from(*points) <= above).map_or(40, |points| 40 + points)
    }

    /// Sentences: what it is taken for, and what weighed most.
    #[must_use]
    pub fn reasons(&self, language: Language) -> Vec<String> {
        let kind = reasons::kind_in_words(self.kind, language);
        let mut sentences: Vec<String> = self.said.iter().map(|said| said.sentence(language)).collect();
        if let Some(first) = sentences.first_mut() {
            *first = format!("{kind}: {first}");
        }
        sentences
    }
}

/// The model that ships; a file that cannot be read as one leaves the engine silent, and a test rules that out.
static SHIPPED: LazyLock<Option<Model>> = LazyLock::new(|| Model::read(SHIPPED_BYTES).ok());

/// The file of the model that ships: what was found clean by another one must be looked at again.
pub static SHIPPED_BYTES: &[u8] = include_bytes!("../../../data/nature/model.bin");

/// The model that ships.
#[must_use]
pub fn shipped() -> Option<&'static Model> {
    SHIPPED.as_ref()
}

/// Looks at the bytes of a file called `name` (empty when it has none): nothing when they are neither a script in a language
/// that is known nor a program.
#[must_use]
pub fn look(bytes: &[u8], name: &str) -> Option<Seen> {
    program::look(bytes).or_else(|| script::look(bytes, name))
}

/// What the shipped model finds suspicious about the file, if anything.
#[must_use]
pub fn judge(bytes: &[u8], name: &str) -> Option<Opinion> {
    let model = shipped()?;
    let seen = look(bytes, name)?;
    model.opinion(&seen)
}

#[cfg(test)]
mod tests;

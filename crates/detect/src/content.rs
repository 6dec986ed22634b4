//! What a file's bytes look like: kind, entropy, randomness, and whether its structure holds.
//!
//! [`Features`] are small and serialisable, so that they can be kept beside a file's copy and compared later with those
//! of the changed file. They are computed from a bounded [`Sample`], so that a film costs as little as a letter.

mod kind;
mod sample;
mod shape;
mod stats;

pub use kind::ContentKind;
pub use sample::{HEAD_BYTES, MIDDLE_BYTES, Sample, TAIL_BYTES, WHOLE_BYTES};

use serde::{Deserialize, Serialize};

/// Whether a file's inner structure fits its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shape {
    /// What was checked is as the format wants it.
    Sound,
    /// The beginning is of the kind, but the rest does not fit it: cut, or partly overwritten.
    Broken,
    /// Nothing beyond the beginning could be checked.
    Unchecked,
}

/// What was measured of one file at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Features {
    /// Length of the file in bytes.
    pub len: u64,
    /// How many bytes were looked at; never more than [`WHOLE_BYTES`] when the caller follows [`Sample::plan`].
    pub sampled: u32,
    /// Shannon entropy of the sampled bytes, in bits a byte: 0 to 8.
    pub entropy: f32,
    /// Pearson's chi-square of the sampled bytes against an even distribution over 256 values. Evenly random bytes,
    /// which is how ciphertext looks, give 255 with a standard deviation of 22.6 whatever the length; compressed data of
    /// some length gives more, text gives tens of thousands.
    pub chi_square: f32,
    /// Of [`Features::blocks`], how many look evenly random by themselves. Shows partial encryption.
    pub random_blocks: u16,
    /// Whole blocks of 1 KiB in the sample.
    pub blocks: u16,
    /// The recognised kind.
    pub kind: ContentKind,
    /// Whether the structure fits the kind.
    pub shape: Shape,
    /// Share of sampled bytes that part words: blanks, line ends, and marks that no way of encoding bytes as letters uses.
    #[serde(default)]
    pub breaks: f32,
    /// Whether it is an archive that says it asks for a password.
    #[serde(default)]
    pub locked: bool,
}

/// Below this many sampled bytes chi-square says little, and entropy against its own ceiling is asked instead.
const CHI_FROM: u32 = 128;

/// Five standard deviations above the mean of chi-square for evenly random bytes: one random file in millions lies above.
const CHI_RANDOM: f32 = 255.0 + 5.0 * 22.6;

/// Fewer bytes than this cannot be told from chance at all.
const LEAST_BYTES: u32 = 32;

impl Features {
    /// Measures a sample.
    #[must_use]
    pub fn of(sample: &Sample<'_>) -> Self {
        let stats = stats::measure(sample);
        let kind = kind::recognise(sample);
        Self {
            len: sample.len(),
            sampled: stats.bytes,
            entropy: stats.entropy,
            chi_square: stats.chi_square,
            random_blocks: stats.random_blocks,
            blocks: stats.blocks,
            kind,
            shape: shape::check(kind, sample),
            breaks: stats.breaks,
            locked: shape::asks_for_password(kind, sample),
        }
    }

    /// Whether the bytes cannot be told from evenly random ones, as ciphertext cannot.
    ///
    /// Short compressed files can look so too: ask [`Features::kind`] as well.
    #[must_use]
    pub fn looks_random(&self) -> bool {
        if self.sampled >= CHI_FROM { self.chi_square < CHI_RANDOM } else { self.fills_its_ceiling(0.9) }
    }

    /// Whether the bytes are dense: random, compressed, or encrypted so that some pattern remains.
    #[must_use]
    pub fn looks_dense(&self) -> bool {
        self.fills_its_ceiling(if self.sampled >= 4_096 { 0.95 } else { 0.9 })
    }

    /// Whether it is text that stands for bytes: base64, hexadecimal digits and the like.
    #[must_use]
    pub fn looks_encoded(&self) -> bool {
        const LANGUAGE: f32 = 0.04;
        self.kind == ContentKind::Text && self.sampled >= 256 && self.breaks < LANGUAGE && self.entropy > 3.0
    }

    /// Whether every byte is the same, or nearly.
    #[must_use]
    pub fn looks_wiped(&self) -> bool {
        self.sampled >= 16 && self.entropy < 0.2
    }

    /// Whether nobody can tell what is inside without a key: ciphertext, encoded ciphertext, or an archive of a kind that
    /// can be locked. 7z and RAR hide whether they are.
    #[must_use]
    pub fn may_be_locked(&self) -> bool {
        let opaque = self.kind == ContentKind::Unknown && (self.looks_random() || self.looks_dense());
        opaque || self.locked || self.looks_encoded() || matches!(self.kind, ContentKind::SevenZip | ContentKind::Rar)
    }

    /// Share of blocks that look evenly random, 0 to 1; 0 where the file is shorter than a block.
    #[must_use]
    pub fn random_share(&self) -> f32 {
        if self.blocks == 0 { 0.0 } else { f32::from(self.random_blocks) / f32::from(self.blocks) }
    }

    /// Entropy against the highest that so few bytes can have: n bytes hold at most log2(n) bits a byte.
    fn fills_its_ceiling(&self, share: f32) -> bool {
        if self.sampled < LEAST_BYTES {
            return false;
        }
        let ceiling = (f64::from(self.sampled)).log2().min(8.0);
        f64::from(self.entropy) >= ceiling * f64::from(share)
    }
}

//! A file as numbers with what is known of it, and how doubles are found.

use baluardo_detect::nature::Seen;
use std::collections::HashSet;

/// One file in ten is kept out of every training, to compare models with.
const FROZEN: u64 = 10;

/// One file.
#[derive(Clone, Debug)]
pub(crate) struct Example {
    /// The source, family or time that is left out together.
    pub(crate) group: String,
    /// Whether it is malware.
    pub(crate) hostile: bool,
    /// Where it stood, for people.
    pub(crate) name: String,
    /// What was seen of it.
    pub(crate) seen: Seen,
    /// The same for files that are nearly the same.
    pub(crate) likeness: [u64; 3],
}

impl Example {
    /// An example of what was seen.
    pub(crate) fn new(group: &str, hostile: bool, name: &str, seen: Seen) -> Self {
        let likeness = likeness(&seen);
        Self { group: group.to_owned(), hostile, name: name.to_owned(), seen, likeness }
    }

    /// Whether it stands on a machine whose files must never be suspicious.
    pub(crate) fn is_installed(&self) -> bool {
        self.group.starts_with("honest: ")
    }

    /// Whether it is kept out of every training. Nearly equal files are so together, as far as their likeness tells.
    pub(crate) fn is_frozen(&self) -> bool {
        self.likeness.first().is_some_and(|first| first % FROZEN == 0)
    }
}

/// Three numbers, of which at least one is the same for files that differ in little: of each the smallest hashes of all
/// words, or for programs the values of header and structure.
fn likeness(seen: &Seen) -> [u64; 3] {
    if seen.values.is_empty() {
        [11, 17, 23].map(|seed| {
            let mut hashes: Vec<u64> =
                seen.words.iter().map(|(place, _)| mix(u64::from(*place) ^ seed << 32)).collect();
            hashes.sort_unstable();
            hashes.iter().take(5).fold(seen.kind as u64, |sum, hash| mix(sum ^ hash))
        })
    } else {
        let of = |from: usize, step: usize| {
            let values = seen.values.iter().skip(from).step_by(step);
            values.fold(seen.kind as u64, |sum, value| mix(sum ^ u64::from(value.to_bits())))
        };
        [of(0, 1), of(0, 1), of(0, 1)]
    }
}

/// Spreads a number over all bits (splitmix64).
pub(crate) const fn mix(value: u64) -> u64 {
    let mut value = value.wrapping_add(0x9E37_79B9_7F4A_7C15);
    value = (value ^ (value >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    value = (value ^ (value >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    value ^ (value >> 31)
}

/// Files that are alike once each; what is found among the honest files too is not malware.
pub(crate) fn without_doubles(all: Vec<Example>) -> Vec<Example> {
    let honest =
        |all: &[Example]| all.iter().filter(|example| !example.hostile).flat_map(|example| example.likeness).collect();
    let honest: HashSet<u64> = honest(&all);
    let mut known = HashSet::new();
    let mut kept = Vec::new();
    for example in all {
        let innocent = example.hostile && example.likeness.iter().any(|likeness| honest.contains(likeness));
        let double = example.likeness.iter().any(|likeness| known.contains(likeness));
        known.extend(example.likeness);
        if !innocent && !double {
            kept.push(example);
        }
    }
    kept
}

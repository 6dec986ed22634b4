//! Hashed features: words, pairs of words and character sequences of subject, sender's name, text and links.

use super::plain::{Plain, plain};
use crate::read::Letter;

/// Places for hashed features, a power of two.
pub const BUCKETS: usize = 1 << 20;

/// What is known of one letter, as numbers and their weights.
#[derive(Clone, Debug, Default)]
pub struct Features {
    /// Place and value, each place once.
    pub values: Vec<(u32, f32)>,
}

/// One kind of feature: its seed, and the share of the whole that all of its kind have together.
struct Kind {
    seed: u32,
    share: f32,
}

const SUBJECT: Kind = Kind { seed: 0x9E37_79B1, share: 1.5 };
const TEXT: Kind = Kind { seed: 0x85EB_CA6B, share: 3.0 };
const LINKS: Kind = Kind { seed: 0xC2B2_AE35, share: 1.5 };
const NAME: Kind = Kind { seed: 0x27D4_EB2F, share: 0.8 };

/// Turns a letter's words into numbers.
#[must_use]
pub fn features(letter: &Letter) -> Features {
    of_plain(&plain(letter))
}

/// Takes a hash in.
type Push<'a> = dyn FnMut(u32) + 'a;

fn of_plain(plain: &Plain) -> Features {
    let mut seen = vec![0_u64; BUCKETS / 64];
    let mut out = Features { values: Vec::with_capacity(4_096) };
    let mut add = |kind: &Kind, fill: &dyn Fn(&mut Push<'_>)| {
        let from = out.values.len();
        fill(&mut |hash| {
            let place = hash.wrapping_add(kind.seed).wrapping_mul(0x9E37_79B1) >> 12;
            let (word, bit) = (place / 64, place % 64);
            if let Some(word) = usize::try_from(word).ok().and_then(|word| seen.get_mut(word))
                && *word >> bit & 1 == 0
            {
                *word |= 1 << bit;
                out.values.push((place, 1.0));
            }
        });
        let count = out.values.len() - from;
        // Long texts have more features, not more say.
        let value = kind.share / f32::from(u16::try_from(count.max(8)).unwrap_or(u16::MAX)).sqrt();
        for (_, each) in out.values.iter_mut().skip(from) {
            *each = value;
        }
    };
    add(&SUBJECT, &|push| words(&plain.subject, push));
    add(&NAME, &|push| words(&plain.name, push));
    add(&TEXT, &|push| words(&plain.text, push));
    add(&LINKS, &|push| {
        for url in &plain.urls {
            link(url, push);
        }
    });
    out
}

/// Words, pairs of neighbours, and sequences of 3 to 5 characters that do not cross words.
fn words(text: &str, push: &mut Push<'_>) {
    let mut before = 0_u32;
    for word in text.split_whitespace() {
        let bytes = word.as_bytes();
        let trimmed = word.trim_matches(|letter: char| letter.is_ascii_punctuation());
        let whole = hash(1, trimmed.as_bytes());
        push(whole);
        if before != 0 {
            push(whole.wrapping_mul(31) ^ before.rotate_left(7));
        }
        before = whole;
        let mut framed = Vec::with_capacity(bytes.len() + 2);
        framed.push(b' ');
        framed.extend_from_slice(bytes);
        framed.push(b' ');
        for length in [3_usize, 4, 5] {
            for window in framed.windows(length) {
                push(hash(2, window));
            }
        }
    }
}

/// Labels of the host, its sequences, and the words of the path.
fn link(url: &str, push: &mut Push<'_>) {
    let (host, path) = url.split_once('/').unwrap_or((url, ""));
    for label in host.split('.') {
        push(hash(3, label.as_bytes()));
    }
    for window in host.as_bytes().windows(4) {
        push(hash(4, window));
    }
    for word in path.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty()).take(8) {
        push(hash(5, word.as_bytes()));
    }
}

/// FNV-1a with a seed.
fn hash(seed: u32, bytes: &[u8]) -> u32 {
    let mut state = 0x811C_9DC5 ^ seed.wrapping_mul(0x0100_0193);
    for byte in bytes {
        state = (state ^ u32::from(*byte)).wrapping_mul(0x0100_0193);
    }
    state ^ state >> 15
}

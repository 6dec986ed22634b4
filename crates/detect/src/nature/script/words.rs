//! Words and pairs of neighbours as hashed numbers; what was hidden counts apart from what stands open.

use super::decode::{How, Layers};
use crate::nature::{BUCKETS, Kind};

/// Words of one file that count.
const MOST: usize = 40_000;

/// A word longer than this is told by its length.
const LONGEST: usize = 32;

/// The share that all words have together.
const SHARE: f32 = 4.0;

/// Words of a script as places and values.
pub(super) fn words(kind: Kind, layers: &Layers) -> Vec<(u32, f32)> {
    let mut seen = vec![0_u64; BUCKETS / 64];
    let mut out = Vec::with_capacity(4_096);
    let mut count = 0_usize;
    for layer in &layers.all {
        let hidden = !matches!(layer.how, How::Plain | How::Joined);
        // The joined text holds all of the plain one.
        if layer.how == How::Plain && layers.seams > 0 {
            continue;
        }
        let seed = kind as u32 * 2 + u32::from(hidden) + 1;
        tokens(&layer.text, seed, &mut |hash| {
            count += 1;
            let place = hash.wrapping_mul(0x9E37_79B1) >> (32 - BUCKETS.trailing_zeros());
            let at = usize::try_from(place).unwrap_or_default();
            if let Some(word) = seen.get_mut(at / 64)
                && *word >> (at % 64) & 1 == 0
            {
                *word |= 1 << (at % 64);
                out.push((place, 1.0));
            }
            count < MOST
        });
    }
    let value = SHARE / f32::from(u16::try_from(out.len().max(16)).unwrap_or(u16::MAX)).sqrt();
    for (_, each) in &mut out {
        *each = value;
    }
    out
}

/// Gives each word's hash, and that of each pair of neighbours, until `push` has enough.
fn tokens(text: &[u8], seed: u32, push: &mut dyn FnMut(u32) -> bool) {
    let mut before = 0_u32;
    let mut rest = text;
    while let Some(first) = rest.first() {
        let letter = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(**byte, b'_' | b'$' | 0x80..);
        let length = rest.iter().take_while(letter).count().max(1);
        let (token, after) = rest.split_at_checked(length).unwrap_or((rest, &[]));
        rest = after;
        if first.is_ascii_whitespace() {
            continue;
        }
        let word = length > 1 || first.is_ascii_alphanumeric();
        let own = match first {
            b'0'..=b'9' => hash(seed, b"0"),
            _ if length > LONGEST => hash(seed, if length > 400 { b"very long" } else { b"long" }),
            _ => hash(seed, token),
        };
        if word && !push(own) || before != 0 && !push(own.wrapping_mul(31) ^ before.rotate_left(7)) {
            return;
        }
        before = own;
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

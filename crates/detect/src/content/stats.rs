//! Entropy, chi-square and random blocks of a sample, in one pass over it.

use super::Sample;

/// Length of the blocks that are judged by themselves.
const BLOCK: usize = 1_024;

/// Four standard deviations above the mean: with few bytes in a block the tail is longer than the normal one.
const BLOCK_RANDOM: f64 = 255.0 + 4.0 * 22.6;

/// What one pass gives.
pub(super) struct Stats {
    pub(super) bytes: u32,
    pub(super) entropy: f32,
    pub(super) chi_square: f32,
    pub(super) random_blocks: u16,
    pub(super) blocks: u16,
    pub(super) breaks: f32,
}

/// Counts every byte once, block by block.
pub(super) fn measure(sample: &Sample<'_>) -> Stats {
    let mut total = [0_u32; 256];
    let (mut blocks, mut random_blocks) = (0_u16, 0_u16);
    for (_, piece) in sample.pieces() {
        for block in piece.chunks(BLOCK) {
            let counts = count(block);
            for (sum, one) in total.iter_mut().zip(counts) {
                *sum = sum.saturating_add(one);
            }
            if block.len() == BLOCK {
                blocks = blocks.saturating_add(1);
                random_blocks = random_blocks.saturating_add(u16::from(chi_square(&counts) < BLOCK_RANDOM));
            }
        }
    }
    let bytes = total.iter().fold(0_u32, |sum, one| sum.saturating_add(*one));
    let breaks = narrow(share_of_breaks(&total, bytes));
    Stats { bytes, entropy: entropy(&total), chi_square: narrow(chi_square(&total)), random_blocks, blocks, breaks }
}

/// The share of bytes that part words.
fn share_of_breaks(counts: &[u32; 256], bytes: u32) -> f64 {
    let is_break = |byte: u8| byte.is_ascii_whitespace() || (byte.is_ascii_punctuation() && !b"+/=-_".contains(&byte));
    let breaks: u32 = (0_u8..=127).zip(counts).filter(|(byte, _)| is_break(*byte)).map(|(_, seen)| *seen).sum();
    f64::from(breaks) / f64::from(bytes.max(1))
}

/// How often each byte value occurs.
fn count(block: &[u8]) -> [u32; 256] {
    let mut counts = [0_u32; 256];
    for byte in block {
        if let Some(slot) = counts.get_mut(usize::from(*byte)) {
            *slot = slot.saturating_add(1);
        }
    }
    counts
}

/// Pearson's chi-square against 256 equally likely values; 0 for nothing.
fn chi_square(counts: &[u32; 256]) -> f64 {
    let bytes: f64 = counts.iter().copied().map(f64::from).sum();
    if bytes == 0.0 {
        return 0.0;
    }
    let expected = bytes / 256.0;
    counts.iter().map(|seen| (f64::from(*seen) - expected).powi(2) / expected).sum()
}

/// Shannon entropy in bits a byte.
fn entropy(counts: &[u32; 256]) -> f32 {
    let bytes: f64 = counts.iter().copied().map(f64::from).sum();
    let bits: f64 = counts
        .iter()
        .filter(|seen| **seen > 0)
        .map(|seen| {
            let share = f64::from(*seen) / bytes;
            -share * share.log2()
        })
        .sum();
    narrow(bits)
}

/// To the precision that is stored; the values are small and need no more.
#[expect(clippy::cast_possible_truncation, reason = "a float narrowed to a float loses digits only")]
const fn narrow(value: f64) -> f32 {
    value as f32
}

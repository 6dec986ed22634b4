//! SHA-256 indicators: a sorted array of 32 bytes each, so that a hundred thousand cost 3 MB and 17 comparisons.

use super::ScanError;
use sha2::{Digest as _, Sha256};

/// How many bad entries an error names.
const NAMED: usize = 20;

/// The indicators, sorted.
#[derive(Debug)]
pub(super) struct Hashes(Vec<[u8; 32]>);

impl Hashes {
    /// Reads the entries of a policy.
    pub(super) fn parse(entries: &[String]) -> Result<Self, ScanError> {
        let mut hashes = Vec::with_capacity(entries.len());
        let mut bad = Vec::new();
        for entry in entries {
            match unhex(entry.trim()) {
                Some(hash) => hashes.push(hash),
                None if bad.len() < NAMED => bad.push(format!("\"{}\"", entry.escape_debug())),
                None => {}
            }
        }
        if !bad.is_empty() {
            return Err(ScanError::BadIndicators(bad));
        }
        hashes.sort_unstable();
        hashes.dedup();
        Ok(Self(hashes))
    }

    /// Whether the digest is listed.
    pub(super) fn contains(&self, digest: &[u8; 32]) -> bool {
        self.0.binary_search(digest).is_ok()
    }
}

/// SHA-256 of the bytes.
pub(super) fn digest(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// Lower-case hexadecimal.
pub(super) fn hex(digest: &[u8; 32]) -> String {
    let digit = |nibble: u8| char::from_digit(u32::from(nibble), 16).unwrap_or('0');
    digest.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// 64 hexadecimal digits as 32 bytes.
fn unhex(text: &str) -> Option<[u8; 32]> {
    if text.len() != 64 {
        return None;
    }
    let mut hash = [0_u8; 32];
    let (pairs, _) = text.as_bytes().as_chunks::<2>();
    for (slot, [high, low]) in hash.iter_mut().zip(pairs) {
        let value = |digit: u8| char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok());
        *slot = (value(*high)? << 4) | value(*low)?;
    }
    Some(hash)
}

//! Secrets that travel once (links, tokens, session cookies): made here, shown once, kept only as a hash.

use baluardo_model::Chance;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;

/// A fresh secret of 256 bits, safe in addresses.
#[must_use]
pub fn fresh(chance: &dyn Chance) -> String {
    let mut bytes = [0_u8; 32];
    chance.fill(&mut bytes);
    BASE64.encode(bytes)
}

/// What the database keeps of a secret. The secrets are 256 random bits, so a plain SHA-256 cannot be searched back.
#[must_use]
pub fn hash(secret: &str) -> String {
    hex(&Sha256::digest(secret.as_bytes()))
}

/// Lower-case hexadecimal.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

//! Secrets at rest: keys of authorities and TOTP secrets are sealed with one key that lies outside the database, so
//! that a stolen copy of the database alone opens nothing.

use crate::error::Error;
use baluardo_model::Chance;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::hmac;

/// The key that seals, and from which secrets are derived that need no place in the database.
pub struct SealKey {
    cipher: LessSafeKey,
    derive: hmac::Key,
}

impl std::fmt::Debug for SealKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SealKey")
    }
}

impl SealKey {
    /// From its 32 bytes.
    ///
    /// # Errors
    /// [`Error::Internal`] when the cipher refuses the key, which 32 bytes never cause.
    pub fn from_bytes(bytes: &[u8; 32]) -> Result<Self, Error> {
        let key =
            UnboundKey::new(&CHACHA20_POLY1305, bytes).map_err(|_| Error::internal("the seal key is unusable"))?;
        // The two uses get keys that tell nothing about each other.
        let derive = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, bytes), b"baluardo derive 1");
        Ok(Self { cipher: LessSafeKey::new(key), derive: hmac::Key::new(hmac::HMAC_SHA256, derive.as_ref()) })
    }

    /// 32 bytes that always belong to `what` and that nobody without the key can guess.
    #[must_use]
    pub fn derive(&self, what: &str) -> [u8; 32] {
        let mut bytes = [0_u8; 32];
        for (byte, from) in bytes.iter_mut().zip(hmac::sign(&self.derive, what.as_bytes()).as_ref()) {
            *byte = *from;
        }
        bytes
    }

    /// Seals `plain` for one purpose (`what` names table and row, so that a sealed text cannot be moved elsewhere).
    ///
    /// # Errors
    /// [`Error::Internal`] when the cipher fails.
    pub fn seal(&self, what: &str, plain: &[u8], chance: &dyn Chance) -> Result<String, Error> {
        let mut nonce = [0_u8; NONCE_LEN];
        chance.fill(&mut nonce);
        let mut text = plain.to_vec();
        self.cipher
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(what.as_bytes()), &mut text)
            .map_err(|_| Error::internal("sealing failed"))?;
        Ok(BASE64.encode([nonce.as_slice(), &text].concat()))
    }

    /// Opens what [`SealKey::seal`] made for the same purpose.
    ///
    /// # Errors
    /// [`Error::Internal`] when the text was changed, moved, or sealed with another key.
    pub fn open(&self, what: &str, sealed: &str) -> Result<Vec<u8>, Error> {
        let broken = || Error::internal(format!("the sealed {what} cannot be opened: is secrets.key the right one?"));
        let mut bytes = BASE64.decode(sealed).map_err(|_| broken())?;
        let (nonce, text) = bytes.split_at_mut_checked(NONCE_LEN).ok_or_else(broken)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| broken())?;
        let plain = self.cipher.open_in_place(nonce, Aad::from(what.as_bytes()), text).map_err(|_| broken())?;
        Ok(plain.to_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Counting(std::sync::atomic::AtomicU8);

    impl Chance for Counting {
        fn fill(&self, buffer: &mut [u8]) {
            buffer.fill(self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed));
        }
    }

    #[test]
    fn a_sealed_secret_opens_only_where_it_belongs() {
        let chance = Counting(std::sync::atomic::AtomicU8::new(1));
        let key = SealKey::from_bytes(&[3; 32]).unwrap();
        let sealed = key.seal("totp a", b"secret", &chance).unwrap();
        assert_eq!(key.open("totp a", &sealed).unwrap(), b"secret");
        assert!(key.open("totp b", &sealed).is_err());
        assert!(SealKey::from_bytes(&[4; 32]).unwrap().open("totp a", &sealed).is_err());
        assert!(key.open("totp a", "AAAA").is_err());
    }

    #[test]
    fn a_derived_secret_belongs_to_its_purpose_and_its_key() {
        let key = SealKey::from_bytes(&[3; 32]).unwrap();
        assert_eq!(key.derive("a"), key.derive("a"));
        assert_ne!(key.derive("a"), key.derive("b"));
        assert_ne!(key.derive("a"), SealKey::from_bytes(&[4; 32]).unwrap().derive("a"));
    }
}

//! Signs messages as senders do, with keys that the test makes.

use mail_auth::arc::ArcSealer;
use mail_auth::common::crypto::Ed25519Key;
use mail_auth::common::headers::HeaderWriter as _;
use mail_auth::dkim::{Canonicalization, DkimSigner};
use mail_auth::{ArcOutput, AuthenticatedMessage, AuthenticationResults};

/// What signatures cover: `from` once more than it stands there, so that nobody adds another.
const COVERED: [&str; 6] = ["From", "From", "To", "Subject", "Date", "Message-ID"];

/// A key that signs for a domain.
pub(crate) struct Key {
    domain: String,
    pkcs8: Vec<u8>,
}

impl Key {
    pub(crate) fn of(domain: &str) -> Self {
        Self { domain: domain.to_owned(), pkcs8: Ed25519Key::generate_pkcs8().unwrap() }
    }

    fn key(&self) -> Ed25519Key {
        Ed25519Key::from_pkcs8_der(&self.pkcs8).unwrap()
    }

    /// The record that publishes it, for a zone file.
    pub(crate) fn record(&self) -> String {
        let public = base64(&self.key().public_key());
        format!("k._domainkey.{}. TXT \"v=DKIM1; k=ed25519; p={public}\"\n", self.domain)
    }

    /// The message with a signature above it (DKIM), of strict or of relaxed form.
    pub(crate) fn sign(&self, message: &[u8], form: Canonicalization) -> Vec<u8> {
        let signer = DkimSigner::from_key(self.key())
            .domain(self.domain.as_str())
            .selector("k")
            .headers(COVERED)
            .header_canonicalization(form)
            .body_canonicalization(form);
        let head = signer.sign(message).unwrap().to_header();
        [head.as_bytes(), message].concat()
    }

    /// The message with the seal of who passes it on (ARC), saying what they found.
    pub(crate) fn seal(&self, message: &[u8], found: &AuthenticationResults<'_>, chain: &ArcOutput<'_>) -> Vec<u8> {
        let parsed = AuthenticatedMessage::parse(message).unwrap();
        let sealer = ArcSealer::from_key(self.key()).domain(self.domain.as_str()).selector("k").headers(COVERED);
        let head = sealer.seal(&parsed, found, chain).unwrap().to_header();
        [head.as_bytes(), message].concat()
    }
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    bytes
        .chunks(3)
        .flat_map(|three| {
            let number =
                three.iter().fold(0_u32, |number, byte| number << 8 | u32::from(*byte)) << (8 * (3 - three.len()));
            (0..4).map(move |at| {
                if at <= three.len() { char::from(LETTERS[(number >> (18 - 6 * at)) as usize & 63]) } else { '=' }
            })
        })
        .collect()
}

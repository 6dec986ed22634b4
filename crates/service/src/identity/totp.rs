//! Time-based codes (RFC 6238: SHA-1, six digits, 30 seconds, which every authenticator app knows).

use crate::error::Error;
use crate::house::House;
use baluardo_model::{PersonId, Timestamp};
use qrcode::QrCode;
use qrcode::render::svg;
use serde::Serialize;
use totp_rs::{Builder, Totp};
use url::form_urlencoded::byte_serialize;

/// The name under which authenticator apps list the account.
const ISSUER: &str = "Baluardo";
/// Letters of base32 (RFC 4648, 6).
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// A secret of 160 bits, as RFC 4226 recommends.
pub(crate) type TotpSecret = [u8; 20];

/// What a person needs to put the secret into their app.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct TotpSetup {
    /// The secret in base32, to be typed.
    pub secret: String,
    /// The same as an `otpauth://` address.
    pub url: String,
    /// The same as a QR code: an `<svg>` element without inline style.
    pub qr_svg: String,
}

impl std::fmt::Debug for TotpSetup {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TotpSetup")
    }
}

/// The secret that belongs to a link: the same each time the page is opened, so that the code in the app fits whichever
/// copy of the page is sent off, and unknown to whoever reads the mail.
pub(crate) fn secret_of_link(house: &House, link_hash: &str) -> TotpSecret {
    secret_of(house, &format!("totp setup {link_hash}"))
}

/// The secret that a signed-in person may take in the place of the one they have, set at `present`: the same each time
/// this session asks, another one after it was taken, and unknown to whoever reads the database.
pub(crate) fn secret_of_change(house: &House, session: &str, present: Option<Timestamp>) -> TotpSecret {
    let present = present.map_or(0, Timestamp::micros);
    secret_of(house, &format!("totp change {session} {present}"))
}

fn secret_of(house: &House, what: &str) -> TotpSecret {
    let mut secret = TotpSecret::default();
    for (byte, from) in secret.iter_mut().zip(house.seal.derive(what)) {
        *byte = from;
    }
    secret
}

/// The step of a code that shows that a new secret has arrived in its owner's app.
///
/// # Errors
/// `code_wrong` in the field `code`.
pub(crate) fn shown_step(house: &House, secret: &TotpSecret, code: &str) -> Result<i64, Error> {
    step_of(secret, code, house.now()).ok_or_else(|| {
        Error::invalid("code", "code_wrong", "this is not the code of now: check that the phone's clock is right")
    })
}

/// Shows a secret to the person with this address.
///
/// # Errors
/// [`Error::Internal`] when no QR code can hold the address, which no address of 254 characters causes.
pub(crate) fn show(secret: &TotpSecret, email: &str) -> Result<TotpSetup, Error> {
    let secret = base32(secret);
    let account: String = byte_serialize(email.as_bytes()).collect();
    let url = format!("otpauth://totp/{ISSUER}:{account}?secret={secret}&issuer={ISSUER}");
    let code = QrCode::new(url.as_bytes()).map_err(Error::internal)?;
    let drawing = code.render::<svg::Color<'_>>().min_dimensions(220, 220).build();
    let qr_svg = drawing.find("<svg").and_then(|at| drawing.get(at..)).unwrap_or_default().to_owned();
    Ok(TotpSetup { secret, url, qr_svg })
}

/// The step of a code, if it is the one of now or of the step before or after; blanks in it do not matter.
pub(crate) fn step_of(secret: &TotpSecret, code: &str, now: Timestamp) -> Option<i64> {
    let code: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    let seconds = u64::try_from(now.micros() / 1_000_000).ok()?;
    let step = totp(secret).check(&code, seconds)?;
    i64::try_from(step).ok()
}

fn totp(secret: &TotpSecret) -> Totp {
    Builder::new().with_secret(*secret).build_noncompliant()
}

/// Seals a secret for its person.
///
/// # Errors
/// As [`crate::seal::SealKey::seal`].
pub(crate) fn seal(house: &House, person: PersonId, secret: &TotpSecret) -> Result<String, Error> {
    house.seal.seal(&format!("totp {person}"), secret, &*house.chance)
}

/// Opens what [`seal`] made.
///
/// # Errors
/// As [`crate::seal::SealKey::open`].
pub(crate) fn open(house: &House, person: PersonId, sealed: &str) -> Result<TotpSecret, Error> {
    let plain = house.seal.open(&format!("totp {person}"), sealed)?;
    plain.try_into().map_err(|_| Error::internal("the sealed TOTP secret has another length than it should"))
}

fn base32(bytes: &[u8]) -> String {
    let bits = bytes.iter().flat_map(|byte| (0..8).rev().map(move |at| byte >> at & 1));
    let bits: Vec<u8> = bits.collect();
    bits.chunks(5)
        .map(|group| {
            let value = (0..5).fold(0, |value, at| value << 1 | group.get(at).copied().unwrap_or(0));
            char::from(BASE32[usize::from(value)])
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base32_is_that_of_the_standard() {
        assert_eq!(base32(b"foobar"), "MZXW6YTBOI");
        assert_eq!(base32(b"12345678901234567890"), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
    }

    #[test]
    fn codes_are_those_of_the_standard() {
        // RFC 6238, appendix B: at 59 s the eight digits are 94287082.
        let at = Timestamp::from_micros(59_000_000);
        assert_eq!(step_of(b"12345678901234567890", "287 082", at), Some(1));
        assert_eq!(step_of(b"12345678901234567890", "287083", at), None);
        assert_eq!(step_of(b"12345678901234567890", "+87082", at), None);
    }

    #[test]
    fn a_qr_code_carries_no_inline_style() {
        let shown = show(&[7; 20], "anna+rtd@comune.siena.it").unwrap();
        assert!(shown.qr_svg.starts_with("<svg"));
        assert!(!shown.qr_svg.contains("style"));
        assert!(shown.url.starts_with("otpauth://totp/Baluardo:anna%2Brtd%40comune.siena.it?secret=A4DQ"));
    }
}

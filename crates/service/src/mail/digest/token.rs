//! The secret part of a link in a letter: signed by this house, and good for one message, one recipient and some days.
//!
//! It names the tenant, the message and the end; the recipient stands in it as a keyed tag, so that no address travels in an address. All
//! of it is signed, so a link tells what it is before a row is read, and nobody makes one or changes one.

use crate::seal::SealKey;
use crate::secret::hex;
use baluardo_model::{HeldMailId, TenantId, Timestamp};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use ring::hmac;

/// Bytes of an id.
const ID: usize = 16;
/// Bytes of the tag of a recipient.
const TAG: usize = 16;
/// Bytes of what is signed: two ids, seconds since 1970, and the tag.
const SIGNED: usize = 2 * ID + 8 + TAG;
/// Microseconds of a second.
const SECOND: i64 = 1_000_000;

/// What a link says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Claim {
    pub(super) tenant: TenantId,
    pub(super) held: HeldMailId,
    /// Whole seconds.
    pub(super) expires_at: Timestamp,
    tag: [u8; TAG],
}

impl Claim {
    /// For one recipient of one message.
    pub(super) fn new(
        seal: &SealKey,
        tenant: TenantId,
        held: HeldMailId,
        recipient: &str,
        expires_at: Timestamp,
    ) -> Self {
        let whole = Timestamp::from_micros(expires_at.micros().div_euclid(SECOND) * SECOND);
        Self { tenant, held, expires_at: whole, tag: tag(seal, tenant, held, recipient) }
    }

    /// As it stands in a link.
    pub(super) fn token(&self, seal: &SealKey) -> String {
        let seconds = self.expires_at.micros().div_euclid(SECOND).to_be_bytes();
        let signed = [self.tenant.0.as_bytes().as_slice(), self.held.0.as_bytes(), &seconds, &self.tag].concat();
        let code = hmac::sign(&key(seal), &signed);
        BASE64.encode([signed.as_slice(), code.as_ref()].concat())
    }

    /// What a link says; none for one that this house did not write.
    pub(super) fn read(seal: &SealKey, token: &str) -> Option<Self> {
        let bytes = BASE64.decode(token).ok()?;
        let (signed, code) = bytes.split_at_checked(SIGNED)?;
        hmac::verify(&key(seal), signed, code).ok()?;
        let (tenant, rest) = signed.split_at_checked(ID)?;
        let (held, rest) = rest.split_at_checked(ID)?;
        let (seconds, tag) = rest.split_first_chunk::<8>()?;
        Some(Self {
            tenant: hex(tenant).parse().ok()?,
            held: hex(held).parse().ok()?,
            expires_at: Timestamp::from_micros(i64::from_be_bytes(*seconds).checked_mul(SECOND)?),
            tag: tag.try_into().ok()?,
        })
    }

    /// Which of these recipients it is for.
    pub(super) fn recipient<'a>(&self, seal: &SealKey, recipients: &'a [String]) -> Option<&'a String> {
        recipients.iter().find(|recipient| tag(seal, self.tenant, self.held, recipient) == self.tag)
    }
}

fn key(seal: &SealKey) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, &seal.derive("held mail link 1"))
}

fn tag(seal: &SealKey, tenant: TenantId, held: HeldMailId, recipient: &str) -> [u8; TAG] {
    let key = hmac::Key::new(hmac::HMAC_SHA256, &seal.derive("held mail recipient 1"));
    let code = hmac::sign(&key, format!("{tenant} {held} {}", recipient.to_lowercase()).as_bytes());
    let mut tag = [0_u8; TAG];
    for (byte, from) in tag.iter_mut().zip(code.as_ref()) {
        *byte = *from;
    }
    tag
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seal() -> SealKey {
        SealKey::from_bytes(&[3; 32]).unwrap()
    }

    fn ids() -> (TenantId, HeldMailId) {
        let id = |last: u8| format!("00000000-0000-7000-8000-0000000000{last:02x}");
        (id(1).parse().unwrap(), id(2).parse().unwrap())
    }

    #[test]
    fn a_link_says_what_it_was_made_for_and_names_nobody() {
        let seal = seal();
        let (tenant, held) = ids();
        let end = Timestamp::from_micros(1_793_606_400_000_001);
        let claim = Claim::new(&seal, tenant, held, "Anna@Comune.Siena.IT", end);
        let token = claim.token(&seal);
        assert!(token.len() < 120 && token.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)));
        let read = Claim::read(&seal, &token).unwrap();
        assert_eq!(read, claim);
        assert_eq!((read.tenant, read.held, read.expires_at.micros()), (tenant, held, 1_793_606_400_000_000));
        let people = ["carla@comune.siena.it".to_owned(), "anna@comune.siena.it".to_owned()];
        assert_eq!(read.recipient(&seal, &people), Some(&people[1]));
        assert_eq!(read.recipient(&seal, &people[..1]), None);
        // Of the same people another message knows nobody.
        let other = Claim { held: HeldMailId(tenant.0), ..read };
        assert_eq!(other.recipient(&seal, &people), None);
    }

    #[test]
    fn a_link_that_was_changed_anywhere_is_none_of_ours() {
        let seal = seal();
        let (tenant, held) = ids();
        let claim = Claim::new(&seal, tenant, held, "anna@comune.siena.it", Timestamp::from_micros(0));
        let good = BASE64.decode(claim.token(&seal)).unwrap();
        for at in 0..good.len() {
            let mut bad = good.clone();
            bad[at] ^= 1;
            assert_eq!(Claim::read(&seal, &BASE64.encode(bad)), None, "byte {at}");
        }
        assert_eq!(Claim::read(&SealKey::from_bytes(&[4; 32]).unwrap(), &BASE64.encode(&good)), None, "another house");
        for bad in ["", "x", "=", &"x".repeat(43), &BASE64.encode(&good[..good.len() - 1])] {
            assert_eq!(Claim::read(&seal, bad), None, "{bad}");
        }
    }
}

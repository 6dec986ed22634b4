//! Which reported messages are alike, and whether more of them are held.

use crate::error::Error;
use crate::house::House;
use baluardo_mail::{Class, Fingerprint};
use baluardo_model::mail::MailPolicy;
use baluardo_store::mail::reports::Alike;
use baluardo_store::{TenantScope, Tx};
use ring::hmac;
use std::time::Duration;

/// For how long after the last report messages that are alike are held, and reports are gathered with them.
pub(super) const REMEMBERED: Duration = Duration::from_secs(90 * 24 * 60 * 60);
/// The most kinds that a message is held against.
pub(super) const MOST_KINDS: u32 = 500;

/// The fingerprint as it is kept: the digests of sender and hosts depend on a key of this house. It is one key for all comuni,
/// because they help each other.
pub(super) fn keyed(house: &House, fingerprint: &Fingerprint) -> Fingerprint {
    let key = hmac::Key::new(hmac::HMAC_SHA256, &house.seal.derive("reported mail 1"));
    fingerprint.clone().keyed(|digest| {
        let tag = hmac::sign(&key, &digest.to_be_bytes());
        tag.as_ref().iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte))
    })
}

/// The first kind that is alike.
pub(super) fn alike(kinds: Vec<Alike>, fingerprint: &Fingerprint) -> Option<Alike> {
    kinds.into_iter().find(|kind| kind.fingerprint.parse().is_ok_and(|known| fingerprint.is_alike(&known)))
}

/// As what messages like this one were reported, where more of them are held: by this comune's people, or, where it shares
/// reports, by the word of the RTD of another that does.
pub(in crate::mail) async fn reported_as(
    house: &House,
    tx: &mut Tx,
    scope: TenantScope,
    policy: &MailPolicy,
    fingerprint: &Fingerprint,
) -> Result<Option<Class>, Error> {
    let since = house.now().minus(REMEMBERED);
    let kinds = tx.tenant(scope).held_alikes(since, policy.share_reports, MOST_KINDS).await?;
    if kinds.is_empty() {
        return Ok(None);
    }
    Ok(alike(kinds, &keyed(house, fingerprint)).map(|kind| match kind.class.as_str() {
        "malware" => Class::Malware,
        "fraud" => Class::Fraud,
        "spam" => Class::Spam,
        // The engine saw nothing, and people did: what deceives is what they report.
        _ => Class::Phishing,
    }))
}

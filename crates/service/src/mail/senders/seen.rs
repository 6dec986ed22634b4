//! Remembers how the mail of senders ended, by day, under digests that only this house can make: the table says nothing of who
//! writes to a comune, and answers only for a sender whom somebody names.

use crate::error::Error;
use crate::house::House;
use crate::rights::platform_scope;
use crate::secret::hex;
use baluardo_mail::appearance;
use baluardo_model::TenantId;
use baluardo_model::mail::domain_of;
use baluardo_model::mail::senders::{SenderSeen, subjects_of};
use baluardo_store::Tx;
use ring::hmac;

/// How many of the subjects of an address are counted: itself, its domain, and two above.
const MOST_SUBJECTS: usize = 4;

/// What of a sender is remembered under a key of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trait {
    /// An address or a domain.
    Subject,
    /// How the name of the domain looks.
    Appearance,
}

/// The key under which a trait of a sender is counted.
pub(super) fn sender_key(house: &House, tenant: TenantId, what: Trait, value: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, &house.seal.derive(&format!("mail senders {tenant}")));
    let kind = match what {
        Trait::Subject => "subject",
        Trait::Appearance => "appearance",
    };
    hex(hmac::sign(&key, format!("{kind} {value}").as_bytes()).as_ref())
}

/// The key of an address or a domain.
pub(super) fn keyed_subject(house: &House, tenant: TenantId, subject: &str) -> String {
    sender_key(house, tenant, Trait::Subject, subject)
}

/// Counts `many` messages of `author`, if that is an address.
pub(in crate::mail) async fn count_seen(
    house: &House,
    tx: &mut Tx,
    tenant: TenantId,
    author: &str,
    seen: SenderSeen,
    many: u64,
) -> Result<(), Error> {
    let mut keys: Vec<String> =
        subjects_of(author).iter().take(MOST_SUBJECTS).map(|subject| keyed_subject(house, tenant, subject)).collect();
    if matches!(seen, SenderSeen::Delivered | SenderSeen::Released)
        && let Some(look) = domain_of(author).as_deref().and_then(appearance)
    {
        keys.push(sender_key(house, tenant, Trait::Appearance, &look));
    }
    for key in keys {
        tx.tenant(platform_scope(tenant)).count_sender(&key, seen, many, house.now()).await?;
    }
    Ok(())
}

/// Counts messages by comune, author and end, in one transaction.
///
/// # Errors
/// What the store says.
#[crate::act]
pub async fn count_senders(house: &House, ends: &[(TenantId, String, SenderSeen, u64)]) -> Result<(), Error> {
    if ends.is_empty() {
        return Ok(());
    }
    let mut tx = house.store.write().await?;
    for (tenant, author, seen, many) in ends {
        count_seen(house, &mut tx, *tenant, author, *seen, *many).await?;
    }
    tx.commit().await?;
    Ok(())
}

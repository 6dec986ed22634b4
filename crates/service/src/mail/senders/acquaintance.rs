//! How well a comune knows a writer.

use super::seen::{Trait, keyed_subject, sender_key};
use super::writer::Writer;
use crate::error::Error;
use crate::house::House;
use baluardo_mail::{Acquaintance, appearance, is_free};
use baluardo_model::mail::domain_of;
use baluardo_model::mail::senders::SenderSeen;
use baluardo_model::{TenantId, Timestamp};
use baluardo_store::mail::seen::Seen;
use baluardo_store::{TenantScope, Tx};

/// Days on which an address must have written, and a domain. Many messages on one day are one day.
const DAYS_OF_ADDRESS: u64 = 3;
const DAYS_OF_DOMAIN: u64 = 5;
/// What a day counts on which somebody released a message of theirs.
const RELEASED: u64 = 2;

/// How well the writer is known since `since`: as known only where something shows that the message is theirs.
pub(in crate::mail) async fn acquaintance(
    house: &House,
    tx: &mut Tx,
    scope: TenantScope,
    writer: &Writer<'_>,
    since: Timestamp,
) -> Result<Acquaintance, Error> {
    let tenant = scope.tenant();
    let author = writer.author.to_lowercase();
    let Some(domain) = domain_of(&author) else { return Ok(Acquaintance::Unknown) };
    let of_domain = seen(house, tx, scope, tenant, &domain, since).await?;
    if writer.is_proven() {
        let of_address = seen(house, tx, scope, tenant, &author, since).await?;
        let known = standing(&of_address) >= DAYS_OF_ADDRESS
            || (!is_free(&domain) && standing(&of_domain) >= DAYS_OF_DOMAIN && !was_reported(&of_address));
        if known {
            return Ok(Acquaintance::Known);
        }
    }
    // Somebody whose name is written with other letters, and who never wrote under this one.
    let Some(look) = appearance(&domain).filter(|_| good_days(&of_domain) == 0) else {
        return Ok(Acquaintance::Unknown);
    };
    let key = sender_key(house, tenant, Trait::Appearance, &look);
    let alike = tx.tenant(scope).sender_seen(&key, since).await?;
    let imitates = good_days(&alike) >= DAYS_OF_ADDRESS && !same_name_known(house, tx, scope, &domain, since).await?;
    Ok(if imitates { Acquaintance::NearKnown } else { Acquaintance::Unknown })
}

async fn seen(
    house: &House,
    tx: &mut Tx,
    scope: TenantScope,
    tenant: TenantId,
    subject: &str,
    since: Timestamp,
) -> Result<Vec<Seen>, Error> {
    Ok(tx.tenant(scope).sender_seen(&keyed_subject(house, tenant, subject), since).await?)
}

/// Whether the organisation wrote from another of its names: then the look is its own.
async fn same_name_known(
    house: &House,
    tx: &mut Tx,
    scope: TenantScope,
    domain: &str,
    since: Timestamp,
) -> Result<bool, Error> {
    let organisation = baluardo_mail::organisation(domain).to_owned();
    Ok(good_days(&seen(house, tx, scope, scope.tenant(), &organisation, since).await?) > 0)
}

fn days(seen: &[Seen], wanted: SenderSeen) -> u64 {
    seen.iter().filter(|one| one.seen == wanted).map(|one| one.days).sum()
}

fn good_days(seen: &[Seen]) -> u64 {
    days(seen, SenderSeen::Delivered) + days(seen, SenderSeen::Released)
}

fn was_reported(seen: &[Seen]) -> bool {
    days(seen, SenderSeen::Reported) > 0
}

/// Days in good standing: none for somebody who was reported, or was held on as many days as they were not.
fn standing(seen: &[Seen]) -> u64 {
    let good = days(seen, SenderSeen::Delivered) + RELEASED * days(seen, SenderSeen::Released);
    if was_reported(seen) || days(seen, SenderSeen::Held) >= good { 0 } else { good }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(seen: SenderSeen, days: u64, count: u64) -> Seen {
        Seen { seen, days, count }
    }

    #[test]
    fn days_count_and_not_messages() {
        assert_eq!(standing(&[seen(SenderSeen::Delivered, 1, 900)]), 1);
        assert_eq!(standing(&[seen(SenderSeen::Delivered, 3, 3)]), 3);
        assert_eq!(standing(&[seen(SenderSeen::Unproven, 9, 9)]), 0);
    }

    #[test]
    fn released_messages_count_more_and_reported_ones_end_it() {
        let good = [seen(SenderSeen::Released, 2, 2), seen(SenderSeen::Held, 2, 2)];
        assert_eq!(standing(&good), 4);
        assert_eq!(standing(&[seen(SenderSeen::Delivered, 9, 9), seen(SenderSeen::Reported, 1, 1)]), 0);
        assert_eq!(standing(&[seen(SenderSeen::Delivered, 2, 2), seen(SenderSeen::Held, 2, 2)]), 0);
    }
}

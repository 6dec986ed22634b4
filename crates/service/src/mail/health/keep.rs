//! What is asked about a domain, and what is kept of the answer.

use super::own_domain;
use crate::error::Error;
use crate::house::House;
use crate::mail::dmarc_advice::DmarcAdvice;
use crate::rights::platform_scope;
use baluardo_mail::health::{Health, Mark, Origin, Subject};
use baluardo_model::TenantId;
use baluardo_model::dmarc::Disposition;
use baluardo_store::mail::health::DomainHealthRow;
use baluardo_store::{TenantScope, Tx};
use std::time::Duration;

/// The time of which reports are read, as for the page of who writes.
const WINDOW: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// The most selectors that are asked about.
pub(super) const MOST_SELECTORS: u32 = 20;
/// The marks that are remembered of one domain.
pub(super) const MOST_MARKS: u32 = 60;
/// When a domain is looked at again, and how soon where it could not be.
const EACH: Duration = Duration::from_secs(24 * 60 * 60);
const SOON: Duration = Duration::from_secs(60 * 60);

/// What the house knows of a domain before it asks.
pub(super) async fn subject(house: &House, tx: &mut Tx, scope: TenantScope, domain: &str) -> Result<Subject, Error> {
    let known = tx.tenant(scope).domain_selectors(domain, MOST_SELECTORS).await?;
    let origin = |named: bool| if named { Origin::Named } else { Origin::Reported };
    let sums = tx.tenant(scope).dmarc_sums(domain, house.now().minus(WINDOW), 0).await?;
    let ready = match DmarcAdvice::of(&sums) {
        DmarcAdvice::Quarantine => Disposition::Quarantine,
        DmarcAdvice::Reject => Disposition::Reject,
        _ => Disposition::None,
    };
    Ok(Subject {
        domain: domain.to_owned(),
        selectors: known.into_iter().map(|(name, named)| (name, origin(named))).collect(),
        blacklists: Vec::new(),
        ready,
    })
}

/// Keeps what was found, unless nothing could be: then what stood there stays, and it is tried again soon. Nothing is kept of a
/// domain that was given up meanwhile.
pub(super) async fn keep(house: &House, tenant: TenantId, health: &Health) -> Result<(), Error> {
    let now = house.now();
    let mut tx = house.store.write().await?;
    let scope = platform_scope(tenant);
    match own_domain(&mut tx, scope, &health.domain).await {
        Ok(_) => {}
        Err(Error::NotFound) => return Ok(()),
        Err(error) => return Err(error),
    }
    let mut rows = tx.tenant(scope);
    let before = rows.domain_healths().await?.into_iter().find(|row| row.domain == health.domain);
    let due_at = now.plus(if health.mark.is_some() { EACH } else { SOON });
    let mut row = before.unwrap_or_else(|| DomainHealthRow {
        domain: health.domain.clone(),
        mark: String::new(),
        fallen_from: String::new(),
        looked_at: None,
        tried_at: now,
        due_at,
        checks: String::new(),
    });
    (row.tried_at, row.due_at) = (now, due_at);
    let old = Mark::from_code(&row.mark);
    if health.mark.is_some() || old.is_none() {
        row.checks = serde_json::to_string(&health.checks).map_err(Error::internal)?;
    }
    if let Some(mark) = health.mark {
        row.fallen_from = fallen_from(Mark::from_code(&row.fallen_from), old, mark).map_or("", Mark::code).to_owned();
        mark.code().clone_into(&mut row.mark);
        row.looked_at = Some(now);
        if old != Some(mark) {
            rows.give_domain_mark(&row.domain, now, mark.code(), MOST_MARKS).await?;
        }
    }
    rows.keep_domain_health(&row).await?;
    tx.commit().await?;
    Ok(())
}

/// The mark from which a domain fell and to which it has not come back: a second fall does not hide the first.
fn fallen_from(open: Option<Mark>, old: Option<Mark>, new: Mark) -> Option<Mark> {
    open.into_iter().chain(old).min().filter(|best| *best < new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fall_stays_told_until_the_domain_has_come_back() {
        use Mark as M;
        for (open, old, new, expected) in [
            (None, None, M::C, None),
            (None, Some(M::A), M::A, None),
            (None, Some(M::C), M::A, None),
            (None, Some(M::A), M::C, Some(M::A)),
            (Some(M::A), Some(M::C), M::C, Some(M::A)),
            (Some(M::A), Some(M::C), M::D, Some(M::A)),
            (Some(M::A), Some(M::C), M::B, Some(M::A)),
            (Some(M::B), Some(M::C), M::B, None),
            (Some(M::B), Some(M::C), M::A, None),
        ] {
            assert_eq!(fallen_from(open, old, new), expected, "{open:?} {old:?} {new:?}");
        }
    }
}

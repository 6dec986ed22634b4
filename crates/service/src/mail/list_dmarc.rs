//! What receivers say of mail in the name of a comune's domains, added up.

use super::dmarc_advice::DmarcAdvice;
use crate::error::Error;
use crate::house::House;
use crate::rights::{Act, tenant_scope};
use baluardo_model::TenantId;
use baluardo_model::identity::Actor;
use baluardo_model::mail::DomainState;
use baluardo_store::mail::dmarc::DmarcSums;
use std::time::Duration;

/// The time that is looked at.
const WINDOW: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// The most sources that are shown of one domain.
const MOST_SOURCES: u32 = 50;

/// A domain and what is said of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DmarcDomain {
    /// Which.
    pub domain: String,
    /// What the reports of the last 30 days add up to.
    pub sums: DmarcSums,
    /// What to do next.
    pub advice: DmarcAdvice,
}

/// Each domain for which the comune answers.
///
/// # Errors
/// As [`tenant_scope`].
#[crate::act]
pub async fn list_dmarc(house: &House, actor: &Actor, tenant: TenantId) -> Result<Vec<DmarcDomain>, Error> {
    let mut tx = house.store.read().await?;
    let scope = tenant_scope(&mut tx, actor, Act::SeeMailHealth, tenant).await?;
    let since = house.now().minus(WINDOW);
    let mut found = Vec::new();
    for own in tx.tenant(scope).mail_domains().await? {
        if own.state == DomainState::Approved {
            let sums = tx.tenant(scope).dmarc_sums(&own.domain, since, MOST_SOURCES).await?;
            found.push(DmarcDomain { domain: own.domain, advice: DmarcAdvice::of(&sums), sums });
        }
    }
    Ok(found)
}

//! Under which names a domain publishes its DKIM keys: the DNS gives no list of them, so somebody has to say.

use super::keep::MOST_SELECTORS;
use super::own_domain;
use crate::audit::record;
use crate::error::Error;
use crate::house::House;
use crate::rights::{Act, tenant_scope};
use baluardo_mail::health::Subject;
use baluardo_model::TenantId;
use baluardo_model::dmarc::DmarcReport;
use baluardo_model::identity::Actor;
use baluardo_store::{TenantScope, Tx};

/// The most selectors that somebody may name.
const MOST_NAMED: usize = 10;

/// Names the selectors of a domain, in the place of those named before.
///
/// # Errors
/// [`Error::Invalid`] `mail.selector_bad` for what is no selector, or too many; [`Error::NotFound`] for a domain for which the
/// comune does not answer; as [`tenant_scope`].
#[crate::act]
pub async fn name_selectors(
    house: &House,
    actor: &Actor,
    tenant: TenantId,
    domain: &str,
    names: &[String],
) -> Result<(), Error> {
    let mut tx = house.store.write().await?;
    let scope = tenant_scope(&mut tx, actor, Act::SeeMailHealth, tenant).await?;
    let domain = own_domain(&mut tx, scope, domain).await?;
    let mut tidy: Vec<String> = names.iter().map(|name| name.trim().to_lowercase()).collect();
    tidy.retain(|name| !name.is_empty());
    tidy.sort();
    tidy.dedup();
    if tidy.len() > MOST_NAMED || !tidy.iter().all(|name| Subject::is_selector(name)) {
        let message = "write what stands behind s= in the DKIM-Signature of your messages, ten at most";
        return Err(Error::invalid("selectors", "mail.selector_bad", message));
    }
    tx.tenant(scope).name_selectors(&domain, &tidy, house.now()).await?;
    let detail = tidy.join(" ");
    record(house, &mut tx, scope, actor, "mail.selectors_named", format!("domain {domain}"), &detail).await?;
    tx.commit().await?;
    Ok(())
}

/// Learns the selectors of a report about an own domain.
pub(in crate::mail) async fn note_selectors(
    tx: &mut Tx,
    scope: TenantScope,
    report: &DmarcReport,
) -> Result<(), Error> {
    if !report.selectors.is_empty() {
        let mut rows = tx.tenant(scope);
        rows.note_selectors(&report.domain, &report.selectors, report.end, MOST_SELECTORS / 2).await?;
    }
    Ok(())
}

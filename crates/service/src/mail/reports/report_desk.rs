//! Where people of a comune can forward what they find suspicious.

use crate::error::Error;
use crate::house::House;
use crate::rights::{Act, tenant_scope};
use baluardo_model::TenantId;
use baluardo_model::identity::Actor;
use baluardo_model::mail::DomainState;
use baluardo_model::mail::reports::DESK;

/// The comune's address for reports, at the first of its domains; none while no domain is approved.
///
/// # Errors
/// As [`tenant_scope`].
#[crate::act]
pub async fn report_desk(house: &House, actor: &Actor, tenant: TenantId) -> Result<Option<String>, Error> {
    let mut tx = house.store.read().await?;
    let scope = tenant_scope(&mut tx, actor, Act::ReportMail, tenant).await?;
    let domains = tx.tenant(scope).mail_domains().await?;
    let own = domains.into_iter().find(|domain| domain.state == DomainState::Approved);
    Ok(own.map(|own| format!("{DESK}@{}", own.domain)))
}

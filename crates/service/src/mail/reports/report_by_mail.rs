//! Somebody reports a message by forwarding it to the comune's address for reports.

use super::judged::judged;
use super::take_report::{Reporter, take_report};
use crate::error::Error;
use crate::fleet::foreign_text::name;
use crate::house::House;
use crate::rights::platform_scope;
use baluardo_mail::forwarded;
use baluardo_model::TenantId;
use baluardo_model::identity::Actor;
use baluardo_model::mail::domain_of;
use baluardo_model::mail::reports::ReportWay;
use baluardo_store::mail::reports::ReportRow;

/// Takes what `sender` forwarded: the message within is judged, the report kept, and the answer goes to them by mail. `proven` says
/// that it is sure that they wrote: without that the report is listed and answered, and counts for nobody.
///
/// # Errors
/// [`Error::NotFound`] for a sender who does not write from a domain of the comune; [`Error::Invalid`] and
/// [`Error::Throttled`] as [`super::report_message()`].
#[crate::act]
pub async fn report_by_mail(
    house: &House,
    tenant: TenantId,
    sender: &str,
    proven: bool,
    bytes: Vec<u8>,
) -> Result<ReportRow, Error> {
    let sender = sender.trim().to_lowercase();
    let domain = domain_of(&sender).ok_or(Error::NotFound)?;
    let mut tx = house.store.read().await?;
    if tx.platform().domain_owner(&domain).await? != Some(tenant) {
        return Err(Error::NotFound);
    }
    let person = tx.platform().person_by_email(&sender).await?;
    drop(tx);
    let person = person.filter(|found| found.person.tenant == tenant).map(|found| found.person);
    let inner = tokio::task::spawn_blocking(move || forwarded(&bytes).bytes).await.map_err(Error::internal)?;
    let judged = judged(inner).await?;
    let actor = match &person {
        Some(person) if proven => Actor::Person { id: person.id, tenant, role: person.role, name: person.name.clone() },
        _ => Actor::Public,
    };
    let shown = person.map_or_else(|| name(&sender), |person| person.name);
    let reporter = Reporter { identity: sender.clone(), name: shown, email: sender, proven, way: ReportWay::Mail };
    let mut tx = house.store.write().await?;
    let row = take_report(house, &mut tx, platform_scope(tenant), &actor, &reporter, &judged).await?;
    tx.commit().await?;
    Ok(row)
}

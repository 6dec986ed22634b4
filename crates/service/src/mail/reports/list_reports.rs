//! What people of a comune reported.

use crate::audit::record;
use crate::error::Error;
use crate::house::House;
use crate::rights::{Act, tenant_scope};
use baluardo_model::identity::Actor;
use baluardo_model::mail::reports::ReportState;
use baluardo_model::{ReportId, TenantId};
use baluardo_store::mail::reports::ReportRow;

/// The most reports that are shown.
const MAX_ROWS: u32 = 500;

/// What part of the reports to read.
#[derive(Clone, Debug, Default)]
pub struct ReportFilter {
    /// Only reports in whose subject, author or reporter this stands; empty for all.
    pub text: String,
    /// Only those of which this was said.
    pub state: Option<ReportState>,
}

/// Reports of `tenant`: those of which nothing was said first, then the newest; at most 500.
///
/// # Errors
/// As [`tenant_scope`].
#[crate::act]
pub async fn list_reports(
    house: &House,
    actor: &Actor,
    tenant: TenantId,
    filter: &ReportFilter,
) -> Result<Vec<ReportRow>, Error> {
    let mut tx = house.store.read().await?;
    let scope = tenant_scope(&mut tx, actor, Act::SeeReports, tenant).await?;
    Ok(tx.tenant(scope).reports(filter.state, &filter.text, MAX_ROWS).await?)
}

/// One report. That somebody looked stands in the log.
///
/// # Errors
/// [`Error::NotFound`] when the tenant has no such report; as [`tenant_scope`].
#[crate::act]
pub async fn get_report(house: &House, actor: &Actor, tenant: TenantId, id: ReportId) -> Result<ReportRow, Error> {
    let mut tx = house.store.write().await?;
    let scope = tenant_scope(&mut tx, actor, Act::SeeReports, tenant).await?;
    let row = tx.tenant(scope).report(id).await?.ok_or(Error::NotFound)?;
    record(house, &mut tx, scope, actor, "mail.report_looked", format!("report {id}"), "").await?;
    tx.commit().await?;
    Ok(row)
}

/// Of how many kinds of reported messages nothing was said.
///
/// # Errors
/// As [`tenant_scope`].
#[crate::act]
pub async fn reports_waiting(house: &House, actor: &Actor, tenant: TenantId) -> Result<u64, Error> {
    let mut tx = house.store.read().await?;
    let scope = tenant_scope(&mut tx, actor, Act::SeeReports, tenant).await?;
    Ok(tx.tenant(scope).reports_waiting().await?)
}

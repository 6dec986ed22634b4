//! Reads the log of a tenant.

use crate::error::Error;
use crate::house::House;
use crate::rights::{Act, tenant_scope};
use baluardo_model::TenantId;
use baluardo_model::identity::Actor;
use baluardo_store::audit::AuditLine;
use serde::Serialize;

/// The most lines of one page.
const PAGE: u32 = 100;

/// What part of the log to read.
#[derive(Clone, Debug, Default)]
pub struct AuditQuery {
    /// Only lines below this number; none for the newest.
    pub before: Option<u64>,
    /// Only this act; empty for all.
    pub act: String,
    /// Only lines that name this; empty for all.
    pub text: String,
}

/// A page of the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AuditFound {
    /// The lines, newest first, at most a hundred.
    pub lines: Vec<AuditLine>,
    /// How many lines the search finds in all.
    pub total: u64,
    /// The acts that the log holds, by their stable words, whatever the search.
    pub acts: Vec<String>,
    /// From below which number the page after this one begins; none on the last.
    pub next: Option<u64>,
}

/// A page of the log, newest first.
///
/// # Errors
/// As [`tenant_scope`].
#[crate::act]
pub async fn list_audit(
    house: &House,
    actor: &Actor,
    tenant: TenantId,
    query: &AuditQuery,
) -> Result<AuditFound, Error> {
    let mut tx = house.store.read().await?;
    let scope = tenant_scope(&mut tx, actor, Act::SeeAudit, tenant).await?;
    let before = query.before.unwrap_or(i64::MAX as u64);
    let mut rows = tx.tenant(scope);
    // One more than is shown tells whether there is a next page.
    let mut lines = rows.audit_page(before, &query.act, &query.text, PAGE + 1).await?;
    let more = lines.len() > PAGE as usize;
    lines.truncate(PAGE as usize);
    let next = lines.last().filter(|_| more).map(|line| line.seq);
    let total = rows.audit_found(&query.act, &query.text).await?;
    Ok(AuditFound { lines, total, acts: rows.audit_acts().await?, next })
}

/// The whole log, oldest first.
///
/// # Errors
/// As [`tenant_scope`].
#[crate::act]
pub async fn export_audit(house: &House, actor: &Actor, tenant: TenantId) -> Result<Vec<AuditLine>, Error> {
    let mut tx = house.store.read().await?;
    let scope = tenant_scope(&mut tx, actor, Act::SeeAudit, tenant).await?;
    Ok(tx.tenant(scope).audit_all().await?)
}

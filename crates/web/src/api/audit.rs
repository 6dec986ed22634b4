//! The audit log, for programs: page by page, or whole with its digests.

use crate::answer::ApiResult;
use crate::api::body::query;
use crate::api::caller::Caller;
use crate::pages::audit::{AuditExport, audit_row};
use crate::pages::rows::id;
use crate::routes::routes;
use crate::view::audit::AuditRow;
use axum::Json;
use axum::extract::{Path, RawQuery};
use baluardo_model::TenantId;
use baluardo_service::audit::{self, AuditQuery};
use serde::Serialize;

routes! {
    own {
        get "/api/v1/tenants/{tenant}/audit" log, Signed;
        get "/api/v1/tenants/{tenant}/audit/export" export, Signed;
    }
    tenant {}
}

/// A page of the log.
#[derive(Debug, Serialize)]
struct AuditLog {
    /// The lines, newest first.
    lines: Vec<AuditRow>,
    /// How many there are on all pages.
    total: u64,
    /// What to give as `before` for the next page; none on the last.
    next: Option<u64>,
}

async fn log(caller: Caller, Path(tenant): Path<String>, RawQuery(asked): RawQuery) -> ApiResult<Json<AuditLog>> {
    let tenant: TenantId = id(&tenant)?;
    let asked = query(asked);
    let wanted =
        AuditQuery { before: asked.text("before").parse().ok(), act: asked.text("act"), text: asked.text("q") };
    let found = audit::list_audit(&caller.house, &caller.actor, tenant, &wanted).await?;
    let lines = found.lines.iter().map(|line| audit_row(line, tenant)).collect();
    Ok(Json(AuditLog { lines, total: found.total, next: found.next }))
}

async fn export(caller: Caller, Path(tenant): Path<String>) -> ApiResult<Json<AuditExport>> {
    let tenant: TenantId = id(&tenant)?;
    let lines = audit::export_audit(&caller.house, &caller.actor, tenant).await?;
    Ok(Json(AuditExport::of(tenant, lines)))
}

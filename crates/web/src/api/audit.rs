//! The audit log, for programs: page by page, or whole with its digests.

use crate::answer::ApiResult;
use crate::api::caller::Caller;
use crate::api::input::{ApiPath, ApiQuery};
use crate::pages::audit::{AuditExport, audit_row, check_row};
use crate::pages::rows::id;
use crate::routes::routes;
use crate::view::audit::{AuditRow, CheckRow};
use axum::Json;
use baluardo_model::TenantId;
use baluardo_service::audit::{self, AuditQuery, Extent};
use serde::Serialize;

/// The calls of this file, for the OpenAPI document.
#[cfg(feature = "document")]
#[derive(utoipa::OpenApi)]
#[openapi(paths(log, export, check))]
pub(super) struct Calls;

routes! {
    own {
        get "/api/v1/tenants/{tenant}/audit" log, Signed;
        get "/api/v1/tenants/{tenant}/audit/export" export, Signed;
        post "/api/v1/tenants/{tenant}/audit/check" check, Signed;
    }
    tenant {}
}

/// A page of the log.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "document", derive(utoipa::ToSchema))]
struct AuditLog {
    /// The lines, newest first.
    lines: Vec<AuditRow>,
    /// How many there are on all pages.
    total: u64,
    /// What to give as `before` for the next page; none on the last.
    next: Option<u64>,
}

/// Reads the audit log, newest first.
#[cfg_attr(feature = "document", utoipa::path(
    get,
    path = "/api/v1/tenants/{tenant}/audit",
    params(("q" = Option<String>, Query, description = "Text in who, target or detail."), ("act" = Option<String>, Query, description = "An act's stable word."), ("before" = Option<String>, Query, description = "Only lines below this number: `next` of the page before.")),
    responses((status = 200, description = "What was asked for.", body = AuditLog)),
    security(("token" = ["audit.read"])),
))]
async fn log(caller: Caller, ApiPath(tenant): ApiPath<String>, asked: ApiQuery) -> ApiResult<Json<AuditLog>> {
    let tenant: TenantId = id(&tenant)?;
    let wanted = AuditQuery { before: asked.parsed("before")?, act: asked.text("act"), text: asked.text("q") };
    let found = audit::list_audit(&caller.house, &caller.actor, tenant, &wanted).await?;
    let lines = found.lines.iter().map(|line| audit_row(line, tenant)).collect();
    Ok(Json(AuditLog { lines, total: found.total, next: found.next }))
}

/// Reads the whole audit log with its digests, and whether its chain holds.
#[cfg_attr(feature = "document", utoipa::path(
    get,
    path = "/api/v1/tenants/{tenant}/audit/export",
    responses((status = 200, description = "What was asked for.", body = AuditExport)),
    security(("token" = ["audit.read"])),
))]
async fn export(caller: Caller, ApiPath(tenant): ApiPath<String>) -> ApiResult<Json<AuditExport>> {
    let tenant: TenantId = id(&tenant)?;
    let lines = audit::export_audit(&caller.house, &caller.actor, tenant).await?;
    Ok(Json(AuditExport::of(tenant, lines)))
}

/// Checks the whole chain of the log: that no line was changed, removed or put in.
#[cfg_attr(feature = "document", utoipa::path(
    post,
    path = "/api/v1/tenants/{tenant}/audit/check",
    responses((status = 200, description = "What was found.", body = CheckRow)),
    security(("token" = ["audit.read"])),
))]
async fn check(caller: Caller, ApiPath(tenant): ApiPath<String>) -> ApiResult<Json<CheckRow>> {
    let found = audit::check_log(&caller.house, &caller.actor, id(&tenant)?, Extent::Whole).await?;
    Ok(Json(check_row(&found)))
}

//! What receivers say of mail in the name of a comune's domains, for programs.

use crate::answer::ApiResult;
use crate::api::caller::Caller;
use crate::api::input::ApiPath;
use crate::pages::dmarc::domain_row;
use crate::pages::rows::id;
use crate::routes::routes;
use crate::view::dmarc::DmarcDomainRow;
use axum::Json;
use axum::body::Bytes;
use baluardo_service::mail;
use serde::Serialize;

/// The calls of this file, for the OpenAPI document.
#[cfg(feature = "document")]
#[derive(utoipa::OpenApi)]
#[openapi(paths(list, import))]
pub(super) struct Calls;

routes! {
    own {
        get "/api/v1/tenants/{tenant}/mail/dmarc" list, Signed;
        post "/api/v1/tenants/{tenant}/mail/dmarc" import, Signed;
    }
    tenant {}
}

/// What came of an import.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "document", derive(utoipa::ToSchema))]
struct ImportedReports {
    /// Reports that are new.
    kept: u64,
    /// Reports that were here before.
    known: u64,
    /// Domains of reports that are not the comune's.
    foreign: Vec<String>,
    /// Why reports could not be read or kept.
    unreadable: Vec<String>,
}

/// Lists the domains with what was reported of each in the last 30 days.
#[cfg_attr(feature = "document", utoipa::path(
    get,
    path = "/api/v1/tenants/{tenant}/mail/dmarc",
    responses((status = 200, description = "What was asked for.", body = Vec<DmarcDomainRow>)),
    security(("token" = ["mail.health"])),
))]
async fn list(caller: Caller, ApiPath(tenant): ApiPath<String>) -> ApiResult<Json<Vec<DmarcDomainRow>>> {
    let found = mail::list_dmarc(&caller.house, &caller.actor, id(&tenant)?).await?;
    Ok(Json(found.into_iter().map(domain_row).collect()))
}

/// Brings DMARC aggregate reports in: the body is the XML, its `.gz` or `.zip`, or the message that carried it, of at most
/// 256 kB. Larger ones come in on the server's command line.
#[cfg_attr(feature = "document", utoipa::path(
    post,
    path = "/api/v1/tenants/{tenant}/mail/dmarc",
    request_body(content = String, content_type = "application/octet-stream"),
    responses((status = 200, description = "What came of it.", body = ImportedReports)),
    security(("token" = ["mail.health"])),
))]
async fn import(caller: Caller, ApiPath(tenant): ApiPath<String>, body: Bytes) -> ApiResult<Json<ImportedReports>> {
    let mail::ImportedDmarc { kept, known, foreign, unreadable } =
        mail::import_dmarc(&caller.house, &caller.actor, id(&tenant)?, &body).await?;
    Ok(Json(ImportedReports { kept, known, foreign, unreadable }))
}

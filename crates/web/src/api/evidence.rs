//! Evidence of a device, for programs.

use crate::answer::ApiResult;
use crate::api::body::ApiJson;
use crate::api::caller::Caller;
use crate::api::input::ApiPath;
#[cfg(feature = "document")]
use crate::api::shapes;
use crate::pages::evidence::{package, row};
use crate::pages::rows::id;
use crate::routes::routes;
use crate::view::evidence::EvidenceRow;
use axum::Json;
use axum::http::StatusCode;
use axum::response::Response;
use baluardo_model::{DeviceId, EvidenceId, FindingId, TenantId};
use baluardo_service::protection;
use serde::Deserialize;

/// The calls of this file, for the OpenAPI document.
#[cfg(feature = "document")]
#[derive(utoipa::OpenApi)]
#[openapi(paths(list, collect, download, delete))]
pub(super) struct Calls;

routes! {
    own {
        get "/api/v1/tenants/{tenant}/devices/{id}/evidence" list, Signed;
        post "/api/v1/tenants/{tenant}/devices/{id}/evidence" collect, Signed;
        get "/api/v1/tenants/{tenant}/devices/{id}/evidence/{evidence}" download, Signed;
        post "/api/v1/tenants/{tenant}/devices/{id}/evidence/{evidence}/delete" delete, Signed;
    }
    tenant {}
}

/// Lists the packages of evidence of a device, newest first.
#[cfg_attr(feature = "document", utoipa::path(
    get,
    path = "/api/v1/tenants/{tenant}/devices/{id}/evidence",
    responses((status = 200, description = "What was asked for.", body = Vec<EvidenceRow>)),
    security(("token" = ["evidence.read"])),
))]
async fn list(
    caller: Caller,
    ApiPath((tenant, device)): ApiPath<(String, String)>,
) -> ApiResult<Json<Vec<EvidenceRow>>> {
    let found = protection::list_evidence(&caller.house, &caller.actor, id(&tenant)?, id(&device)?).await?;
    Ok(Json(found.iter().map(row).collect()))
}

/// Why evidence is gathered, and of what.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "document", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
struct CollectBody {
    /// 1 to 500 characters; it goes into the package and into the log.
    reason: String,
    /// The finding that it is about.
    #[serde(default)]
    #[cfg_attr(feature = "document", schema(value_type = Option<String>))]
    finding: Option<FindingId>,
    /// Whether quarantined files go with it, sealed: only the device's key opens them.
    #[serde(default)]
    #[cfg_attr(feature = "document", schema(required = false))]
    sealed: bool,
}

/// Orders a device to gather evidence and to send it.
#[cfg_attr(feature = "document", utoipa::path(
    post,
    path = "/api/v1/tenants/{tenant}/devices/{id}/evidence",
    request_body = CollectBody,
    responses((status = 202, description = "The order is given; the package comes by itself.", body = shapes::Reference)),
    security(("token" = ["evidence.collect"])),
))]
async fn collect(
    caller: Caller,
    ApiPath((tenant, device)): ApiPath<(String, String)>,
    ApiJson(body): ApiJson<CollectBody>,
) -> ApiResult<(StatusCode, Json<serde_json::Value>)> {
    let (tenant, device): (TenantId, DeviceId) = (id(&tenant)?, id(&device)?);
    let asked = (body.reason.as_str(), body.sealed);
    let ordered = protection::order_evidence(&caller.house, &caller.actor, tenant, device, body.finding, asked).await?;
    Ok((StatusCode::ACCEPTED, Json(serde_json::json!({ "id": ordered }))))
}

/// Downloads a package that is here whole; each time is a line of the log.
#[cfg_attr(feature = "document", utoipa::path(
    get,
    path = "/api/v1/tenants/{tenant}/devices/{id}/evidence/{evidence}",
    responses((status = 200, description = "A tar, compressed by gzip.", content_type = "application/gzip")),
    security(("token" = ["evidence.read"])),
))]
async fn download(
    caller: Caller,
    ApiPath((tenant, device, evidence)): ApiPath<(String, String, String)>,
) -> ApiResult<Response> {
    let ids: (DeviceId, EvidenceId) = (id(&device)?, id(&evidence)?);
    let (_, bytes) = protection::download_evidence(&caller.house, &caller.actor, id(&tenant)?, ids).await?;
    Ok(package(ids.1, bytes))
}

/// Why a package goes before its time.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "document", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
struct DeleteBody {
    /// 1 to 500 characters, for the log.
    reason: String,
}

/// Deletes a package before its time.
#[cfg_attr(feature = "document", utoipa::path(
    post,
    path = "/api/v1/tenants/{tenant}/devices/{id}/evidence/{evidence}/delete",
    request_body = DeleteBody,
    responses((status = 204, description = "Done.")),
    security(("token" = ["evidence.delete"])),
))]
async fn delete(
    caller: Caller,
    ApiPath((tenant, device, evidence)): ApiPath<(String, String, String)>,
    ApiJson(body): ApiJson<DeleteBody>,
) -> ApiResult<StatusCode> {
    let ids: (DeviceId, EvidenceId) = (id(&device)?, id(&evidence)?);
    protection::delete_evidence(&caller.house, &caller.actor, id(&tenant)?, ids, &body.reason).await?;
    Ok(StatusCode::NO_CONTENT)
}

//! A folder of a device back to a moment, for programs.

use crate::answer::ApiResult;
use crate::api::body::ApiJson;
use crate::api::caller::Caller;
use crate::api::input::ApiPath;
#[cfg(feature = "document")]
use crate::api::shapes;
use crate::pages::rollback::row;
use crate::pages::rows::{self, id};
use crate::routes::routes;
use crate::view::rollback::RollbackRow;
use axum::Json;
use axum::http::StatusCode;
use baluardo_model::{DeviceId, RollbackId, TenantId, Timestamp};
use baluardo_service::fleet;
use serde::Deserialize;

/// The calls of this file, for the OpenAPI document.
#[cfg(feature = "document")]
#[derive(utoipa::OpenApi)]
#[openapi(paths(list, preview, one, roll_back))]
pub(super) struct Calls;

routes! {
    own {
        get "/api/v1/tenants/{tenant}/devices/{id}/rollbacks" list, Signed;
        post "/api/v1/tenants/{tenant}/devices/{id}/rollbacks" preview, Signed;
        get "/api/v1/tenants/{tenant}/devices/{id}/rollbacks/{rollback}" one, Signed;
        post "/api/v1/tenants/{tenant}/devices/{id}/rollbacks/{rollback}" roll_back, Signed;
    }
    tenant {}
}

/// Lists the newest roll backs of a device, newest first.
#[cfg_attr(feature = "document", utoipa::path(
    get,
    path = "/api/v1/tenants/{tenant}/devices/{id}/rollbacks",
    responses((status = 200, description = "What was asked for.", body = Vec<RollbackRow>)),
    security(("token" = ["devices.rollback"])),
))]
async fn list(
    caller: Caller,
    ApiPath((tenant, device)): ApiPath<(String, String)>,
) -> ApiResult<Json<Vec<RollbackRow>>> {
    let found = fleet::rollbacks(&caller.house, &caller.actor, id(&tenant)?, id(&device)?).await?;
    Ok(Json(found.iter().map(row).collect()))
}

/// Which folder, and to which moment.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "document", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
struct PreviewBody {
    /// Absolute path of a guarded folder, or of one below it.
    folder: String,
    /// RFC 3339.
    #[cfg_attr(feature = "document", schema(value_type = String, format = DateTime))]
    to: Timestamp,
}

/// Asks a device what rolling a folder back to a moment would do; nothing is done.
#[cfg_attr(feature = "document", utoipa::path(
    post,
    path = "/api/v1/tenants/{tenant}/devices/{id}/rollbacks",
    request_body = PreviewBody,
    responses((status = 202, description = "The device will say what it would do.", body = shapes::Reference)),
    security(("token" = ["devices.rollback"])),
))]
async fn preview(
    caller: Caller,
    ApiPath((tenant, device)): ApiPath<(String, String)>,
    ApiJson(body): ApiJson<PreviewBody>,
) -> ApiResult<(StatusCode, Json<serde_json::Value>)> {
    let (tenant, device): (TenantId, DeviceId) = (id(&tenant)?, id(&device)?);
    let asked =
        fleet::preview_rollback(&caller.house, &caller.actor, tenant, device, &body.folder, Some(body.to)).await?;
    Ok((StatusCode::ACCEPTED, Json(serde_json::json!({ "id": asked }))))
}

/// Shows one roll back.
#[cfg_attr(feature = "document", utoipa::path(
    get,
    path = "/api/v1/tenants/{tenant}/devices/{id}/rollbacks/{rollback}",
    responses((status = 200, description = "What was asked for.", body = RollbackRow)),
    security(("token" = ["devices.rollback"])),
))]
async fn one(
    caller: Caller,
    ApiPath((tenant, device, rollback)): ApiPath<(String, String, String)>,
) -> ApiResult<Json<RollbackRow>> {
    let ids: (DeviceId, RollbackId) = (id(&device)?, id(&rollback)?);
    Ok(Json(row(&fleet::rollback(&caller.house, &caller.actor, id(&tenant)?, ids).await?)))
}

/// What was read.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "document", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
struct RollBackBody {
    /// How many documents the device said that it touches; another number by now is a conflict.
    documents: u64,
}

/// Orders what a device said that it would do.
#[cfg_attr(feature = "document", utoipa::path(
    post,
    path = "/api/v1/tenants/{tenant}/devices/{id}/rollbacks/{rollback}",
    request_body = RollBackBody,
    responses((status = 202, description = "The order is given; the device will say how it ended.", body = shapes::OrderReference)),
    security(("token" = ["devices.rollback"])),
))]
async fn roll_back(
    caller: Caller,
    ApiPath((tenant, device, rollback)): ApiPath<(String, String, String)>,
    ApiJson(body): ApiJson<RollBackBody>,
) -> ApiResult<(StatusCode, Json<serde_json::Value>)> {
    let ids: (DeviceId, RollbackId) = (id(&device)?, id(&rollback)?);
    let order = fleet::roll_back(&caller.house, &caller.actor, id(&tenant)?, ids, body.documents).await?;
    Ok((StatusCode::ACCEPTED, Json(rows::order_reference(order))))
}

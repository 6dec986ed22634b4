//! Letting somebody stop and remove the agent of a device, for programs.

use crate::answer::ApiResult;
use crate::api::caller::Caller;
use crate::api::input::ApiPath;
#[cfg(feature = "document")]
use crate::api::shapes;
use crate::pages::rows::{self, id};
use crate::routes::routes;
use axum::Json;
use axum::http::StatusCode;
use baluardo_service::fleet;
use serde::Serialize;

/// The calls of this file, for the OpenAPI document.
#[cfg(feature = "document")]
#[derive(utoipa::OpenApi)]
#[openapi(paths(code, allow))]
pub(super) struct Calls;

routes! {
    own {
        post "/api/v1/tenants/{tenant}/devices/{id}/stop-code" code, Signed;
        post "/api/v1/tenants/{tenant}/devices/{id}/allow-stop" allow, Signed;
    }
    tenant {}
}

/// What lets somebody stop the agent of a device once.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "document", derive(utoipa::ToSchema))]
struct StopCode {
    /// To be typed on the device; null until it told one.
    code: Option<String>,
}

/// Shows the code that lets somebody stop the agent of a device; each time is a line of the log.
#[cfg_attr(feature = "document", utoipa::path(
    post,
    path = "/api/v1/tenants/{tenant}/devices/{id}/stop-code",
    responses((status = 200, description = "What was asked for.", body = StopCode)),
    security(("token" = ["devices.let_stop"])),
))]
async fn code(caller: Caller, ApiPath((tenant, device)): ApiPath<(String, String)>) -> ApiResult<Json<StopCode>> {
    let code = fleet::see_stop_code(&caller.house, &caller.actor, id(&tenant)?, id(&device)?).await?;
    Ok(Json(StopCode { code }))
}

/// Orders that the agent of a device may be stopped and removed within the next hour.
#[cfg_attr(feature = "document", utoipa::path(
    post,
    path = "/api/v1/tenants/{tenant}/devices/{id}/allow-stop",
    responses((status = 202, description = "The order is given; the device will say how it ended.", body = shapes::OrderReference)),
    security(("token" = ["devices.let_stop"])),
))]
async fn allow(
    caller: Caller,
    ApiPath((tenant, device)): ApiPath<(String, String)>,
) -> ApiResult<(StatusCode, Json<serde_json::Value>)> {
    let order = fleet::allow_stop(&caller.house, &caller.actor, id(&tenant)?, id(&device)?).await?;
    Ok((StatusCode::ACCEPTED, Json(rows::order_reference(order))))
}

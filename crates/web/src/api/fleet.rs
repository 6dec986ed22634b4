//! Devices, enrolment tokens and the policy, for programs.

use crate::answer::ApiResult;
use crate::api::body::ApiJson;
use crate::api::caller::Caller;
use crate::api::input::{ApiPath, ApiQuery};
#[cfg(feature = "document")]
use crate::api::shapes;
use crate::pages::rows::{self, id};
use crate::routes::routes;
use crate::view::fleet::{DeviceRow, EnrolTokenRow, OrderRow};
use crate::view::overview::RankedComune;
use axum::Json;
use axum::http::StatusCode;
use baluardo_model::fleet::Policy;
use baluardo_model::{DeviceId, TenantId};
use baluardo_service::fleet::{self, DeviceFilter, DeviceProtection, EnrolTicket, PolicyChange, RefusalRow};
use serde::{Deserialize, Serialize};

/// The calls of this file, for the OpenAPI document.
#[cfg(feature = "document")]
#[derive(utoipa::OpenApi)]
#[openapi(paths(
    members,
    devices,
    device,
    scan,
    isolate,
    rejoin,
    revoke,
    enrol_tokens,
    make_token,
    withdraw_token,
    refusals,
    policy,
    change_policy
))]
pub(super) struct Calls;

routes! {
    own {
        get "/api/v1/members" members, Signed;
        get "/api/v1/tenants/{tenant}/devices" devices, Signed;
        get "/api/v1/tenants/{tenant}/devices/{id}" device, Signed;
        post "/api/v1/tenants/{tenant}/devices/{id}/scan" scan, Signed;
        post "/api/v1/tenants/{tenant}/devices/{id}/isolate" isolate, Signed;
        post "/api/v1/tenants/{tenant}/devices/{id}/rejoin" rejoin, Signed;
        post "/api/v1/tenants/{tenant}/devices/{id}/revoke" revoke, Signed;
        get "/api/v1/tenants/{tenant}/enrol-tokens" enrol_tokens, Signed;
        post "/api/v1/tenants/{tenant}/enrol-tokens" make_token, Signed;
        get "/api/v1/tenants/{tenant}/refusals" refusals, Signed;
        post "/api/v1/tenants/{tenant}/enrol-tokens/{id}/withdraw" withdraw_token, Signed;
        get "/api/v1/tenants/{tenant}/policy" policy, Signed;
        put "/api/v1/tenants/{tenant}/policy" change_policy, Signed;
    }
    tenant {}
}

/// Lists the member comuni, worst first.
#[cfg_attr(feature = "document", utoipa::path(
    get,
    path = "/api/v1/members",
    responses((status = 200, description = "What was asked for.", body = Vec<RankedComune>)),
    security(("token" = ["members.read"])),
))]
async fn members(caller: Caller) -> ApiResult<Json<Vec<RankedComune>>> {
    let members = fleet::member_overview(&caller.house, &caller.actor).await?;
    Ok(Json(members.iter().map(rows::ranked).collect()))
}

/// Lists devices.
#[cfg_attr(feature = "document", utoipa::path(
    get,
    path = "/api/v1/tenants/{tenant}/devices",
    params(("q" = Option<String>, Query, description = "Text in name or system."), ("status" = Option<String>, Query, description = "`protected`, `not_covered`, `silent` or `revoked`.")),
    responses((status = 200, description = "What was asked for.", body = Vec<DeviceRow>)),
    security(("token" = ["devices.read"])),
))]
async fn devices(caller: Caller, ApiPath(tenant): ApiPath<String>, query: ApiQuery) -> ApiResult<Json<Vec<DeviceRow>>> {
    let filter = DeviceFilter { text: query.text("q"), protection: query.word("status", DeviceProtection::from_code)? };
    let found = fleet::list_devices(&caller.house, &caller.actor, id(&tenant)?, &filter).await?;
    Ok(Json(found.iter().map(rows::device).collect()))
}

/// A device with its newest orders.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "document", derive(utoipa::ToSchema))]
struct DeviceWithOrders {
    #[serde(flatten)]
    device: DeviceRow,
    orders: Vec<OrderRow>,
    /// What lifts its isolation when typed on the device, for who may command it; null while it is not isolated.
    isolation_code: Option<String>,
}

/// Shows one device with its newest orders.
#[cfg_attr(feature = "document", utoipa::path(
    get,
    path = "/api/v1/tenants/{tenant}/devices/{id}",
    responses((status = 200, description = "What was asked for.", body = DeviceWithOrders)),
    security(("token" = ["devices.read"])),
))]
async fn device(
    caller: Caller,
    ApiPath((tenant, device)): ApiPath<(String, String)>,
) -> ApiResult<Json<DeviceWithOrders>> {
    let found = fleet::get_device(&caller.house, &caller.actor, id(&tenant)?, id(&device)?).await?;
    let orders = found.orders.iter().map(|order| rows::order(order, caller.house.now())).collect();
    let (device, isolation_code) = (rows::device(&found.row), found.isolation_code);
    Ok(Json(DeviceWithOrders { device, orders, isolation_code }))
}

/// What to scan; the policy's folders when none are named.
#[derive(Debug, Default, Deserialize)]
#[cfg_attr(feature = "document", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
struct ScanBody {
    #[serde(default)]
    folders: Vec<String>,
}

/// Orders a scan.
#[cfg_attr(feature = "document", utoipa::path(
    post,
    path = "/api/v1/tenants/{tenant}/devices/{id}/scan",
    request_body = ScanBody,
    responses((status = 202, description = "The order is given; the device will say how it ended.", body = shapes::OrderReference)),
    security(("token" = ["devices.command"])),
))]
async fn scan(
    caller: Caller,
    ApiPath((tenant, device)): ApiPath<(String, String)>,
    ApiJson(body): ApiJson<ScanBody>,
) -> ApiResult<(StatusCode, Json<serde_json::Value>)> {
    let (tenant, device): (TenantId, DeviceId) = (id(&tenant)?, id(&device)?);
    let order = fleet::order_scan(&caller.house, &caller.actor, tenant, device, &body.folders).await?;
    Ok((StatusCode::ACCEPTED, Json(rows::order_reference(order))))
}

/// For how long a device is isolated.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "document", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
struct IsolateBody {
    /// 1 to 168; a day where nothing is said.
    #[serde(default = "a_day")]
    #[cfg_attr(feature = "document", schema(required = false, default = 24))]
    hours: u64,
}

const fn a_day() -> u64 {
    24
}

/// Orders a device to cut itself off from the network, all but the way to this server.
#[cfg_attr(feature = "document", utoipa::path(
    post,
    path = "/api/v1/tenants/{tenant}/devices/{id}/isolate",
    request_body = IsolateBody,
    responses((status = 202, description = "The order is given; the device will say how it ended.", body = shapes::OrderReference)),
    security(("token" = ["devices.command"])),
))]
async fn isolate(
    caller: Caller,
    ApiPath((tenant, device)): ApiPath<(String, String)>,
    ApiJson(body): ApiJson<IsolateBody>,
) -> ApiResult<(StatusCode, Json<serde_json::Value>)> {
    let (tenant, device): (TenantId, DeviceId) = (id(&tenant)?, id(&device)?);
    let order = fleet::isolate_device(&caller.house, &caller.actor, tenant, device, body.hours).await?;
    Ok((StatusCode::ACCEPTED, Json(rows::order_reference(order))))
}

/// Orders an isolated device to take its network back.
#[cfg_attr(feature = "document", utoipa::path(
    post,
    path = "/api/v1/tenants/{tenant}/devices/{id}/rejoin",
    responses((status = 202, description = "The order is given; the device will say how it ended.", body = shapes::OrderReference)),
    security(("token" = ["devices.command"])),
))]
async fn rejoin(
    caller: Caller,
    ApiPath((tenant, device)): ApiPath<(String, String)>,
) -> ApiResult<(StatusCode, Json<serde_json::Value>)> {
    let order = fleet::rejoin_device(&caller.house, &caller.actor, id(&tenant)?, id(&device)?).await?;
    Ok((StatusCode::ACCEPTED, Json(rows::order_reference(order))))
}

/// Revokes a device's certificate.
#[cfg_attr(feature = "document", utoipa::path(
    post,
    path = "/api/v1/tenants/{tenant}/devices/{id}/revoke",
    responses((status = 204, description = "Done.")),
    security(("token" = ["devices.command"])),
))]
async fn revoke(caller: Caller, ApiPath((tenant, device)): ApiPath<(String, String)>) -> ApiResult<StatusCode> {
    fleet::revoke_device(&caller.house, &caller.actor, id(&tenant)?, id(&device)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Which computer a token is meant for.
#[derive(Debug, Default, Deserialize)]
#[cfg_attr(feature = "document", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
struct EnrolBody {
    #[serde(default)]
    label: String,
}

/// Makes a token with which one computer joins within 24 hours.
#[cfg_attr(feature = "document", utoipa::path(
    post,
    path = "/api/v1/tenants/{tenant}/enrol-tokens",
    request_body = EnrolBody,
    responses((status = 201, description = "Made.", body = shapes::EnrolTicket)),
    security(("token" = ["devices.enrol"])),
))]
async fn make_token(
    caller: Caller,
    ApiPath(tenant): ApiPath<String>,
    ApiJson(body): ApiJson<EnrolBody>,
) -> ApiResult<(StatusCode, Json<EnrolTicket>)> {
    let ticket = fleet::create_enrol_token(&caller.house, &caller.actor, id(&tenant)?, &body.label).await?;
    Ok((StatusCode::CREATED, Json(ticket)))
}

/// Counts what was refused at the agents' door, by code; a consortium's own list holds what came from nobody known.
#[cfg_attr(feature = "document", utoipa::path(
    get,
    path = "/api/v1/tenants/{tenant}/refusals",
    responses((status = 200, description = "What was asked for.", body = Vec<shapes::Refusal>)),
    security(("token" = ["devices.read"])),
))]
async fn refusals(caller: Caller, ApiPath(tenant): ApiPath<String>) -> ApiResult<Json<Vec<RefusalRow>>> {
    Ok(Json(fleet::list_refusals(&caller.house, &caller.actor, id(&tenant)?).await?))
}

/// Lists the tokens that can still be used and those of the last month, without their secrets.
#[cfg_attr(feature = "document", utoipa::path(
    get,
    path = "/api/v1/tenants/{tenant}/enrol-tokens",
    responses((status = 200, description = "What was asked for.", body = Vec<EnrolTokenRow>)),
    security(("token" = ["devices.enrol"])),
))]
async fn enrol_tokens(caller: Caller, ApiPath(tenant): ApiPath<String>) -> ApiResult<Json<Vec<EnrolTokenRow>>> {
    let found = fleet::list_enrol_tokens(&caller.house, &caller.actor, id(&tenant)?).await?;
    Ok(Json(found.iter().map(rows::enrol_token).collect()))
}

/// Makes a token useless before its time.
#[cfg_attr(feature = "document", utoipa::path(
    post,
    path = "/api/v1/tenants/{tenant}/enrol-tokens/{id}/withdraw",
    responses((status = 204, description = "Done.")),
    security(("token" = ["devices.enrol"])),
))]
async fn withdraw_token(caller: Caller, ApiPath((tenant, token)): ApiPath<(String, String)>) -> ApiResult<StatusCode> {
    fleet::withdraw_enrol_token(&caller.house, &caller.actor, id(&tenant)?, &token).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Reads what agents watch.
#[cfg_attr(feature = "document", utoipa::path(
    get,
    path = "/api/v1/tenants/{tenant}/policy",
    responses((status = 200, description = "What was asked for.", body = shapes::Policy)),
    security(("token" = ["policy.read"])),
))]
async fn policy(caller: Caller, ApiPath(tenant): ApiPath<String>) -> ApiResult<Json<Policy>> {
    Ok(Json(fleet::get_policy(&caller.house, &caller.actor, id(&tenant)?).await?))
}

/// Changes what agents watch.
#[cfg_attr(feature = "document", utoipa::path(
    put,
    path = "/api/v1/tenants/{tenant}/policy",
    request_body = shapes::PolicyChange,
    responses((status = 200, description = "What was asked for.", body = shapes::Policy)),
    security(("token" = ["policy.write"])),
))]
async fn change_policy(
    caller: Caller,
    ApiPath(tenant): ApiPath<String>,
    ApiJson(change): ApiJson<PolicyChange>,
) -> ApiResult<Json<Policy>> {
    Ok(Json(fleet::change_policy(&caller.house, &caller.actor, id(&tenant)?, &change).await?))
}

//! Devices, enrolment tokens and the policy, for programs.

use crate::answer::ApiResult;
use crate::api::body::ApiJson;
use crate::api::caller::Caller;
use crate::pages::rows::{self, id};
use crate::routes::routes;
use crate::view::fleet::{DeviceRow, OrderRow};
use crate::view::overview::RankedComune;
use axum::Json;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use baluardo_model::fleet::Policy;
use baluardo_model::{DeviceId, TenantId};
use baluardo_service::fleet::{self, DeviceFilter, DeviceProtection, EnrolTicket, PolicyChange};
use serde::{Deserialize, Serialize};

routes! {
    own {
        get "/api/v1/members" members, Signed;
        get "/api/v1/tenants/{tenant}/devices" devices, Signed;
        get "/api/v1/tenants/{tenant}/devices/{id}" device, Signed;
        post "/api/v1/tenants/{tenant}/devices/{id}/scan" scan, Signed;
        post "/api/v1/tenants/{tenant}/devices/{id}/revoke" revoke, Signed;
        post "/api/v1/tenants/{tenant}/enrol-tokens" make_token, Signed;
        get "/api/v1/tenants/{tenant}/policy" policy, Signed;
        put "/api/v1/tenants/{tenant}/policy" change_policy, Signed;
    }
    tenant {}
}

async fn members(caller: Caller) -> ApiResult<Json<Vec<RankedComune>>> {
    let members = fleet::member_overview(&caller.house, &caller.actor).await?;
    Ok(Json(members.iter().map(rows::ranked).collect()))
}

/// How a list of devices is narrowed.
#[derive(Debug, Default, Deserialize)]
struct DeviceQuery {
    #[serde(default)]
    q: String,
    #[serde(default)]
    status: String,
}

async fn devices(
    caller: Caller,
    Path(tenant): Path<String>,
    Query(query): Query<DeviceQuery>,
) -> ApiResult<Json<Vec<DeviceRow>>> {
    let filter = DeviceFilter { text: query.q, protection: DeviceProtection::from_code(&query.status) };
    let found = fleet::list_devices(&caller.house, &caller.actor, id(&tenant)?, &filter).await?;
    Ok(Json(found.iter().map(rows::device).collect()))
}

/// A device with its newest orders.
#[derive(Debug, Serialize)]
struct DeviceWithOrders {
    #[serde(flatten)]
    device: DeviceRow,
    orders: Vec<OrderRow>,
}

async fn device(caller: Caller, Path((tenant, device)): Path<(String, String)>) -> ApiResult<Json<DeviceWithOrders>> {
    let found = fleet::get_device(&caller.house, &caller.actor, id(&tenant)?, id(&device)?).await?;
    let orders = found.orders.iter().map(|order| rows::order(order, caller.house.now())).collect();
    Ok(Json(DeviceWithOrders { device: rows::device(&found.row), orders }))
}

/// What to scan; the policy's folders when none are named.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct ScanBody {
    #[serde(default)]
    folders: Vec<String>,
}

async fn scan(
    caller: Caller,
    Path((tenant, device)): Path<(String, String)>,
    ApiJson(body): ApiJson<ScanBody>,
) -> ApiResult<(StatusCode, Json<serde_json::Value>)> {
    let (tenant, device): (TenantId, DeviceId) = (id(&tenant)?, id(&device)?);
    let order = fleet::order_scan(&caller.house, &caller.actor, tenant, device, &body.folders).await?;
    Ok((StatusCode::ACCEPTED, Json(rows::order_reference(order))))
}

async fn revoke(caller: Caller, Path((tenant, device)): Path<(String, String)>) -> ApiResult<StatusCode> {
    fleet::revoke_device(&caller.house, &caller.actor, id(&tenant)?, id(&device)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Which computer a token is meant for.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct TokenBody {
    #[serde(default)]
    label: String,
}

async fn make_token(
    caller: Caller,
    Path(tenant): Path<String>,
    ApiJson(body): ApiJson<TokenBody>,
) -> ApiResult<(StatusCode, Json<EnrolTicket>)> {
    let ticket = fleet::create_enrol_token(&caller.house, &caller.actor, id(&tenant)?, &body.label).await?;
    Ok((StatusCode::CREATED, Json(ticket)))
}

async fn policy(caller: Caller, Path(tenant): Path<String>) -> ApiResult<Json<Policy>> {
    Ok(Json(fleet::get_policy(&caller.house, &caller.actor, id(&tenant)?).await?))
}

async fn change_policy(
    caller: Caller,
    Path(tenant): Path<String>,
    ApiJson(change): ApiJson<PolicyChange>,
) -> ApiResult<Json<Policy>> {
    Ok(Json(fleet::change_policy(&caller.house, &caller.actor, id(&tenant)?, &change).await?))
}

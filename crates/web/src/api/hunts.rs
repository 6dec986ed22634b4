//! Hunts, for programs.

use crate::answer::ApiResult;
use crate::api::body::ApiJson;
use crate::api::caller::Caller;
use crate::api::input::ApiPath;
use crate::pages::hunts as rows;
use crate::pages::rows::id;
use crate::routes::routes;
use crate::view::hunts::{HuntDeviceRow, HuntHitRow, HuntRow, MemberHuntRow, RoundFoundRow, RoundRow};
use axum::Json;
use axum::http::StatusCode;
use baluardo_service::fleet::{self, NewHunt};
use serde::Serialize;

/// The calls of this file, for the OpenAPI document.
#[cfg(feature = "document")]
#[derive(utoipa::OpenApi)]
#[openapi(paths(hunts, start, hunt, stop, rounds, round))]
pub(super) struct Calls;

routes! {
    own {
        get "/api/v1/tenants/{tenant}/hunts" hunts, Signed;
        post "/api/v1/tenants/{tenant}/hunts" start, Signed;
        get "/api/v1/tenants/{tenant}/hunts/{id}" hunt, Signed;
        post "/api/v1/tenants/{tenant}/hunts/{id}/stop" stop, Signed;
        get "/api/v1/member-hunts" rounds, Signed;
        get "/api/v1/member-hunts/{id}" round, Signed;
    }
    tenant {}
}

/// What to look for, where and why.
#[derive(Debug)]
#[cfg_attr(feature = "document", derive(utoipa::ToSchema))]
#[expect(dead_code, reason = "the document's picture of the service's own type")]
struct HuntBody {
    /// `kind` is `file_hash` (with `sha256`), `file_name`, `process` or `account` (with `pattern`), `file_rule` (with `rule`),
    /// `connection` (with `address`, `port` or both) or `package` (with `name`, and `from` and `before` where wanted).
    #[cfg_attr(feature = "document", schema(value_type = Object))]
    quarry: serde_json::Value,
    /// For files: absolute paths; all local disks when there are none.
    #[cfg_attr(feature = "document", schema(required = false))]
    folders: Vec<String>,
    /// Ids of devices; every active one when there are none.
    #[cfg_attr(feature = "document", schema(required = false))]
    devices: Vec<String>,
    /// Why; it stands in the audit log.
    reason: String,
    /// For how many days devices that are away may still take it up, 1 to 30.
    #[cfg_attr(feature = "document", schema(required = false, default = 7))]
    days: u64,
}

/// Where a hunt can be followed.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "document", derive(utoipa::ToSchema))]
struct HuntReference {
    /// Its id.
    hunt: String,
}

/// A hunt with its devices and with what was found.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "document", derive(utoipa::ToSchema))]
struct HuntAnswer {
    #[serde(flatten)]
    hunt: HuntRow,
    /// How it stands on each device.
    on: Vec<HuntDeviceRow>,
    /// What was found, at most 10,000.
    found: Vec<HuntHitRow>,
}

/// Lists hunts, newest first.
#[cfg_attr(feature = "document", utoipa::path(
    get,
    path = "/api/v1/tenants/{tenant}/hunts",
    responses((status = 200, description = "What was asked for.", body = Vec<HuntRow>)),
    security(("token" = ["hunts.read"])),
))]
async fn hunts(caller: Caller, ApiPath(tenant): ApiPath<String>) -> ApiResult<Json<Vec<HuntRow>>> {
    let found = fleet::list_hunts(&caller.house, &caller.actor, id(&tenant)?).await?;
    Ok(Json(found.iter().map(rows::overview).collect()))
}

/// Looks for something on devices.
#[cfg_attr(feature = "document", utoipa::path(
    post,
    path = "/api/v1/tenants/{tenant}/hunts",
    request_body = HuntBody,
    responses((status = 202, description = "The orders are given; the devices will tell what they find.", body = HuntReference)),
    security(("token" = ["hunts.write"])),
))]
async fn start(
    caller: Caller,
    ApiPath(tenant): ApiPath<String>,
    ApiJson(new): ApiJson<NewHunt>,
) -> ApiResult<(StatusCode, Json<HuntReference>)> {
    let hunt = fleet::start_hunt(&caller.house, &caller.actor, id(&tenant)?, &new).await?;
    Ok((StatusCode::ACCEPTED, Json(HuntReference { hunt: hunt.to_string() })))
}

/// Shows one hunt with its devices and with what was found.
#[cfg_attr(feature = "document", utoipa::path(
    get,
    path = "/api/v1/tenants/{tenant}/hunts/{id}",
    responses((status = 200, description = "What was asked for.", body = HuntAnswer)),
    security(("token" = ["hunts.read"])),
))]
async fn hunt(caller: Caller, ApiPath((tenant, hunt)): ApiPath<(String, String)>) -> ApiResult<Json<HuntAnswer>> {
    let found = fleet::get_hunt(&caller.house, &caller.actor, id(&tenant)?, id(&hunt)?).await?;
    Ok(Json(HuntAnswer {
        hunt: rows::detail(&found),
        on: found.devices.iter().map(rows::device).collect(),
        found: found.hits.iter().map(rows::hit).collect(),
    }))
}

/// Ends a hunt before its time.
#[cfg_attr(feature = "document", utoipa::path(
    post,
    path = "/api/v1/tenants/{tenant}/hunts/{id}/stop",
    responses((status = 204, description = "Done.")),
    security(("token" = ["hunts.write"])),
))]
async fn stop(caller: Caller, ApiPath((tenant, hunt)): ApiPath<(String, String)>) -> ApiResult<StatusCode> {
    fleet::stop_hunt(&caller.house, &caller.actor, id(&tenant)?, id(&hunt)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A hunt over many comuni with each one's share.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "document", derive(utoipa::ToSchema))]
struct RoundAnswer {
    #[serde(flatten)]
    round: RoundRow,
    /// Each comune's share, by name.
    shares: Vec<MemberHuntRow>,
    /// What was found most often, at most 50.
    found: Vec<RoundFoundRow>,
}

/// Lists the consortium's hunts over many comuni, newest first.
#[cfg_attr(feature = "document", utoipa::path(
    get,
    path = "/api/v1/member-hunts",
    responses((status = 200, description = "What was asked for.", body = Vec<RoundRow>)),
    security(("token" = ["hunts.read"])),
))]
async fn rounds(caller: Caller) -> ApiResult<Json<Vec<RoundRow>>> {
    let found = fleet::list_member_hunts(&caller.house, &caller.actor).await?;
    Ok(Json(found.iter().map(rows::round).collect()))
}

/// Shows one of them: the share of each comune that leaves the consortium the management, and what was found most often.
#[cfg_attr(feature = "document", utoipa::path(
    get,
    path = "/api/v1/member-hunts/{id}",
    responses((status = 200, description = "What was asked for.", body = RoundAnswer)),
    security(("token" = ["hunts.read"])),
))]
async fn round(caller: Caller, ApiPath(round): ApiPath<String>) -> ApiResult<Json<RoundAnswer>> {
    let found = fleet::get_member_hunt(&caller.house, &caller.actor, id(&round)?).await?;
    Ok(Json(RoundAnswer {
        round: rows::round(&found),
        shares: found.members.iter().map(rows::member).collect(),
        found: found.found.iter().map(rows::round_found).collect(),
    }))
}

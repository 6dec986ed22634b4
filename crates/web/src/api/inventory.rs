//! What devices are made of, for programs: inventories, programs and known vulnerabilities.

use crate::answer::ApiResult;
use crate::api::caller::Caller;
use crate::api::input::{ApiPath, ApiQuery};
#[cfg(feature = "document")]
use crate::api::shapes;
use crate::pages::inventory as rows;
use crate::pages::rows::{id, order_reference};
use crate::routes::routes;
use crate::view::inventory::{ChosenVulnerability, FeedRow, HolderRow, ProgramRow, VulnerabilityRow};
use axum::Json;
use axum::http::StatusCode;
use baluardo_model::Timestamp;
use baluardo_model::inventory::Inventory;
use baluardo_service::fleet;
use serde::Serialize;

/// The calls of this file, for the OpenAPI document.
#[cfg(feature = "document")]
#[derive(utoipa::OpenApi)]
#[openapi(paths(inventory, take, programs, holders, vulnerabilities, vulnerable))]
pub(super) struct Calls;

routes! {
    own {
        get "/api/v1/tenants/{tenant}/devices/{id}/inventory" inventory, Signed;
        post "/api/v1/tenants/{tenant}/devices/{id}/inventory" take, Signed;
        get "/api/v1/tenants/{tenant}/programs" programs, Signed;
        get "/api/v1/tenants/{tenant}/programs/devices" holders, Signed;
        get "/api/v1/tenants/{tenant}/vulnerabilities" vulnerabilities, Signed;
        get "/api/v1/tenants/{tenant}/vulnerabilities/devices" vulnerable, Signed;
    }
    tenant {}
}

/// What a device told of itself.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "document", derive(utoipa::ToSchema))]
struct ToldInventory {
    /// When it was gathered, by the device's own clock; null before the device told anything.
    #[cfg_attr(feature = "document", schema(value_type = Option<String>, format = DateTime))]
    taken_at: Option<Timestamp>,
    /// Distribution and release by which vulnerabilities are looked up, such as `debian:12`; empty where that is not known.
    release: String,
    /// Hardware, system, encryption, backups, updates, services, ports, accounts, packages and notes.
    #[cfg_attr(feature = "document", schema(value_type = Object))]
    inventory: Inventory,
    /// Its known vulnerabilities, worst first.
    vulnerabilities: Vec<VulnerabilityRow>,
    /// From what they are known.
    feeds: Vec<FeedRow>,
}

/// Shows what a device is made of and what runs on it.
#[cfg_attr(feature = "document", utoipa::path(
    get,
    path = "/api/v1/tenants/{tenant}/devices/{id}/inventory",
    responses((status = 200, description = "What was asked for.", body = ToldInventory)),
    security(("token" = ["devices.read"])),
))]
async fn inventory(
    caller: Caller,
    ApiPath((tenant, device)): ApiPath<(String, String)>,
) -> ApiResult<Json<ToldInventory>> {
    let found = fleet::get_inventory(&caller.house, &caller.actor, id(&tenant)?, id(&device)?).await?;
    Ok(Json(ToldInventory {
        taken_at: found.told.as_ref().map(|told| told.taken_at),
        release: found.told.as_ref().map(|told| told.release.clone()).unwrap_or_default(),
        inventory: found.told.map(|told| told.inventory).unwrap_or_default(),
        vulnerabilities: found.known.found.iter().map(rows::vulnerability).collect(),
        feeds: found.known.feeds.iter().map(rows::feed).collect(),
    }))
}

/// Orders a device to tell again what it is made of.
#[cfg_attr(feature = "document", utoipa::path(
    post,
    path = "/api/v1/tenants/{tenant}/devices/{id}/inventory",
    responses((status = 202, description = "The order is given; the device will say how it ended.", body = shapes::OrderReference)),
    security(("token" = ["devices.command"])),
))]
async fn take(
    caller: Caller,
    ApiPath((tenant, device)): ApiPath<(String, String)>,
) -> ApiResult<(StatusCode, Json<serde_json::Value>)> {
    let order = fleet::order_inventory(&caller.house, &caller.actor, id(&tenant)?, id(&device)?).await?;
    Ok((StatusCode::ACCEPTED, Json(order_reference(order))))
}

/// Lists programs by name and version, with how many devices have each; at most 5,000.
#[cfg_attr(feature = "document", utoipa::path(
    get,
    path = "/api/v1/tenants/{tenant}/programs",
    params(("q" = Option<String>, Query, description = "Text in the name.")),
    responses((status = 200, description = "What was asked for.", body = Vec<ProgramRow>)),
    security(("token" = ["devices.read"])),
))]
async fn programs(
    caller: Caller,
    ApiPath(tenant): ApiPath<String>,
    query: ApiQuery,
) -> ApiResult<Json<Vec<ProgramRow>>> {
    let found = fleet::list_programs(&caller.house, &caller.actor, id(&tenant)?, &query.text("q")).await?;
    Ok(Json(found.iter().map(rows::program).collect()))
}

/// Lists the devices that have a program in one version.
#[cfg_attr(feature = "document", utoipa::path(
    get,
    path = "/api/v1/tenants/{tenant}/programs/devices",
    params(("name" = String, Query, description = "The package."), ("version" = String, Query, description = "Its version.")),
    responses((status = 200, description = "What was asked for.", body = Vec<HolderRow>)),
    security(("token" = ["devices.read"])),
))]
async fn holders(caller: Caller, ApiPath(tenant): ApiPath<String>, query: ApiQuery) -> ApiResult<Json<Vec<HolderRow>>> {
    let (name, version) = (query.text("name"), query.text("version"));
    let found = fleet::devices_with_program(&caller.house, &caller.actor, id(&tenant)?, &name, &version).await?;
    Ok(Json(found.into_iter().map(|one| rows::holder(one, &version)).collect()))
}

/// Known vulnerabilities, and from what they are known.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "document", derive(utoipa::ToSchema))]
struct Known {
    /// Worst first.
    vulnerabilities: Vec<VulnerabilityRow>,
    /// What was imported; nothing means that nothing can be known.
    feeds: Vec<FeedRow>,
}

/// Lists known vulnerabilities of the devices, worst first.
#[cfg_attr(feature = "document", utoipa::path(
    get,
    path = "/api/v1/tenants/{tenant}/vulnerabilities",
    params(("q" = Option<String>, Query, description = "Text in the name or in the source package.")),
    responses((status = 200, description = "What was asked for.", body = Known)),
    security(("token" = ["devices.read"])),
))]
async fn vulnerabilities(caller: Caller, ApiPath(tenant): ApiPath<String>, query: ApiQuery) -> ApiResult<Json<Known>> {
    let known = fleet::list_vulnerabilities(&caller.house, &caller.actor, id(&tenant)?, &query.text("q")).await?;
    Ok(Json(Known {
        vulnerabilities: known.found.iter().map(rows::vulnerability).collect(),
        feeds: known.feeds.iter().map(rows::feed).collect(),
    }))
}

/// Tells what a vulnerability is and lists the devices that have it.
#[cfg_attr(feature = "document", utoipa::path(
    get,
    path = "/api/v1/tenants/{tenant}/vulnerabilities/devices",
    params(("id" = String, Query, description = "Its name."), ("source" = String, Query, description = "The source package.")),
    responses((status = 200, description = "What was asked for.", body = ChosenVulnerability)),
    security(("token" = ["devices.read"])),
))]
async fn vulnerable(
    caller: Caller,
    ApiPath(tenant): ApiPath<String>,
    query: ApiQuery,
) -> ApiResult<Json<ChosenVulnerability>> {
    let (name, source) = (query.text("id"), query.text("source"));
    let found = fleet::get_vulnerability(&caller.house, &caller.actor, id(&tenant)?, &name, &source).await;
    let (words, holders) = found?;
    let holders = holders.into_iter().map(rows::vulnerable).collect();
    Ok(Json(ChosenVulnerability { id: name, source, words, holders }))
}

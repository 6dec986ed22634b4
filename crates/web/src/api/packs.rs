//! Packs of rules and indicators, for programs.

use crate::answer::ApiResult;
use crate::api::body::ApiJson;
use crate::api::caller::Caller;
use crate::api::input::ApiPath;
use crate::pages::rows::{self, id};
use crate::routes::routes;
use crate::view::packs::{PackRow, PackSourceRow};
use axum::Json;
use axum::body::Bytes;
use axum::http::StatusCode;
use baluardo_service::fleet::{self, Gathered, NewPack, NewSource};
use serde::{Deserialize, Serialize};

/// The calls of this file, for the OpenAPI document.
#[cfg(feature = "document")]
#[derive(utoipa::OpenApi)]
#[openapi(paths(packs, import, set_source, remove))]
pub(super) struct Calls;

routes! {
    own {
        get "/api/v1/tenants/{tenant}/packs" packs, Signed;
        put "/api/v1/tenants/{tenant}/packs/{name}" import, Signed;
        post "/api/v1/tenants/{tenant}/packs/{name}/source" set_source, Signed;
        post "/api/v1/tenants/{tenant}/packs/{name}/remove" remove, Signed;
    }
    tenant {}
}

/// The packs that devices follow.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "document", derive(utoipa::ToSchema))]
struct PackLists {
    /// Those of the tenant.
    own: Vec<PackRow>,
    /// Those of its consortium.
    consortiums: Vec<PackRow>,
    /// Where those of the tenant are fetched from.
    sources: Vec<PackSourceRow>,
}

/// Where a pack is to be fetched from.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "document", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
struct SourceGiven {
    /// An address that begins with `https://`.
    address: String,
    /// After how many hours it is fetched again, at most 720; 0 for once only.
    every_hours: u64,
}

/// Lists packs by name.
#[cfg_attr(feature = "document", utoipa::path(
    get,
    path = "/api/v1/tenants/{tenant}/packs",
    responses((status = 200, description = "What was asked for.", body = PackLists)),
    security(("token" = ["policy.read"])),
))]
async fn packs(caller: Caller, ApiPath(tenant): ApiPath<String>) -> ApiResult<Json<PackLists>> {
    let packs = fleet::list_packs(&caller.house, &caller.actor, id(&tenant)?).await?;
    Ok(Json(PackLists {
        own: packs.own.into_iter().map(rows::pack).collect(),
        consortiums: packs.consortiums.into_iter().map(rows::pack).collect(),
        sources: packs.sources.into_iter().map(rows::pack_source).collect(),
    }))
}

/// Brings a pack in, or another one in its place: the body is one file of YARA rules, a list of digests (also ClamAV's `.hdb`
/// and `.hsb`), or a MISP warninglist, of at most 256 kB. Larger ones come in on the server's command line.
#[cfg_attr(feature = "document", utoipa::path(
    put,
    path = "/api/v1/tenants/{tenant}/packs/{name}",
    request_body(content = String, content_type = "application/octet-stream"),
    responses((status = 200, description = "What of it is in force.", body = PackRow)),
    security(("token" = ["policy.write"])),
))]
async fn import(
    caller: Caller,
    ApiPath((tenant, name)): ApiPath<(String, String)>,
    body: Bytes,
) -> ApiResult<Json<PackRow>> {
    let mut content = Gathered::default();
    content.add(&name, &body);
    let made = fleet::import_pack(&caller.house, &caller.actor, id(&tenant)?, NewPack { name, content }).await?;
    Ok(Json(rows::pack(made)))
}

/// Has a pack of the consortium fetched from an address, within a minute and then every so many hours; one of the same name is replaced
/// when what came can be used.
#[cfg_attr(feature = "document", utoipa::path(
    post,
    path = "/api/v1/tenants/{tenant}/packs/{name}/source",
    request_body = SourceGiven,
    responses((status = 202, description = "It will be fetched; the list of packs says how that went.")),
    security(("token" = ["policy.write"])),
))]
async fn set_source(
    caller: Caller,
    ApiPath((tenant, name)): ApiPath<(String, String)>,
    ApiJson(given): ApiJson<SourceGiven>,
) -> ApiResult<StatusCode> {
    let new = NewSource { name, address: given.address, every_hours: given.every_hours };
    fleet::set_pack_source(&caller.house, &caller.actor, id(&tenant)?, &new).await?;
    Ok(StatusCode::ACCEPTED)
}

/// Removes a pack, and where it is fetched from; devices forget it.
#[cfg_attr(feature = "document", utoipa::path(
    post,
    path = "/api/v1/tenants/{tenant}/packs/{name}/remove",
    responses((status = 204, description = "Done.")),
    security(("token" = ["policy.write"])),
))]
async fn remove(caller: Caller, ApiPath((tenant, name)): ApiPath<(String, String)>) -> ApiResult<StatusCode> {
    fleet::remove_pack(&caller.house, &caller.actor, id(&tenant)?, &name).await?;
    Ok(StatusCode::NO_CONTENT)
}

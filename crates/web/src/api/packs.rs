//! Packs of rules and indicators, for programs.

use crate::answer::ApiResult;
use crate::api::caller::Caller;
use crate::api::input::ApiPath;
use crate::pages::rows::{self, id};
use crate::routes::routes;
use crate::view::packs::PackRow;
use axum::Json;
use axum::body::Bytes;
use axum::http::StatusCode;
use baluardo_service::fleet::{self, Gathered, NewPack};
use serde::Serialize;

/// The calls of this file, for the OpenAPI document.
#[cfg(feature = "document")]
#[derive(utoipa::OpenApi)]
#[openapi(paths(packs, import, remove))]
pub(super) struct Calls;

routes! {
    own {
        get "/api/v1/tenants/{tenant}/packs" packs, Signed;
        put "/api/v1/tenants/{tenant}/packs/{name}" import, Signed;
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

/// Removes a pack; devices forget it.
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

//! Campaigns, for programs.

use crate::answer::ApiResult;
use crate::api::caller::Caller;
use crate::api::input::ApiPath;
use crate::pages::rows::{self, id};
use crate::routes::routes;
use crate::view::intrusion::{CampaignRow, MembersCampaignRow};
use axum::Json;
use baluardo_service::protection;

/// The calls of this file, for the OpenAPI document.
#[cfg(feature = "document")]
#[derive(utoipa::OpenApi)]
#[openapi(paths(campaigns, own))]
pub(super) struct Calls;

routes! {
    own {
        get "/api/v1/campaigns" campaigns, Signed;
        get "/api/v1/tenants/{tenant}/campaigns" own, Signed;
    }
    tenant {}
}

/// Lists addresses that tried several devices of the members under central management, the newest first.
#[cfg_attr(feature = "document", utoipa::path(
    get,
    path = "/api/v1/campaigns",
    responses((status = 200, description = "What was asked for.", body = Vec<MembersCampaignRow>)),
    security(("token" = ["campaigns.read"])),
))]
async fn campaigns(caller: Caller) -> ApiResult<Json<Vec<MembersCampaignRow>>> {
    let found = protection::list_member_campaigns(&caller.house, &caller.actor).await?;
    Ok(Json(found.iter().map(rows::members_campaign).collect()))
}

/// Lists addresses that tried several devices of this tenant, or one of it and of at least five others, the newest first.
#[cfg_attr(feature = "document", utoipa::path(
    get,
    path = "/api/v1/tenants/{tenant}/campaigns",
    responses((status = 200, description = "What was asked for.", body = Vec<CampaignRow>)),
    security(("token" = ["findings.read"])),
))]
async fn own(caller: Caller, ApiPath(tenant): ApiPath<String>) -> ApiResult<Json<Vec<CampaignRow>>> {
    let found = protection::list_campaigns(&caller.house, &caller.actor, id(&tenant)?).await?;
    Ok(Json(found.iter().map(rows::campaign).collect()))
}

//! How the mail domains of a comune stand, for programs.

use crate::answer::ApiResult;
use crate::api::body::ApiJson;
use crate::api::caller::Caller;
use crate::api::input::ApiPath;
use crate::locale::Lang;
use crate::pages::health::domain_row;
use crate::pages::rows::id;
use crate::routes::routes;
use crate::view::health::DomainHealthRow;
use axum::Json;
use axum::http::StatusCode;
use baluardo_service::mail;
use serde::Deserialize;

/// The calls of this file, for the OpenAPI document.
#[cfg(feature = "document")]
#[derive(utoipa::OpenApi)]
#[openapi(paths(list, look, seen, selectors))]
pub(super) struct Calls;

routes! {
    own {
        get "/api/v1/tenants/{tenant}/mail/health" list, Signed;
        post "/api/v1/tenants/{tenant}/mail/health/look" look, Signed;
        post "/api/v1/tenants/{tenant}/mail/health/seen" seen, Signed;
        put "/api/v1/tenants/{tenant}/mail/health/selectors" selectors, Signed;
    }
    tenant {}
}

/// Lists the domains with how each stood when it was last looked at; words in Italian.
#[cfg_attr(feature = "document", utoipa::path(
    get,
    path = "/api/v1/tenants/{tenant}/mail/health",
    responses((status = 200, description = "What was asked for.", body = Vec<DomainHealthRow>)),
    security(("token" = ["mail.health"])),
))]
async fn list(caller: Caller, ApiPath(tenant): ApiPath<String>) -> ApiResult<Json<Vec<DomainHealthRow>>> {
    let found = mail::list_health(&caller.house, &caller.actor, id(&tenant)?).await?;
    Ok(Json(found.into_iter().map(|found| domain_row(found, Lang::It)).collect()))
}

/// A domain for which the comune answers.
#[derive(Debug, Default, Deserialize)]
#[cfg_attr(feature = "document", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
struct DomainBody {
    /// Which.
    #[serde(default)]
    domain: String,
}

/// Looks at a domain now, which takes some seconds. The list has what was found.
#[cfg_attr(feature = "document", utoipa::path(
    post,
    path = "/api/v1/tenants/{tenant}/mail/health/look",
    request_body = DomainBody,
    responses((status = 204, description = "It was looked at.")),
    security(("token" = ["mail.health"])),
))]
async fn look(
    caller: Caller,
    ApiPath(tenant): ApiPath<String>,
    ApiJson(body): ApiJson<DomainBody>,
) -> ApiResult<StatusCode> {
    mail::look_at_domain(&caller.house, &caller.actor, id(&tenant)?, &body.domain).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Says that somebody saw that a domain got worse.
#[cfg_attr(feature = "document", utoipa::path(
    post,
    path = "/api/v1/tenants/{tenant}/mail/health/seen",
    request_body = DomainBody,
    responses((status = 204, description = "Done.")),
    security(("token" = ["mail.health"])),
))]
async fn seen(
    caller: Caller,
    ApiPath(tenant): ApiPath<String>,
    ApiJson(body): ApiJson<DomainBody>,
) -> ApiResult<StatusCode> {
    mail::see_fall(&caller.house, &caller.actor, id(&tenant)?, &body.domain).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The selectors of a domain.
#[derive(Debug, Default, Deserialize)]
#[cfg_attr(feature = "document", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
struct SelectorsBody {
    /// Which domain.
    #[serde(default)]
    domain: String,
    /// The names under which it publishes DKIM keys, ten at most.
    #[serde(default)]
    selectors: Vec<String>,
}

/// Names the DKIM selectors of a domain, in the place of those named before.
#[cfg_attr(feature = "document", utoipa::path(
    put,
    path = "/api/v1/tenants/{tenant}/mail/health/selectors",
    request_body = SelectorsBody,
    responses((status = 204, description = "Done.")),
    security(("token" = ["mail.health"])),
))]
async fn selectors(
    caller: Caller,
    ApiPath(tenant): ApiPath<String>,
    ApiJson(body): ApiJson<SelectorsBody>,
) -> ApiResult<StatusCode> {
    mail::name_selectors(&caller.house, &caller.actor, id(&tenant)?, &body.domain, &body.selectors).await?;
    Ok(StatusCode::NO_CONTENT)
}

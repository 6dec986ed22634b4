//! Tokens for this API. A token makes no tokens: these calls are for people and for the command line.

use crate::answer::ApiResult;
use crate::api::body::ApiJson;
use crate::api::caller::Caller;
use crate::api::input::ApiPath;
#[cfg(feature = "document")]
use crate::api::shapes;
use crate::pages::rows::id;
use crate::routes::routes;
use axum::Json;
use axum::http::StatusCode;
use baluardo_model::identity::Role;
use baluardo_service::identity::{self, NewToken, TokenView};
use serde::{Deserialize, Serialize};

/// The calls of this file, for the OpenAPI document.
#[cfg(feature = "document")]
#[derive(utoipa::OpenApi)]
#[openapi(paths(tokens, make, revoke))]
pub(super) struct Calls;

routes! {
    own {
        get "/api/v1/tenants/{tenant}/tokens" tokens, Signed;
        post "/api/v1/tenants/{tenant}/tokens" make, Signed;
        post "/api/v1/tenants/{tenant}/tokens/{id}/revoke" revoke, Signed;
    }
    tenant {}
}

/// Lists tokens for this API, without their secrets.
#[cfg_attr(feature = "document", utoipa::path(
    get,
    path = "/api/v1/tenants/{tenant}/tokens",
    responses((status = 200, description = "What was asked for.", body = Vec<shapes::Token>)),
    security(("token" = ["tokens.write"])),
))]
async fn tokens(caller: Caller, ApiPath(tenant): ApiPath<String>) -> ApiResult<Json<Vec<TokenView>>> {
    Ok(Json(identity::list_tokens(&caller.house, &caller.actor, id(&tenant)?).await?))
}

/// A token to be made.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "document", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
struct TokenBody {
    /// What its maker calls it.
    name: String,
    /// The role that it acts as; the maker's own when missing.
    #[serde(default)]
    #[cfg_attr(feature = "document", schema(value_type = Option<String>))]
    role: Option<Role>,
    /// What it may do.
    scopes: Vec<String>,
    /// How long it is good, 1 to 365.
    days: u32,
}

/// A token that was made.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "document", derive(utoipa::ToSchema))]
struct MadeToken {
    /// Names it in lists and logs.
    id: String,
    /// The bearer secret, shown this once.
    secret: String,
}

/// Makes a token; a person or the command line may, a token may not.
#[cfg_attr(feature = "document", utoipa::path(
    post,
    path = "/api/v1/tenants/{tenant}/tokens",
    request_body = TokenBody,
    responses((status = 201, description = "Made.", body = MadeToken)),
    security(("token" = ["tokens.write"])),
))]
async fn make(
    caller: Caller,
    ApiPath(tenant): ApiPath<String>,
    ApiJson(body): ApiJson<TokenBody>,
) -> ApiResult<(StatusCode, Json<MadeToken>)> {
    let new = NewToken { tenant: id(&tenant)?, name: body.name, role: body.role, scopes: body.scopes, days: body.days };
    let made = identity::create_token(&caller.house, &caller.actor, &new).await?;
    Ok((StatusCode::CREATED, Json(MadeToken { id: made.id.to_string(), secret: made.secret })))
}

/// Revokes a token at once.
#[cfg_attr(feature = "document", utoipa::path(
    post,
    path = "/api/v1/tenants/{tenant}/tokens/{id}/revoke",
    responses((status = 204, description = "Done.")),
    security(("token" = ["tokens.write"])),
))]
async fn revoke(caller: Caller, ApiPath((tenant, token)): ApiPath<(String, String)>) -> ApiResult<StatusCode> {
    identity::revoke_token(&caller.house, &caller.actor, id(&tenant)?, id(&token)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

//! Tokens for this API. A token makes no tokens: these calls are for people and for the command line.

use crate::answer::ApiResult;
use crate::api::body::ApiJson;
use crate::api::caller::Caller;
use crate::pages::rows::id;
use crate::routes::routes;
use axum::Json;
use axum::extract::Path;
use axum::http::StatusCode;
use baluardo_model::identity::Role;
use baluardo_service::identity::{self, NewToken, TokenView};
use serde::{Deserialize, Serialize};

routes! {
    own {
        get "/api/v1/tenants/{tenant}/tokens" tokens, Signed;
        post "/api/v1/tenants/{tenant}/tokens" make, Signed;
        post "/api/v1/tenants/{tenant}/tokens/{id}/revoke" revoke, Signed;
    }
    tenant {}
}

async fn tokens(caller: Caller, Path(tenant): Path<String>) -> ApiResult<Json<Vec<TokenView>>> {
    Ok(Json(identity::list_tokens(&caller.house, &caller.actor, id(&tenant)?).await?))
}

/// A token to be made.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TokenBody {
    /// What its maker calls it.
    name: String,
    /// The role that it acts as; the maker's own when missing.
    #[serde(default)]
    role: Option<Role>,
    /// What it may do.
    scopes: Vec<String>,
    /// How long it is good, 1 to 365.
    days: u32,
}

/// A token that was made.
#[derive(Debug, Serialize)]
struct MadeToken {
    /// Names it in lists and logs.
    id: String,
    /// The bearer secret, shown this once.
    secret: String,
}

async fn make(
    caller: Caller,
    Path(tenant): Path<String>,
    ApiJson(body): ApiJson<TokenBody>,
) -> ApiResult<(StatusCode, Json<MadeToken>)> {
    let new = NewToken { tenant: id(&tenant)?, name: body.name, role: body.role, scopes: body.scopes, days: body.days };
    let made = identity::create_token(&caller.house, &caller.actor, &new).await?;
    Ok((StatusCode::CREATED, Json(MadeToken { id: made.id.to_string(), secret: made.secret })))
}

async fn revoke(caller: Caller, Path((tenant, token)): Path<(String, String)>) -> ApiResult<StatusCode> {
    identity::revoke_token(&caller.house, &caller.actor, id(&tenant)?, id(&token)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

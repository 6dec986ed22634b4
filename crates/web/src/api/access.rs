//! How the person of a session signs in, for the scripts of our own pages. Tokens have no person and no way here.

use crate::answer::ApiResult;
use crate::api::body::ApiJson;
use crate::api::caller::SessionCaller;
use crate::api::passkeys::begun;
#[cfg(feature = "document")]
use crate::api::shapes;
use crate::cookie::WayIn;
use crate::pages::identity::set_cookie;
use crate::routes::routes;
use axum::Json;
use axum::response::{IntoResponse as _, Response};
use baluardo_service::Error;
use baluardo_service::identity::{self, MyCredentials};
use serde::Deserialize;
use serde_json::{Value, json};

/// The calls of this file, for the OpenAPI document.
#[cfg(feature = "document")]
#[derive(utoipa::OpenApi)]
#[openapi(paths(credentials, start_passkey, finish_passkey, start_proof, finish_proof))]
pub(super) struct Calls;

routes! {
    own {
        get "/api/v1/me/credentials" credentials, Signed;
        post "/api/v1/me/passkeys/start" start_passkey, Signed;
        post "/api/v1/me/passkeys/finish" finish_passkey, Signed;
        post "/api/v1/me/proof/start" start_proof, Signed;
        post "/api/v1/me/proof/finish" finish_proof, Signed;
    }
    tenant {}
}

/// Tells how the person of the session signs in, without a secret.
#[cfg_attr(feature = "document", utoipa::path(
    get,
    path = "/api/v1/me/credentials",
    responses((status = 200, description = "What was asked for.", body = shapes::Credentials)),
    security(("session" = [])),
))]
async fn credentials(caller: SessionCaller) -> ApiResult<Json<MyCredentials>> {
    Ok(Json(identity::list_credentials(&caller.house, &caller.me).await?))
}

/// A passkey to be made.
#[derive(Debug, Default, Deserialize)]
#[cfg_attr(feature = "document", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
struct PasskeyBody {
    /// What its owner will know it by; may be empty.
    #[serde(default)]
    name: String,
}

/// Begins to make one more passkey, for a person who confirmed who they are within the last ten minutes.
#[cfg_attr(feature = "document", utoipa::path(
    post,
    path = "/api/v1/me/passkeys/start",
    request_body = PasskeyBody,
    responses((status = 200, description = "What was asked for.", body = shapes::Ceremony)),
    security(("session" = [])),
))]
async fn start_passkey(caller: SessionCaller, ApiJson(body): ApiJson<PasskeyBody>) -> ApiResult<Response> {
    Ok(begun(identity::start_passkey_addition(&caller.house, &caller.me, &body.name).await?))
}

/// Keeps the passkey that an authenticator made.
#[cfg_attr(feature = "document", utoipa::path(
    post,
    path = "/api/v1/me/passkeys/finish",
    request_body = shapes::Ceremony,
    responses((status = 200, description = "What was asked for.", body = shapes::Ceremony)),
    security(("session" = [])),
))]
async fn finish_passkey(caller: SessionCaller, ApiJson(answer): ApiJson<Value>) -> ApiResult<Response> {
    identity::finish_passkey_addition(&caller.house, &caller.me, ceremony(&caller)?, answer).await?;
    Ok(next("/access?done=passkey_added"))
}

/// Begins to confirm with a passkey who holds the session.
#[cfg_attr(feature = "document", utoipa::path(
    post,
    path = "/api/v1/me/proof/start",
    responses((status = 200, description = "What was asked for.", body = shapes::Ceremony)),
    security(("session" = [])),
))]
async fn start_proof(caller: SessionCaller) -> ApiResult<Response> {
    Ok(begun(identity::start_passkey_proof(&caller.house, &caller.me).await?))
}

/// Confirms with what an authenticator answered.
#[cfg_attr(feature = "document", utoipa::path(
    post,
    path = "/api/v1/me/proof/finish",
    request_body = shapes::Ceremony,
    responses((status = 200, description = "What was asked for.", body = shapes::Ceremony)),
    security(("session" = [])),
))]
async fn finish_proof(caller: SessionCaller, ApiJson(answer): ApiJson<Value>) -> ApiResult<Response> {
    identity::finish_passkey_proof(&caller.house, &caller.me, ceremony(&caller)?, answer).await?;
    Ok(next("/access?done=proved"))
}

fn ceremony(caller: &SessionCaller) -> Result<&str, Error> {
    let over = || Error::conflict("ceremony_over", "this took too long or was sent twice: begin again");
    WayIn::Ceremony.read(&caller.headers).ok_or_else(over)
}

/// Where the page goes on; the ceremony is over.
fn next(path: &str) -> Response {
    let mut response = Json(json!({ "next": path })).into_response();
    set_cookie(&mut response, WayIn::Ceremony.take());
    response
}

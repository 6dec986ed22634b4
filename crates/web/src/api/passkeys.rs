//! The two halves of making and of using a passkey, for the script of our own pages.

use crate::answer::ApiResult;
use crate::api::body::ApiJson;
#[cfg(feature = "document")]
use crate::api::shapes;
use crate::app::App;
use crate::cookie::WayIn;
use crate::pages::identity::{give_session, set_cookie};
use crate::peer::Peer;
use crate::posted::same_origin;
use crate::routes::routes;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};
use baluardo_service::Error;
use baluardo_service::identity::{self, ClientHint, NewSession, PasskeyStart};
use serde_json::{Value, json};

/// The calls of this file, for the OpenAPI document.
#[cfg(feature = "document")]
#[derive(utoipa::OpenApi)]
#[openapi(paths(start_setup, finish_setup, start_sign_in, finish_sign_in))]
pub(super) struct Calls;

routes! {
    own {
        post "/api/v1/passkeys/start" start_setup, Public;
        post "/api/v1/passkeys/finish" finish_setup, Public;
        post "/api/v1/sign-in/passkey/start" start_sign_in, Public;
        post "/api/v1/sign-in/passkey/finish" finish_sign_in, Public;
    }
    tenant {}
}

/// Begins to make a passkey, for a browser that opened a one-time link.
#[cfg_attr(feature = "document", utoipa::path(
    post,
    path = "/api/v1/passkeys/start",
    responses((status = 200, description = "What was asked for.", body = shapes::Ceremony)),
    security(()),
))]
async fn start_setup(State(app): State<App>, headers: HeaderMap) -> ApiResult<Response> {
    same_origin(&headers)?;
    let link = WayIn::Link.read(&headers).ok_or(Error::SignIn)?;
    Ok(begun(identity::start_passkey_setup(&app.house, link).await?))
}

/// Keeps the passkey that an authenticator made, and opens a session.
#[cfg_attr(feature = "document", utoipa::path(
    post,
    path = "/api/v1/passkeys/finish",
    request_body = shapes::Ceremony,
    responses((status = 200, description = "What was asked for.", body = shapes::Ceremony)),
    security(()),
))]
async fn finish_setup(
    State(app): State<App>,
    headers: HeaderMap,
    ApiJson(answer): ApiJson<Value>,
) -> ApiResult<Response> {
    same_origin(&headers)?;
    let link = WayIn::Link.read(&headers).ok_or(Error::SignIn)?;
    let ceremony = WayIn::Ceremony.read(&headers).ok_or(Error::SignIn)?;
    Ok(came_in(&identity::finish_passkey_setup(&app.house, link, ceremony, answer).await?))
}

/// Begins to sign in with a passkey.
#[cfg_attr(feature = "document", utoipa::path(
    post,
    path = "/api/v1/sign-in/passkey/start",
    request_body = shapes::Ceremony,
    responses((status = 200, description = "What was asked for.", body = shapes::Ceremony)),
    security(()),
))]
async fn start_sign_in(
    State(app): State<App>,
    Extension(peer): Extension<Peer>,
    headers: HeaderMap,
    ApiJson(asked): ApiJson<Value>,
) -> ApiResult<Response> {
    same_origin(&headers)?;
    let email = asked["email"].as_str().unwrap_or_default();
    Ok(begun(identity::start_passkey_sign_in(&app.house, email, &client(&peer)).await?))
}

/// Signs in with what an authenticator answered.
#[cfg_attr(feature = "document", utoipa::path(
    post,
    path = "/api/v1/sign-in/passkey/finish",
    request_body = shapes::Ceremony,
    responses((status = 200, description = "What was asked for.", body = shapes::Ceremony)),
    security(()),
))]
async fn finish_sign_in(
    State(app): State<App>,
    Extension(peer): Extension<Peer>,
    headers: HeaderMap,
    ApiJson(answer): ApiJson<Value>,
) -> ApiResult<Response> {
    same_origin(&headers)?;
    let ceremony = WayIn::Ceremony.read(&headers).ok_or(Error::SignIn)?;
    Ok(came_in(&identity::finish_passkey_sign_in(&app.house, ceremony, answer, &client(&peer)).await?))
}

fn client(peer: &Peer) -> ClientHint {
    ClientHint { ip: Some(peer.address.ip()) }
}

/// Hands a browser the first half of a ceremony, and the name of it as a cookie.
pub(super) fn begun(start: PasskeyStart) -> Response {
    let mut response = Json(start.options).into_response();
    set_cookie(&mut response, WayIn::Ceremony.put(&start.ceremony));
    response
}

fn came_in(session: &NewSession) -> Response {
    let mut response = Json(json!({ "next": "/overview" })).into_response();
    give_session(&mut response, session);
    response
}

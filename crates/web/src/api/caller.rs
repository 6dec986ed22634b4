//! Who calls the API: a program with a bearer token, or a page of ours with the session's cookie.

use crate::answer::ApiError;
use crate::app::App;
use crate::cookie;
use crate::posted::same_origin;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, header};
use baluardo_model::TenantId;
use baluardo_model::identity::Actor;
use baluardo_service::identity::{self, SignedIn};
use baluardo_service::{Error, House, rights};
use std::sync::Arc;

/// Header that a page's script sends with the session's CSRF token.
const CSRF: &str = "x-csrf-token";

/// Whoever calls, authenticated.
#[derive(Debug)]
pub struct Caller {
    /// The use cases' ground.
    pub house: Arc<House>,
    /// Who.
    pub actor: Actor,
    /// The caller's own tenant.
    pub tenant: TenantId,
}

impl FromRequestParts<App> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let actor = match bearer(&parts.headers) {
            Some(token) => identity::authenticate_token(&app.house, token).await?.ok_or(Error::SignIn)?,
            None => by_session(parts, app).await?.actor,
        };
        let tenant = rights::tenant_of(&actor).ok_or(Error::SignIn)?;
        Ok(Self { house: Arc::clone(&app.house), actor, tenant })
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ")
}

/// A person who calls from a page of ours: for what belongs to the person and to this session, and to no program.
#[derive(Debug)]
pub struct SessionCaller {
    /// The use cases' ground.
    pub house: Arc<House>,
    /// Who.
    pub me: SignedIn,
    /// The headers, for the cookie of a passkey's ceremony.
    pub headers: HeaderMap,
}

impl FromRequestParts<App> for SessionCaller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let me = by_session(parts, app).await?;
        Ok(Self { house: Arc::clone(&app.house), me, headers: parts.headers.clone() })
    }
}

async fn by_session(parts: &Parts, app: &App) -> Result<SignedIn, Error> {
    let secret = cookie::session(&parts.headers).ok_or(Error::SignIn)?;
    let signed = identity::authenticate_session(&app.house, secret).await?.ok_or(Error::SignIn)?;
    if parts.method != Method::GET {
        same_origin(&parts.headers)?;
        let token = parts.headers.get(CSRF).and_then(|value| value.to_str().ok());
        if token != Some(signed.csrf.as_str()) {
            return Err(Error::Forbidden);
        }
    }
    Ok(signed)
}

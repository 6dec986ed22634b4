//! Who visits a page, in which language, and whose rows they are looking at.

use crate::answer::PageError;
use crate::app::App;
use crate::cookie;
use crate::locale::Lang;
use crate::peer::Peer;
use crate::view::chrome::Section;
use crate::view::{Chrome, Flash, Who};
use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method};
use baluardo_model::TenantId;
use baluardo_model::identity::Actor;
use baluardo_service::identity::{self, SignedIn};
use baluardo_service::rights::{self, Act};
use std::net::IpAddr;

/// A visit of anybody: signed in or not.
#[derive(Debug)]
pub struct Visit {
    /// The faces' state.
    pub app: App,
    /// The reader's language.
    pub lang: Lang,
    /// Who is signed in.
    pub signed: Option<SignedIn>,
    /// Whose rows: the own tenant's, or that of `/comuni/{tenant}/…`.
    pub tenant: Option<TenantId>,
    /// What stands before the paths of these rows.
    pub base: String,
    /// Path and query.
    pub path: String,
    /// Where the visitor is.
    pub ip: Option<IpAddr>,
    /// The headers, for the few handlers that need one.
    pub headers: HeaderMap,
}

impl Visit {
    /// Who asks.
    #[must_use]
    pub fn actor(&self) -> Actor {
        self.signed.as_ref().map_or(Actor::Public, |signed| signed.actor.clone())
    }

    /// What surrounds a page of `section`, read from the visit alone.
    #[must_use]
    pub fn chrome(&self, section: Section) -> Chrome {
        let done = self.path.split_once('?').map_or("", |(_, query)| query);
        let done = done.split('&').find_map(|pair| pair.strip_prefix("done="));
        Chrome {
            lang: self.lang,
            now: self.app.house.now(),
            csrf: self.signed.as_ref().map(|signed| signed.csrf.clone()).unwrap_or_default(),
            path: self.path.clone(),
            base: self.base.clone(),
            section,
            who: self.signed.as_ref().map(|signed| Who {
                name: signed.person.name.clone(),
                role: signed.person.role,
                tenant: signed.tenant.name.clone(),
                comune: None,
            }),
            flash: done.and_then(|code| Flash::from_code(self.lang, code)).into_iter().collect(),
            local_inbox: self.app.house.settings().local_mail,
            sees_mail: false,
        }
    }
}

impl FromRequestParts<App> for Visit {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, PageError> {
        let lang = cookie::lang(&parts.headers);
        let path = parts.uri.path_and_query().map(ToString::to_string).unwrap_or_default();
        let fail = |error| PageError { lang, path: path.clone(), error };
        let signed = match cookie::session(&parts.headers) {
            Some(secret) => identity::authenticate_session(&app.house, secret).await.map_err(fail)?,
            None => None,
        };
        let named = named_tenant(parts, app).await.map_err(fail)?;
        let base = named.map(|tenant| format!("/comuni/{tenant}")).unwrap_or_default();
        let tenant = named.or_else(|| signed.as_ref().map(|signed| signed.tenant.id));
        let ip = parts.extensions.get::<Peer>().map(|peer| peer.address.ip());
        Ok(Self { app: app.clone(), lang, signed, tenant, base, path, ip, headers: parts.headers.clone() })
    }
}

/// The tenant of the path, where the route has one.
async fn named_tenant(parts: &mut Parts, app: &App) -> Result<Option<TenantId>, baluardo_service::Error> {
    let params = RawPathParams::from_request_parts(parts, app).await.map_err(|_| baluardo_service::Error::NotFound)?;
    let Some((_, text)) = params.iter().find(|(name, _)| *name == "tenant") else { return Ok(None) };
    text.parse().map(Some).map_err(|_| baluardo_service::Error::NotFound)
}

/// A visit of somebody who is signed in, to rows of one tenant.
#[derive(Debug)]
pub struct Signed {
    /// The visit.
    pub visit: Visit,
    /// Who asks.
    pub actor: Actor,
    /// Whose rows.
    pub tenant: TenantId,
}

impl Signed {
    /// The faces' state.
    #[must_use]
    pub fn house(&self) -> &baluardo_service::House {
        &self.visit.app.house
    }

    /// The session.
    ///
    /// # Errors
    /// [`baluardo_service::Error::SignIn`], which a signed-in visit never is.
    pub fn me(&self) -> Result<&SignedIn, PageError> {
        self.visit.signed.as_ref().ok_or_else(|| self.fail(baluardo_service::Error::SignIn))
    }

    /// The reader's language.
    #[must_use]
    pub const fn lang(&self) -> Lang {
        self.visit.lang
    }

    /// What surrounds a page of `section`; inside a comune it names the comune.
    ///
    /// # Errors
    /// When the comune of the path is not there for this reader.
    pub async fn chrome(&self, section: Section) -> Result<Chrome, PageError> {
        let mut chrome = self.visit.chrome(section);
        if !self.visit.base.is_empty() {
            let comune =
                identity::get_tenant(self.house(), &self.actor, self.tenant).await.map_err(|e| self.fail(e))?;
            if let Some(who) = &mut chrome.who {
                who.comune = Some(comune.name);
            }
            chrome.sees_mail = rights::may(self.house(), &self.actor, Act::SeeHeldMail, self.tenant).await;
        }
        Ok(chrome)
    }

    /// Turns an answer that is not a yes into the page that says so.
    #[must_use]
    pub fn fail(&self, error: baluardo_service::Error) -> PageError {
        PageError { lang: self.visit.lang, path: self.visit.path.clone(), error }
    }
}

impl FromRequestParts<App> for Signed {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, PageError> {
        let visit = Visit::from_request_parts(parts, app).await?;
        let (Some(signed), Some(tenant)) = (&visit.signed, visit.tenant) else {
            // Somebody who follows a link signs in first; a form that comes without a session is told so.
            let error = baluardo_service::Error::SignIn;
            let path = if parts.method == Method::GET { visit.path.clone() } else { String::new() };
            return Err(PageError { lang: visit.lang, path, error });
        };
        let actor = signed.actor.clone();
        Ok(Self { actor, tenant, visit })
    }
}

//! The way in: signing in, the one-time link, the choice of how to sign in from then on, and the way out.

use crate::answer::{PageError, PageResult};
use crate::cookie::{self, WayIn};
use crate::pages::access::same;
use crate::pages::home::own_path;
use crate::posted::{Fields, PublicForm, SignedForm};
use crate::render::{page, page_with};
use crate::routes::routes;
use crate::view::chrome::Section;
use crate::view::identity::{LinkPage, LinkState, SignInPage, WelcomePage};
use crate::view::{FieldError, FieldErrors};
use crate::visit::Visit;
use axum::extract::Path;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Redirect, Response};
use baluardo_service::Error;
use baluardo_service::identity::{self, ClientHint, NewSession, TotpSetup};

routes! {
    own {
        get "/sign-in" sign_in, Public;
        post "/sign-in" sign_in_password, Public;
        post "/sign-in/link" ask_for_link, Public;
        get "/link/{token}" link, Public;
        post "/link/{token}" open_link, Public;
        get "/welcome" welcome, Public;
        post "/welcome/password" welcome_password, Public;
        post "/sign-out" sign_out, Signed;
    }
    tenant {}
}

/// Where somebody goes who has just come in.
const HOME: &str = "/overview";

async fn sign_in(visit: Visit) -> PageResult {
    let query = Fields::read(visit.path.split_once('?').map_or("", |(_, query)| query).as_bytes());
    Ok(page(visit.lang, &sign_in_page(&visit, &query, FieldErrors::default(), false)))
}

fn sign_in_page(visit: &Visit, fields: &Fields, errors: FieldErrors, link_sent: bool) -> SignInPage {
    SignInPage {
        chrome: visit.chrome(Section::None),
        email: fields.text("email"),
        errors,
        link_sent,
        next: fields.text("next"),
    }
}

async fn sign_in_password(form: PublicForm) -> PageResult {
    let PublicForm { visit, fields } = form;
    let (email, password, code) = (fields.text("email"), fields.raw("password"), fields.text("code"));
    match identity::sign_in_password(&visit.app.house, &email, password, &code, &client(&visit)).await {
        Ok(session) => Ok(come_in(&session, &next(&fields))),
        Err(error) => {
            let errors = field_errors(error, &visit)?;
            Ok(page_with(StatusCode::UNPROCESSABLE_ENTITY, visit.lang, &sign_in_page(&visit, &fields, errors, false)))
        }
    }
}

async fn ask_for_link(form: PublicForm) -> PageResult {
    let PublicForm { visit, fields } = form;
    match identity::request_link(&visit.app.house, &fields.text("email"), &client(&visit)).await {
        Ok(()) => Ok(page(visit.lang, &sign_in_page(&visit, &fields, FieldErrors::default(), true))),
        Err(error) => {
            let errors = field_errors(error, &visit)?;
            Ok(page_with(StatusCode::UNPROCESSABLE_ENTITY, visit.lang, &sign_in_page(&visit, &fields, errors, false)))
        }
    }
}

async fn link(visit: Visit, Path(token): Path<String>) -> PageResult {
    let landing = identity::open_link(&visit.app.house, &token).await;
    let (state, name, tenant) = match landing {
        Ok(landing) => (LinkState::Good, landing.name, landing.tenant),
        Err(error) if error.status() >= 500 => return Err(fail(&visit, error)),
        Err(_) => (LinkState::Bad, String::new(), String::new()),
    };
    let status = if state == LinkState::Good { StatusCode::OK } else { StatusCode::NOT_FOUND };
    let view = LinkPage { chrome: visit.chrome(Section::None), state, token, name, tenant };
    Ok(page_with(status, visit.lang, &view))
}

/// A person, not a scanner, goes on: the browser keeps the link for the next step.
async fn open_link(Path(token): Path<String>, form: PublicForm) -> PageResult {
    let visit = form.visit;
    identity::open_link(&visit.app.house, &token).await.map_err(|error| fail(&visit, error))?;
    let mut response = Redirect::to("/welcome").into_response();
    set_cookie(&mut response, WayIn::Link.put(&token));
    Ok(response)
}

async fn welcome(visit: Visit) -> PageResult {
    let view = welcome_page(&visit, FieldErrors::default()).await?;
    Ok(page(visit.lang, &view))
}

async fn welcome_page(visit: &Visit, errors: FieldErrors) -> Result<WelcomePage, PageError> {
    let token = WayIn::Link.read(&visit.headers).ok_or_else(|| fail(visit, Error::SignIn))?;
    let landing = identity::open_link(&visit.app.house, token).await.map_err(|error| fail(visit, error))?;
    Ok(WelcomePage {
        chrome: visit.chrome(Section::None),
        email: landing.email,
        qr_data_uri: drawing(&landing.totp),
        totp_secret: landing.totp.secret,
        errors,
    })
}

/// The QR code of a second factor as an address that an image can have.
pub(crate) fn drawing(totp: &TotpSetup) -> String {
    let svg: String = form_urlencoded::byte_serialize(totp.qr_svg.as_bytes()).collect();
    format!("data:image/svg+xml,{}", svg.replace('+', "%20"))
}

async fn welcome_password(form: PublicForm) -> PageResult {
    let PublicForm { visit, fields } = form;
    let token = WayIn::Link.read(&visit.headers).ok_or_else(|| fail(&visit, Error::SignIn))?;
    let password = fields.raw("password");
    let done = match same(password, fields.raw("repeat")) {
        Ok(()) => identity::complete_setup_password(&visit.app.house, token, password, &fields.text("code")).await,
        Err(error) => Err(error),
    };
    match done {
        Ok(session) => Ok(come_in(&session, HOME)),
        Err(error) => {
            let errors = field_errors(error, &visit)?;
            let view = welcome_page(&visit, errors).await?;
            Ok(page_with(StatusCode::UNPROCESSABLE_ENTITY, visit.lang, &view))
        }
    }
}

async fn sign_out(form: SignedForm) -> PageResult {
    let visit = form.signed.visit;
    let secret = cookie::session(&visit.headers).unwrap_or_default();
    identity::sign_out(&visit.app.house, secret).await.map_err(|error| fail(&visit, error))?;
    let mut response = Redirect::to("/sign-in?done=signed_out").into_response();
    set_cookie(&mut response, Some(cookie::end_session()));
    Ok(response)
}

/// Goes on with a fresh session; what the way in needed is taken away.
pub(crate) fn come_in(session: &NewSession, next: &str) -> Response {
    let mut response = Redirect::to(next).into_response();
    give_session(&mut response, session);
    response
}

/// Puts a fresh session on an answer.
pub(crate) fn give_session(response: &mut Response, session: &NewSession) {
    set_cookie(response, cookie::begin_session(&session.cookie_secret, session.max_age));
    set_cookie(response, WayIn::Link.take());
    set_cookie(response, WayIn::Ceremony.take());
}

/// Adds a cookie to an answer.
pub(crate) fn set_cookie(response: &mut Response, cookie: Option<HeaderValue>) {
    if let Some(cookie) = cookie {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
}

/// Where the visitor is on the network, for throttling.
pub(crate) fn client(visit: &Visit) -> ClientHint {
    ClientHint { ip: visit.ip }
}

fn next(fields: &Fields) -> String {
    match own_path(fields.raw("next")) {
        front if front == "/" => HOME.to_owned(),
        path => path,
    }
}

fn fail(visit: &Visit, error: Error) -> PageError {
    PageError { lang: visit.lang, path: visit.path.clone(), error }
}

/// What a form shows beside its fields; an error that is no field's goes on as a page.
pub(crate) fn field_errors(error: Error, visit: &Visit) -> Result<FieldErrors, PageError> {
    match error {
        Error::Invalid { field, code, more, .. } => {
            let mut errors = FieldErrors::one(field, code);
            errors
                .0
                .extend(more.iter().map(|one| FieldError { field: one.field.to_owned(), code: one.code.to_owned() }));
            Ok(errors)
        }
        Error::Conflict { code, .. } => Ok(FieldErrors::one("form", code)),
        Error::Throttled { .. } => Ok(FieldErrors::one("form", "throttled")),
        Error::Forbidden => Ok(FieldErrors::one("form", "forbidden")),
        other => Err(fail(visit, other)),
    }
}

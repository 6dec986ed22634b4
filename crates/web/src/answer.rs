//! Answers that are not a yes: a page for people, `problem+json` for programs.

use crate::cookie;
use crate::locale::Lang;
use crate::render::page_with;
use crate::view::Chrome;
use crate::view::chrome::Section;
use crate::view::home::ErrorPage;
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use baluardo_model::Timestamp;
use baluardo_service::Error;
use serde_json::{Value, json};

/// What a page's handler answers.
pub type PageResult = Result<Response, PageError>;

/// An error on its way to a person.
#[derive(Debug)]
pub struct PageError {
    /// The reader's language.
    pub lang: Lang,
    /// Where they wanted to go; empty when there is no way back there.
    pub path: String,
    /// What stands in the way.
    pub error: Error,
}

impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        if matches!(self.error, Error::SignIn) {
            return Redirect::to(&sign_in_address(&self.path)).into_response();
        }
        let status = StatusCode::from_u16(self.error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let chrome = Chrome {
            lang: self.lang,
            now: Timestamp::from_micros(0),
            csrf: String::new(),
            path: self.path.clone(),
            base: String::new(),
            section: Section::None,
            who: None,
            flash: Vec::new(),
            local_inbox: false,
            sees_mail: false,
        };
        let reference = note_internal(&self.error);
        let mut response = page_with(status, self.lang, &ErrorPage { chrome, status: status.as_u16(), reference });
        retry_after(&self.error, &mut response);
        response
    }
}

/// Where to sign in, and back to `path` afterwards.
fn sign_in_address(path: &str) -> String {
    let plain = path.chars().all(|c| c.is_ascii_alphanumeric() || "/-_.".contains(c));
    if plain && path.len() > 1 && !path.starts_with("//") {
        format!("/sign-in?next={path}")
    } else {
        "/sign-in".to_owned()
    }
}

/// What a handler of the JSON API answers.
pub type ApiResult<T> = Result<T, ApiError>;

/// An error on its way to a program (RFC 9457).
#[derive(Debug)]
pub struct ApiError {
    /// What stands in the way.
    pub error: Error,
    /// The part of the body or of the address that is wrong, where only reading it tells which; else as the error says.
    pub field: Option<String>,
}

impl ApiError {
    /// An error about a part of the input.
    #[must_use]
    pub fn at(field: impl Into<String>, error: Error) -> Self {
        Self { error, field: Some(field.into()) }
    }
}

impl From<Error> for ApiError {
    fn from(error: Error) -> Self {
        Self { error, field: None }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let Self { error, field } = self;
        let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let reference = note_internal(&error);
        let detail = if reference.is_empty() { error.to_string() } else { format!("reference {reference}") };
        let mut body = problem(status, error.code(), &detail);
        if let Error::Invalid { field: known, code, message, more } = &error {
            let first = field.as_deref().unwrap_or(known);
            let told =
                |field: &str, code: &str, detail: &str| json!({ "field": field, "code": code, "detail": detail });
            let others = more.iter().map(|one| told(one.field, one.code, &one.message));
            let all: Vec<_> = std::iter::once(told(first, code, message)).chain(others).collect();
            body["field"] = json!(first);
            body["errors"] = json!(all);
        }
        let mut response = problem_response(status, &body);
        retry_after(&error, &mut response);
        response
    }
}

/// The body of a problem (RFC 9457).
fn problem(status: StatusCode, code: &str, detail: &str) -> Value {
    let title = status.canonical_reason().unwrap_or("error");
    json!({ "type": "about:blank", "title": title, "status": status.as_u16(), "code": code, "detail": detail })
}

fn problem_response(status: StatusCode, body: &Value) -> Response {
    let head = [(header::CONTENT_TYPE, "application/problem+json"), (header::CACHE_CONTROL, "no-store")];
    (status, head, body.to_string()).into_response()
}

/// A net under every route: what the framework itself refuses (an address that is not UTF-8, a method that a route does
/// not have) comes as plain text or as nothing. Programs get a problem instead, people a page.
pub async fn no_plain_text(request: Request, next: Next) -> Response {
    let (path, lang) = (request.uri().path().to_owned(), cookie::lang(request.headers()));
    let response = next.run(request).await;
    let status = response.status();
    let kind = response.headers().get(header::CONTENT_TYPE);
    let plain = kind.is_none_or(|kind| kind.as_bytes().starts_with(b"text/plain"));
    if !plain || !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let mut told = if path.starts_with("/api/") {
        let (code, detail) = match status {
            StatusCode::METHOD_NOT_ALLOWED => ("method_not_allowed", "this address has no such method: see Allow"),
            StatusCode::NOT_FOUND => ("not_found", "there is no such call"),
            _ => ("request_unreadable", "the request cannot be read"),
        };
        problem_response(status, &problem(status, code, detail))
    } else {
        PageError { lang, path: String::new(), error: Error::NotFound }.into_response()
    };
    *told.status_mut() = status;
    if let Some(allow) = response.headers().get(header::ALLOW) {
        told.headers_mut().insert(header::ALLOW, allow.clone());
    }
    told
}

/// Logs what is our own fault and gives the reference under which the log has it; empty for anything else.
fn note_internal(error: &Error) -> String {
    let Error::Internal(why) = error else { return String::new() };
    // The reference only has to be found again in the log: a hash of the words serves, and says nothing.
    let reference = baluardo_service::secret::hash(why).get(..8).unwrap_or_default().to_owned();
    tracing::error!(%reference, %why, "a request failed");
    reference
}

fn retry_after(error: &Error, response: &mut Response) {
    let seconds = match error {
        Error::Throttled { seconds } => *seconds,
        Error::Busy => 1,
        _ => return,
    };
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_back_after_signing_in_stays_in_this_house() {
        assert_eq!(sign_in_address("/devices"), "/sign-in?next=/devices");
        assert_eq!(sign_in_address("/findings?q=%22%3E"), "/sign-in");
        assert_eq!(sign_in_address("//evil.example"), "/sign-in");
    }
}

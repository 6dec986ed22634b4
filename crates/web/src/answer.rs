//! Answers that are not a yes: a page for people, `problem+json` for programs.

use crate::locale::Lang;
use crate::render::page_with;
use crate::view::Chrome;
use crate::view::chrome::Section;
use crate::view::home::ErrorPage;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use baluardo_model::Timestamp;
use baluardo_service::Error;
use serde_json::json;

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
pub struct ApiError(pub Error);

impl From<Error> for ApiError {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.0.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let reference = note_internal(&self.0);
        let detail = if reference.is_empty() { self.0.to_string() } else { format!("reference {reference}") };
        let mut body = json!({
            "type": "about:blank",
            "title": status.canonical_reason().unwrap_or("error"),
            "status": status.as_u16(),
            "code": self.0.code(),
            "detail": detail,
        });
        if let Error::Invalid { field, code, message, more } = &self.0 {
            let told =
                |field: &str, code: &str, detail: &str| json!({ "field": field, "code": code, "detail": detail });
            let others = more.iter().map(|one| told(one.field, one.code, &one.message));
            let all: Vec<_> = std::iter::once(told(field, code, message)).chain(others).collect();
            body["field"] = json!(field);
            body["errors"] = json!(all);
        }
        let head = [(header::CONTENT_TYPE, "application/problem+json"), (header::CACHE_CONTROL, "no-store")];
        let mut response = (status, head, body.to_string()).into_response();
        retry_after(&self.0, &mut response);
        response
    }
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

//! Turns a view into an answer: the whole page, or only its live block when a script on the page asks for it.

use crate::csp;
use crate::locale::Lang;
use askama::Template;
use axum::http::header::{CONTENT_LANGUAGE, CONTENT_TYPE, HeaderValue, VARY};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};

/// The id of the element that holds a page's live block; scripts send it as `HX-Target`.
pub const LIVE_TARGET: &str = "live";

/// A page, or a block of one, with the headers of every page.
#[must_use]
pub fn page(lang: Lang, template: &impl Template) -> Response {
    page_with(StatusCode::OK, lang, template)
}

/// As [`page`], with another status: a form that comes back with errors, a page that is not there.
#[must_use]
pub fn page_with(status: StatusCode, lang: Lang, template: &impl Template) -> Response {
    let mut response = match template.render() {
        Ok(html) => (status, html).into_response(),
        Err(error) => {
            tracing::error!(%error, "a page could not be rendered");
            (StatusCode::INTERNAL_SERVER_ERROR, lang.t("error_page.title.internal").into_owned()).into_response()
        }
    };
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(CONTENT_LANGUAGE, HeaderValue::from_static(lang.code()));
    // The same address answers with the block or with the page.
    headers.insert(VARY, HeaderValue::from_static("HX-Request, HX-Target, Accept-Language, Cookie"));
    csp::apply(headers);
    response
}

/// Whether a script on the page asks for the live block alone.
#[must_use]
pub fn wants_live(headers: &HeaderMap) -> bool {
    headers.contains_key("hx-request") && headers.get("hx-target").is_some_and(|target| target == LIVE_TARGET)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::home::ErrorPage;
    use crate::view::sample;

    #[test]
    fn a_page_carries_its_language_and_the_policy() {
        let view = ErrorPage { chrome: sample::chrome_public(Lang::En), status: 404, reference: String::new() };
        let response = page_with(StatusCode::NOT_FOUND, Lang::En, &view);
        assert_eq!(response.status(), StatusCode::NOT_FOUND);
        assert_eq!(response.headers()["content-language"], "en");
        assert_eq!(response.headers()["content-security-policy"], csp::POLICY);
    }

    #[test]
    fn only_a_request_for_the_live_element_gets_the_block() {
        let mut headers = HeaderMap::new();
        assert!(!wants_live(&headers));
        headers.insert("hx-request", HeaderValue::from_static("true"));
        assert!(!wants_live(&headers));
        headers.insert("hx-target", HeaderValue::from_static("live"));
        assert!(wants_live(&headers));
    }
}

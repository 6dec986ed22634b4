//! Styles, scripts, fonts and icons, built into the program. Their names carry a hash of their content, so that a browser
//! keeps each of them for ever and still sees every change.

use axum::body::Body;
use axum::extract::Path;
use axum::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, HeaderMap, HeaderValue, IF_NONE_MATCH, VARY,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{Response, StatusCode};
use rust_embed::RustEmbed;
use std::collections::HashMap;
use std::sync::LazyLock;

/// Where assets live; the router mounts [`serve`] at `/assets/{name}`.
pub const PREFIX: &str = "/assets/";

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/ui/dist"]
struct Dist;

/// Plain name to hashed name, as the build wrote it.
static MANIFEST: LazyLock<HashMap<String, String>> = LazyLock::new(|| {
    Dist::get("manifest.json").and_then(|file| serde_json::from_slice(&file.data).ok()).unwrap_or_default()
});

/// The address of an asset by its plain name (`app.css`).
#[must_use]
pub fn url(name: &str) -> String {
    format!("{PREFIX}{}", MANIFEST.get(name).map_or(name, String::as_str))
}

/// Answers with one asset: packed where the browser takes gzip, "not modified" where it has it already.
pub async fn serve(Path(name): Path<String>, headers: HeaderMap) -> Response<Body> {
    let plain = Dist::get(&name).filter(|_| MANIFEST.values().any(|hashed| *hashed == name));
    let Some(file) = plain else {
        return answer(StatusCode::NOT_FOUND, Body::empty());
    };
    // The name holds the hash of the content.
    let Ok(tag) = HeaderValue::from_str(&format!("\"{name}\"")) else {
        return answer(StatusCode::NOT_FOUND, Body::empty());
    };
    let known = headers.get(IF_NONE_MATCH) == Some(&tag);
    let packed = if accepts_gzip(&headers) { Dist::get(&format!("{name}.gz")) } else { None };
    let mut response = match (known, &packed) {
        (true, _) => answer(StatusCode::NOT_MODIFIED, Body::empty()),
        (false, Some(packed)) => answer(StatusCode::OK, Body::from(packed.data.to_vec())),
        (false, None) => answer(StatusCode::OK, Body::from(file.data.to_vec())),
    };
    let out = response.headers_mut();
    out.insert(ETAG, tag);
    out.insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable"));
    out.insert(VARY, HeaderValue::from_static("Accept-Encoding"));
    out.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if !known {
        out.insert(CONTENT_TYPE, HeaderValue::from_static(content_type(&name)));
        if packed.is_some() {
            out.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
    }
    response
}

/// Every asset under its hashed name, unpacked, for a copy of the pages on disk.
pub fn all() -> impl Iterator<Item = (String, Vec<u8>)> {
    MANIFEST.values().filter_map(|name| Dist::get(name).map(|file| (name.clone(), file.data.to_vec())))
}

fn answer(status: StatusCode, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response
}

fn accepts_gzip(headers: &HeaderMap) -> bool {
    let accepted = headers.get(ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or("");
    accepted.split(',').any(|coding| coding.trim() == "gzip" || coding.trim().starts_with("gzip;q=1"))
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, extension)| extension) {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("woff2") => "font/woff2",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn get(url: &str, headers: &[(axum::http::HeaderName, &'static str)]) -> Response<Body> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(name, HeaderValue::from_static(value));
        }
        serve(Path(url.trim_start_matches(PREFIX).to_owned()), map).await
    }

    #[tokio::test]
    async fn an_asset_is_kept_for_ever_and_asked_for_once() {
        let first = get(&url("app.css"), &[(ACCEPT_ENCODING, "br, gzip")]).await;
        assert_eq!(first.status(), StatusCode::OK);
        assert_eq!(first.headers()[CONTENT_TYPE], "text/css; charset=utf-8");
        assert_eq!(first.headers()[CONTENT_ENCODING], "gzip");
        assert!(first.headers()[CACHE_CONTROL].to_str().unwrap().contains("immutable"));

        let tag = first.headers()[ETAG].clone();
        let mut again = HeaderMap::new();
        again.insert(IF_NONE_MATCH, tag);
        let name = url("app.css").trim_start_matches(PREFIX).to_owned();
        assert_eq!(serve(Path(name), again).await.status(), StatusCode::NOT_MODIFIED);
    }

    #[tokio::test]
    async fn a_browser_without_gzip_gets_plain_bytes() {
        let response = get(&url("app.js"), &[]).await;
        assert_eq!(response.status(), StatusCode::OK);
        assert!(!response.headers().contains_key(CONTENT_ENCODING));
    }

    #[tokio::test]
    async fn only_assets_of_the_manifest_are_served() {
        for name in ["manifest.json", "app.css", "../build.mjs", "none-0.js"] {
            assert_eq!(get(name, &[]).await.status(), StatusCode::NOT_FOUND, "{name}");
        }
    }
}

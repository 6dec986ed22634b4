//! The security headers of every page: what a browser may load and do there.

use axum::http::HeaderMap;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, HeaderValue, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};

/// The content policy: everything from this server, nothing inline, nobody frames us.
///
/// `data:` images are the icons inside Bootstrap Italia's style sheet and the QR code of a one-time password.
pub const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
     font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; \
     manifest-src 'self'";

/// What a page may ask the computer for: passkeys and the clipboard, nothing else.
const PERMISSIONS: &str = "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=(), \
     publickey-credentials-create=(self), publickey-credentials-get=(self), clipboard-write=(self)";

/// Puts the headers of a page on `headers`. A page is made for one person: no cache keeps it.
pub fn apply(headers: &mut HeaderMap) {
    let page = [
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (REFERRER_POLICY, "same-origin"),
        (HeaderName::from_static("permissions-policy"), PERMISSIONS),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (CACHE_CONTROL, "no-store"),
    ];
    for (name, value) in page {
        headers.insert(name, HeaderValue::from_static(value));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_allows_no_inline_code_and_no_other_host() {
        assert!(POLICY.starts_with("default-src 'none'"));
        for weak in ["unsafe-inline", "unsafe-eval", "http:", "https:", "*"] {
            assert!(!POLICY.contains(weak), "{weak}");
        }
    }

    #[test]
    fn every_header_of_a_page_is_set() {
        let mut headers = HeaderMap::new();
        apply(&mut headers);
        assert_eq!(headers.len(), 7);
        assert_eq!(headers[CACHE_CONTROL], "no-store");
    }
}

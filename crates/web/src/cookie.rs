//! The cookies of the console: the session, the chosen language, and two short-lived ones of the way in: the opened
//! one-time link, and the passkey ceremony that has begun.

use crate::locale::Lang;
use axum::http::header::{COOKIE, HeaderValue};
use axum::http::{HeaderMap, header};
use std::time::Duration;

/// Name of the session's cookie. The prefix makes browsers insist on Secure, the path `/` and no domain.
const SESSION: &str = "__Host-baluardo";

/// Name of the language's cookie.
const LANG: &str = "baluardo-lang";

/// Name of the cookie that holds an opened one-time link.
const LINK: &str = "__Host-baluardo-link";

/// Name of the cookie that names a passkey ceremony.
const CEREMONY: &str = "__Host-baluardo-ceremony";

/// How long the two cookies of the way in are kept.
const WAY_IN: Duration = Duration::from_secs(30 * 60);

/// A cookie of the way in: which one is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WayIn {
    /// The secret of an opened one-time link.
    Link,
    /// The name of a passkey ceremony.
    Ceremony,
}

impl WayIn {
    const fn name(self) -> &'static str {
        match self {
            Self::Link => LINK,
            Self::Ceremony => CEREMONY,
        }
    }

    /// Its value, as the browser sent it.
    #[must_use]
    pub fn read(self, headers: &HeaderMap) -> Option<&str> {
        read(headers, self.name()).filter(|value| !value.is_empty())
    }

    /// The header that hands it to a browser; none for a value that no cookie can hold.
    #[must_use]
    pub fn put(self, value: &str) -> Option<HeaderValue> {
        let plain = value.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
        let (name, age) = (self.name(), WAY_IN.as_secs());
        let header = format!("{name}={value}; Path=/; Max-Age={age}; Secure; HttpOnly; SameSite=Strict");
        if plain { HeaderValue::from_str(&header).ok() } else { None }
    }

    /// The header that takes it away.
    #[must_use]
    pub fn take(self) -> Option<HeaderValue> {
        let name = self.name();
        HeaderValue::from_str(&format!("{name}=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Strict")).ok()
    }
}

/// The session secret that a browser sent.
#[must_use]
pub fn session(headers: &HeaderMap) -> Option<&str> {
    read(headers, SESSION)
}

/// The language that a person chose, else what the browser prefers, else Italian.
#[must_use]
pub fn lang(headers: &HeaderMap) -> Lang {
    let chosen = read(headers, LANG).and_then(Lang::from_code);
    let preferred =
        || headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).map(Lang::from_accept);
    chosen.or_else(preferred).unwrap_or_default()
}

/// The header that hands a browser its session.
#[must_use]
pub fn begin_session(secret: &str, lasting: Duration) -> Option<HeaderValue> {
    let age = lasting.as_secs();
    HeaderValue::from_str(&format!("{SESSION}={secret}; Path=/; Max-Age={age}; Secure; HttpOnly; SameSite=Lax")).ok()
}

/// The header that takes a browser's session away.
#[must_use]
pub const fn end_session() -> HeaderValue {
    HeaderValue::from_static("__Host-baluardo=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Lax")
}

/// The header that keeps a chosen language for a year.
#[must_use]
pub fn choose_lang(lang: Lang) -> Option<HeaderValue> {
    let code = lang.code();
    HeaderValue::from_str(&format!("{LANG}={code}; Path=/; Max-Age=31536000; Secure; HttpOnly; SameSite=Lax")).ok()
}

fn read<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let pairs =
        headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(';'));
    pairs.filter_map(|pair| pair.trim().split_once('=')).find(|(key, _)| *key == name).map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_found_among_others_and_only_by_its_whole_name() {
        let mut headers = HeaderMap::new();
        headers.insert(COOKIE, HeaderValue::from_static("x__Host-baluardo=no; a=b; __Host-baluardo=yes"));
        assert_eq!(session(&headers), Some("yes"));
        headers.insert(COOKIE, HeaderValue::from_static("x__Host-baluardo=no"));
        assert_eq!(session(&headers), None);
    }

    #[test]
    fn the_session_cookie_is_out_of_reach_of_scripts_and_of_other_sites() {
        let header = begin_session("abc", Duration::from_secs(60)).unwrap();
        for part in ["__Host-", "Secure", "HttpOnly", "SameSite=Lax", "Max-Age=60"] {
            assert!(header.to_str().unwrap().contains(part), "{part}");
        }
    }

    #[test]
    fn the_chosen_language_wins_over_the_browsers() {
        let mut headers = HeaderMap::new();
        assert_eq!(lang(&headers), Lang::It);
        headers.insert(header::ACCEPT_LANGUAGE, HeaderValue::from_static("en-GB,en;q=0.9"));
        assert_eq!(lang(&headers), Lang::En);
        headers.insert(COOKIE, HeaderValue::from_static("baluardo-lang=it"));
        assert_eq!(lang(&headers), Lang::It);
    }
}

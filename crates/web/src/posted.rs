//! A posted form, checked before a handler sees it: it comes from our own page, and from the session that it claims.

mod upload;

pub use upload::SignedUpload;

use crate::answer::PageError;
use crate::app::App;
use crate::visit::{Signed, Visit};
use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::{HeaderMap, header};
use baluardo_service::Error;

/// The largest form, in bytes.
const MAX_FORM: usize = 64 * 1024;

/// The fields of a form, in the order in which they were sent.
#[derive(Clone, Debug, Default)]
pub struct Fields(Vec<(String, String)>);

impl Fields {
    /// Reads `application/x-www-form-urlencoded`, as forms and query strings are written.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Self {
        Self(form_urlencoded::parse(bytes).into_owned().collect())
    }

    /// The first value of a field without spaces around it; empty when it is missing.
    #[must_use]
    pub fn text(&self, name: &str) -> String {
        self.raw(name).trim().to_owned()
    }

    /// The first value of a field as it was typed: passwords may begin and end with spaces.
    #[must_use]
    pub fn raw(&self, name: &str) -> &str {
        self.0.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str())
    }

    /// Every value of a field that may be ticked more than once.
    #[must_use]
    pub fn all(&self, name: &str) -> Vec<String> {
        self.0.iter().filter(|(key, _)| key == name).map(|(_, value)| value.clone()).collect()
    }

    /// Every field with its value.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Whether a box is ticked.
    #[must_use]
    pub fn ticked(&self, name: &str) -> bool {
        matches!(self.raw(name), "on" | "true" | "1" | "yes")
    }
}

/// A form from somebody who need not be signed in.
#[derive(Debug)]
pub struct PublicForm {
    /// Who sent it.
    pub visit: Visit,
    /// What they wrote.
    pub fields: Fields,
}

/// A form from somebody who is signed in.
#[derive(Debug)]
pub struct SignedForm {
    /// Who sent it.
    pub signed: Signed,
    /// What they wrote.
    pub fields: Fields,
}

impl FromRequest<App> for PublicForm {
    type Rejection = PageError;

    async fn from_request(request: Request, app: &App) -> Result<Self, PageError> {
        let (mut parts, body) = request.into_parts();
        let visit = Visit::from_request_parts(&mut parts, app).await?;
        let fail = |error| PageError { lang: visit.lang, path: visit.path.clone(), error };
        same_origin(&parts.headers).map_err(fail)?;
        let bytes = read(Request::from_parts(parts, body), app).await.map_err(fail)?;
        Ok(Self { fields: Fields::read(&bytes), visit })
    }
}

impl FromRequest<App> for SignedForm {
    type Rejection = PageError;

    async fn from_request(request: Request, app: &App) -> Result<Self, PageError> {
        let (mut parts, body) = request.into_parts();
        let signed = Signed::from_request_parts(&mut parts, app).await?;
        same_origin(&parts.headers).map_err(|error| signed.fail(error))?;
        let bytes = read(Request::from_parts(parts, body), app).await.map_err(|error| signed.fail(error))?;
        let fields = Fields::read(&bytes);
        let ours = signed.visit.signed.as_ref().is_some_and(|session| same(&session.csrf, fields.raw("csrf")));
        if !ours {
            return Err(signed.fail(Error::Forbidden));
        }
        Ok(Self { signed, fields })
    }
}

async fn read(request: Request, app: &App) -> Result<Bytes, Error> {
    let bytes = Bytes::from_request(request, app)
        .await
        .map_err(|_| Error::invalid("form", "too_large", "the form is too large or did not arrive whole"))?;
    if bytes.len() > MAX_FORM {
        return Err(Error::invalid("form", "too_large", "the form is too large"));
    }
    Ok(bytes)
}

/// Refuses what another site's page sent: browsers say where a form comes from, and scripts cannot lie about it.
///
/// # Errors
/// [`Error::Forbidden`].
pub fn same_origin(headers: &HeaderMap) -> Result<(), Error> {
    let word = |name| headers.get(name).and_then(|value: &axum::http::HeaderValue| value.to_str().ok());
    if let Some(site) = word(header::HeaderName::from_static("sec-fetch-site"))
        && !matches!(site, "same-origin" | "none")
    {
        return Err(Error::Forbidden);
    }
    if let (Some(origin), Some(host)) = (word(header::ORIGIN), word(header::HOST))
        && origin != format!("https://{host}")
    {
        return Err(Error::Forbidden);
    }
    Ok(())
}

/// Compares without telling by time where two texts differ.
fn same(ours: &str, theirs: &str) -> bool {
    ours.len() == theirs.len()
        && !ours.is_empty()
        && ours.bytes().zip(theirs.bytes()).fold(0, |differ, (a, b)| differ | (a ^ b)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn a_form_from_another_site_is_refused() {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, HeaderValue::from_static("localhost:8443"));
        assert!(same_origin(&headers).is_ok());
        headers.insert(header::ORIGIN, HeaderValue::from_static("https://localhost:8443"));
        assert!(same_origin(&headers).is_ok());
        headers.insert(header::ORIGIN, HeaderValue::from_static("https://evil.example"));
        assert!(same_origin(&headers).is_err());
        headers.remove(header::ORIGIN);
        headers.insert("sec-fetch-site", HeaderValue::from_static("cross-site"));
        assert!(same_origin(&headers).is_err());
    }

    #[test]
    fn tokens_are_compared_whole() {
        assert!(same("abc", "abc"));
        assert!(!same("abc", "abd"));
        assert!(!same("abc", "ab"));
        assert!(!same("", ""));
    }

    #[test]
    fn fields_keep_every_tick_and_the_spaces_of_passwords() {
        let fields = Fields::read(b"scope=a&scope=b&password=+x+&name=+Anna+&on=on");
        assert_eq!(fields.all("scope"), ["a", "b"]);
        assert_eq!(fields.raw("password"), " x ");
        assert_eq!(fields.text("name"), "Anna");
        assert!(fields.ticked("on") && !fields.ticked("off"));
    }
}

//! A JSON body, read whole and understood, or refused with a problem that says what is wrong with it.

use crate::answer::ApiError;
use crate::app::App;
use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use baluardo_service::Error;
use serde::de::DeserializeOwned;

/// A body of the JSON API. An empty body reads as `{}`, for acts that need nothing said.
#[derive(Clone, Copy, Debug)]
pub struct ApiJson<T>(pub T);

impl<T: DeserializeOwned> FromRequest<App> for ApiJson<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, app: &App) -> Result<Self, ApiError> {
        let bytes = Bytes::from_request(request, app).await.map_err(|why| {
            Error::invalid("body", "too_large", format!("the body is too large or did not arrive whole: {why}"))
        })?;
        Ok(Self(read(&bytes)?))
    }
}

fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ApiError> {
    let bytes = if bytes.trim_ascii().is_empty() { b"{}" } else { bytes };
    let unreadable = |why: &str| {
        Error::invalid("body", "json_unreadable", format!("this is not the JSON that the call expects: {why}"))
    };
    // Otherwise a list would be read as the fields of the body, in their order.
    if !bytes.trim_ascii_start().starts_with(b"{") {
        return Err(unreadable("it must be an object").into());
    }
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let body = serde_path_to_error::deserialize(&mut reader).map_err(|why| {
        let inner = why.inner().to_string();
        let field = field_of(&why.path().to_string(), &inner);
        ApiError { error: unreadable(&inner), field }
    })?;
    reader.end().map_err(|why| unreadable(&why.to_string()))?;
    Ok(body)
}

/// The field that could not be read: where the reader stood, or the one that it says is missing or not known.
fn field_of(path: &str, why: &str) -> Option<String> {
    let said = ["missing field `", "unknown field `"].iter().find_map(|start| why.strip_prefix(start));
    let named = said.and_then(|rest| rest.split('`').next());
    let stood = (!path.is_empty() && path != "." && path != "?").then_some(path);
    named.or(stood).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Reason {
        #[serde(default)]
        reason: String,
    }

    #[test]
    fn a_body_is_read_and_an_empty_one_is_an_empty_object() {
        assert_eq!(read::<Reason>(br#"{"reason":"x"}"#).unwrap().reason, "x");
        assert_eq!(read::<Reason>(b" \n").unwrap().reason, "");
    }

    #[test]
    fn what_cannot_be_read_is_told_with_its_place() {
        for broken in ["{", "[]", "\u{0}", r#"{"reason":1}"#, r#"{"why":"x"}"#] {
            let refused = read::<Reason>(broken.as_bytes()).unwrap_err().error;
            assert_eq!(refused.code(), "json_unreadable", "{broken}");
            assert!(refused.to_string().contains("line 1") || refused.to_string().contains("object"), "{refused}");
        }
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Named {
        #[serde(rename = "name")]
        _name: String,
        #[serde(default, rename = "scopes")]
        _scopes: Vec<String>,
    }

    #[test]
    fn the_field_that_cannot_be_read_is_named() {
        let field = |body: &str| read::<Named>(body.as_bytes()).unwrap_err().field;
        assert_eq!(field(r#"{"name":1}"#).as_deref(), Some("name"));
        assert_eq!(field(r#"{"name":"a","scopes":["b",2]}"#).as_deref(), Some("scopes[1]"));
        assert_eq!(field("{}").as_deref(), Some("name"));
        assert_eq!(field(r#"{"name":"a","admin":true}"#).as_deref(), Some("admin"));
        assert_eq!(field("[]"), None);
        assert!(read::<Named>(br#"{"name":"a"} {}"#).is_err(), "one object and nothing after it");
    }
}

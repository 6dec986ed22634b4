//! A JSON body, read whole and understood, or refused with a problem that says what is wrong with it.

use crate::answer::ApiError;
use crate::app::App;
use crate::posted::Fields;
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

fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Error> {
    let bytes = if bytes.trim_ascii().is_empty() { b"{}" } else { bytes };
    let unreadable = |why: &str| {
        Error::invalid("body", "json_unreadable", format!("this is not the JSON that the call expects: {why}"))
    };
    // Otherwise a list would be read as the fields of the body, in their order.
    if !bytes.trim_ascii_start().starts_with(b"{") {
        return Err(unreadable("it must be an object"));
    }
    serde_json::from_slice(bytes).map_err(|why| unreadable(&why.to_string()))
}

/// The query string of a call.
#[must_use]
pub fn query(raw: Option<String>) -> Fields {
    Fields::read(raw.unwrap_or_default().as_bytes())
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
            let refused = read::<Reason>(broken.as_bytes()).unwrap_err();
            assert_eq!(refused.code(), "json_unreadable", "{broken}");
            assert!(refused.to_string().contains("line 1") || refused.to_string().contains("object"), "{refused}");
        }
    }
}

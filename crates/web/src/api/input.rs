//! The address of a call, read whole and understood, or refused with a problem that names the part that is wrong.

use crate::answer::ApiError;
use crate::app::App;
use crate::posted::Fields;
use axum::extract::path::ErrorKind;
use axum::extract::rejection::PathRejection;
use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use baluardo_service::Error;
use serde::de::DeserializeOwned;
use std::collections::BTreeSet;
use std::str::FromStr;

/// The names in a path.
#[derive(Clone, Copy, Debug)]
pub struct ApiPath<T>(pub T);

impl<T: DeserializeOwned + Send> FromRequestParts<App> for ApiPath<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        match Path::<T>::from_request_parts(parts, app).await {
            Ok(Path(names)) => Ok(Self(names)),
            Err(PathRejection::FailedToDeserializePathParams(why)) => Err(match why.kind() {
                ErrorKind::InvalidUtf8InPathParam { key } => ApiError::at(key, unreadable("it is not UTF-8")),
                other => unreadable(&other.to_string()).into(),
            }),
            Err(other) => Err(Error::internal(other).into()),
        }
    }
}

fn unreadable(why: &str) -> Error {
    Error::invalid("path", "path_unreadable", format!("this part of the address cannot be read: {why}"))
}

/// The parameters of a query, each at most once. Those that a call does not know are left alone.
#[derive(Clone, Debug)]
pub struct ApiQuery(Fields);

impl FromRequestParts<App> for ApiQuery {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, ApiError> {
        let fields = Fields::read(parts.uri.query().unwrap_or_default().as_bytes());
        let mut seen = BTreeSet::new();
        let twice = fields.pairs().map(|(name, _)| name).find(|name| !seen.insert(*name)).map(str::to_owned);
        match twice {
            None => Ok(Self(fields)),
            Some(name) => {
                let why = "it is given more than once: which one is meant?";
                Err(ApiError::at(name, Error::invalid("query", "parameter_twice", why)))
            }
        }
    }
}

impl ApiQuery {
    /// All of it, for what pages and programs read alike.
    #[must_use]
    pub const fn fields(&self) -> &Fields {
        &self.0
    }

    /// A free text; empty when it is missing.
    #[must_use]
    pub fn text(&self, name: &str) -> String {
        self.0.text(name)
    }

    /// A parameter that takes some words only; none when it is missing or empty.
    ///
    /// # Errors
    /// `parameter_bad` with the parameter as the field.
    pub fn word<T>(&self, name: &'static str, from_code: impl Fn(&str) -> Option<T>) -> Result<Option<T>, Error> {
        match self.0.text(name).as_str() {
            "" => Ok(None),
            text => from_code(text).map(Some).ok_or_else(|| bad(name, text)),
        }
    }

    /// A parameter that is a number or an id; none when it is missing or empty.
    ///
    /// # Errors
    /// As [`ApiQuery::word`].
    pub fn parsed<T: FromStr>(&self, name: &'static str) -> Result<Option<T>, Error> {
        self.word(name, |text| text.parse().ok())
    }
}

fn bad(name: &'static str, text: &str) -> Error {
    let shown: String = text.chars().take(40).collect();
    let why = format!("{shown:?} is none of the values that the call takes: see the description of the API");
    Error::invalid(name, "parameter_bad", why)
}

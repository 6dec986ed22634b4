//! The small, closed set of answers that are not a yes.

use baluardo_store::StoreError;

/// Why an act did not happen. Faces turn it once into `problem+json` (RFC 9457) or an error page.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such thing, or it belongs to somebody else: the two are not told apart.
    #[error("not found")]
    NotFound,
    /// Nobody is signed in.
    #[error("sign in first")]
    SignIn,
    /// The actor may not do this.
    #[error("forbidden")]
    Forbidden,
    /// A field of the request is wrong, or several.
    #[error("{field}: {message}")]
    Invalid {
        /// The name of the field, as the form and the API call it.
        field: &'static str,
        /// A stable code for the reason; the locale files hold the words (`error.<code>`).
        code: &'static str,
        /// What is wrong and what to do, in English, for the API and the log.
        message: String,
        /// The other fields that are wrong, in the order of the form.
        more: Vec<WrongField>,
    },
    /// The thing is not in a state in which this can be done.
    #[error("{message}")]
    Conflict {
        /// A stable code; the locale files hold the words (`error.<code>`).
        code: &'static str,
        /// What stands in the way and what to do, in English.
        message: String,
    },
    /// Too many tries; wait.
    #[error("too many tries, wait {seconds} seconds")]
    Throttled {
        /// How long to wait.
        seconds: u64,
    },
    /// The platform has no hands free; asking again helps.
    #[error("busy, try again")]
    Busy,
    /// The platform is at fault; the log knows more than the asker may.
    #[error("internal error: {0}")]
    Internal(String),
}

/// A field that is wrong beside the first one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrongField {
    /// Its name.
    pub field: &'static str,
    /// A stable code for the reason.
    pub code: &'static str,
    /// What is wrong and what to do, in English.
    pub message: String,
}

/// Gathers what is wrong with a form, so that all of it is told at once.
#[derive(Debug, Default)]
pub(crate) struct Faults(Vec<Error>);

impl Faults {
    /// What a check found good; its fault is kept.
    pub(crate) fn take<T>(&mut self, checked: Result<T, Error>) -> Option<T> {
        checked.map_err(|fault| self.0.push(fault)).ok()
    }

    /// Done when there is no fault, else all of them as one.
    pub(crate) fn none(self) -> Result<(), Error> {
        if self.0.is_empty() { Ok(()) } else { Err(self.joined()) }
    }

    /// All faults as one: the first, with the others beside it. A fault that is no field's goes alone.
    pub(crate) fn joined(self) -> Error {
        let mut all = Vec::new();
        for fault in self.0 {
            match fault {
                Error::Invalid { field, code, message, more } => {
                    all.push(WrongField { field, code, message });
                    all.extend(more);
                }
                other => return other,
            }
        }
        if all.is_empty() {
            return Error::internal("a form was refused without a fault");
        }
        let WrongField { field, code, message } = all.remove(0);
        Error::Invalid { field, code, message, more: all }
    }
}

impl Error {
    /// A wrong field.
    #[must_use]
    pub fn invalid(field: &'static str, code: &'static str, message: impl Into<String>) -> Self {
        Self::Invalid { field, code, message: message.into(), more: Vec::new() }
    }

    /// A state that stands in the way.
    #[must_use]
    pub fn conflict(code: &'static str, message: impl Into<String>) -> Self {
        Self::Conflict { code, message: message.into() }
    }

    /// The platform is at fault.
    #[must_use]
    pub fn internal(why: impl std::fmt::Display) -> Self {
        Self::Internal(why.to_string())
    }

    /// A stable code for logs, APIs and tests.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::SignIn => "sign_in",
            Self::Forbidden => "forbidden",
            Self::Invalid { code, .. } | Self::Conflict { code, .. } => code,
            Self::Throttled { .. } => "throttled",
            Self::Busy => "busy",
            Self::Internal(_) => "internal",
        }
    }

    /// The HTTP status that says the same.
    #[must_use]
    pub const fn status(&self) -> u16 {
        match self {
            Self::NotFound => 404,
            Self::SignIn => 401,
            Self::Forbidden => 403,
            Self::Invalid { .. } => 422,
            Self::Conflict { .. } => 409,
            Self::Throttled { .. } => 429,
            Self::Busy => 503,
            Self::Internal(_) => 500,
        }
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Busy => Self::Busy,
            StoreError::Exists => Self::conflict("exists", "this exists already"),
            other => Self::Internal(other.to_string()),
        }
    }
}

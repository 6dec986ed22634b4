//! The enrolment token: one line that a person copies from the console to a computer.
//!
//! `BAL1.<payload>` where the payload is base64url JSON of [`EnrolToken`]. It names the server, the secret, and the
//! SHA-256 of the root certificate, so that the agent trusts the right server from the first byte.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use serde::{Deserialize, Serialize};

/// What stands before the payload.
const PREFIX: &str = "BAL1.";

/// The longest token that is read, in characters.
const MAX_LEN: usize = 2_048;

/// What a token says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnrolToken {
    /// Host and port of the server's door for agents.
    pub server: String,
    /// SHA-256 of the DER of the root certificate, lower-case hexadecimal.
    pub root_sha256: String,
    /// The one-time secret.
    pub secret: String,
}

/// Why a text is no token.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum TokenError {
    /// It does not begin as tokens do.
    #[error("this is not an enrolment token: it must begin with BAL1. (copy the whole line from the console)")]
    NotAToken,
    /// It is cut or changed.
    #[error("the enrolment token is damaged: copy the whole line from the console again")]
    Damaged,
}

impl EnrolToken {
    /// The line that a person copies.
    #[must_use]
    pub fn to_line(&self) -> String {
        // A struct of three strings always has a JSON form.
        let json = serde_json::to_vec(self).unwrap_or_default();
        format!("{PREFIX}{}", BASE64.encode(json))
    }

    /// Reads the line; spaces around it do not matter.
    ///
    /// # Errors
    /// See [`TokenError`].
    pub fn from_line(line: &str) -> Result<Self, TokenError> {
        let line = line.trim();
        let payload = line.strip_prefix(PREFIX).ok_or(TokenError::NotAToken)?;
        if payload.len() > MAX_LEN {
            return Err(TokenError::Damaged);
        }
        let json = BASE64.decode(payload).map_err(|_| TokenError::Damaged)?;
        serde_json::from_slice(&json).map_err(|_| TokenError::Damaged)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_survives_copying_with_spaces_around_it() {
        let token = EnrolToken {
            server: "localhost:8444".to_owned(),
            root_sha256: "ab".repeat(32),
            secret: "s3cret".to_owned(),
        };
        assert_eq!(EnrolToken::from_line(&format!("  {}\n", token.to_line())), Ok(token));
    }

    #[test]
    fn foreign_and_cut_texts_are_told_apart() {
        assert_eq!(EnrolToken::from_line("hello"), Err(TokenError::NotAToken));
        assert_eq!(EnrolToken::from_line("BAL1.eyJ"), Err(TokenError::Damaged));
        assert_eq!(EnrolToken::from_line(&format!("BAL1.{}", "a".repeat(5_000))), Err(TokenError::Damaged));
    }
}

//! Errors as the server tells them to an agent (RFC 9457, `application/problem+json`).

use serde::{Deserialize, Serialize};

/// Media type of the body.
pub const MEDIA_TYPE: &str = "application/problem+json";

/// A refusal with a stable code, which the agent may act on, and words for a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Stable code: `wire.version`, `enrol.token_used`, `exchange.gap` and the like.
    pub code: String,
    /// One sentence: what is wrong.
    pub title: String,
    /// What to do about it.
    pub detail: String,
    /// HTTP status.
    pub status: u16,
}

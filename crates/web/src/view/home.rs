//! The public pages that hold no data: home, statements, source, errors.

use crate::view::Chrome;
use askama::Template;
use serde::Serialize;

/// The public front door: what Baluardo is, and the two things a comune can ask for.
#[derive(Debug, Template, Serialize)]
#[template(path = "home/home.html")]
pub struct HomePage {
    /// What surrounds the page.
    #[serde(skip)]
    pub chrome: Chrome,
    /// The consortium that runs this installation.
    pub consortium: String,
}

/// The accessibility statement (L. 4/2004) of this software; the body that runs it publishes its own.
#[derive(Debug, Template, Serialize)]
#[template(path = "home/accessibility.html")]
pub struct AccessibilityPage {
    /// What surrounds the page.
    #[serde(skip)]
    pub chrome: Chrome,
    /// Who answers to a barrier that somebody met.
    pub contact: String,
}

/// What data the platform keeps, why and for how long (articles 13 and 14 GDPR).
#[derive(Debug, Template, Serialize)]
#[template(path = "home/privacy.html")]
pub struct PrivacyPage {
    /// What surrounds the page.
    #[serde(skip)]
    pub chrome: Chrome,
    /// The consortium, processor for its comuni.
    pub consortium: String,
    /// Who answers to questions about personal data.
    pub contact: String,
}

/// Where the source of what runs here can be had (AGPL-3.0, section 13).
#[derive(Debug, Template, Serialize)]
#[template(path = "home/source.html")]
pub struct SourcePage {
    /// What surrounds the page.
    #[serde(skip)]
    pub chrome: Chrome,
    /// Version that runs here.
    pub version: String,
    /// Address of the source.
    pub url: String,
}

/// A page that is not there, not allowed, asked for too often, or broken.
#[derive(Debug, Template, Serialize)]
#[template(path = "home/error.html")]
pub struct ErrorPage {
    /// What surrounds the page.
    #[serde(skip)]
    pub chrome: Chrome,
    /// The HTTP status.
    pub status: u16,
    /// What to tell the operator so that they find the log line; empty where there is nothing to find.
    pub reference: String,
}

impl ErrorPage {
    /// The key of the words for this status.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self.status {
            401 => "sign_in",
            403 => "forbidden",
            404 => "not_found",
            409 => "conflict",
            400 | 405 | 413 | 415 | 422 => "bad_request",
            429 => "throttled",
            503 => "busy",
            _ => "internal",
        }
    }
}

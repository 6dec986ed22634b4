//! How the mail domains of a comune stand, as a page and the API show it.

use crate::view::chrome::Chrome;
use askama::Template;
use baluardo_model::Timestamp;
use serde::Serialize;

/// A record to publish.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "document", derive(utoipa::ToSchema))]
pub struct HealthRecordRow {
    /// Under which name; for a file its address.
    pub name: String,
    /// `TXT`, `MX`, or `file` for one that a web server gives out.
    pub kind: String,
    /// What stands in it.
    pub value: String,
}

/// One thing that was found.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "document", derive(utoipa::ToSchema))]
pub struct HealthCheckRow {
    /// What it is about: `mx`, `spf`, `dkim`, `dmarc`, `mta_sts`, `tls_rpt`, `dnssec` or `blacklist`.
    pub topic: String,
    /// What was found, a stable code.
    pub code: String,
    /// `good`, `unknown`, `warning` or `bad`.
    pub grade: String,
    /// What was found and what to do, in words.
    pub text: String,
    /// Why it matters at all.
    pub why: String,
    /// What to publish instead, where that can be said.
    pub publish: Vec<HealthRecordRow>,
}

impl HealthCheckRow {
    /// The class of the mark of its grade.
    #[must_use]
    pub fn mark(&self) -> &'static str {
        match self.grade.as_str() {
            "good" => "mark-good",
            "warning" => "mark-warn",
            "bad" => "mark-bad",
            _ => "mark-info",
        }
    }

    /// The picture beside it.
    #[must_use]
    pub fn icon(&self) -> &'static str {
        match self.grade.as_str() {
            "good" => "it-check-circle",
            "warning" | "bad" => "it-warning-circle",
            _ => "it-info-circle",
        }
    }
}

/// A mark and since when it was given.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "document", derive(utoipa::ToSchema))]
pub struct HealthMarkRow {
    /// `A` to `F`.
    pub mark: String,
    /// Since when.
    #[cfg_attr(feature = "document", schema(value_type = String, format = DateTime))]
    pub since: Timestamp,
}

/// A domain and how it stands.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "document", derive(utoipa::ToSchema))]
pub struct DomainHealthRow {
    /// Which.
    pub domain: String,
    /// The mark, `A` to `F`; nothing while none could be given.
    pub mark: Option<String>,
    /// The mark before it got worse, until somebody said that they saw it.
    pub fallen_from: Option<String>,
    /// When this was found; nothing while it never could be.
    #[cfg_attr(feature = "document", schema(value_type = Option<String>, format = DateTime))]
    pub looked_at: Option<Timestamp>,
    /// When it was last tried.
    #[cfg_attr(feature = "document", schema(value_type = Option<String>, format = DateTime))]
    pub tried_at: Option<Timestamp>,
    /// What was found.
    pub checks: Vec<HealthCheckRow>,
    /// The marks that it had, the newest first.
    pub marks: Vec<HealthMarkRow>,
    /// DKIM selectors that somebody here named.
    pub named: Vec<String>,
    /// DKIM selectors with which receivers saw mail signed.
    pub reported: Vec<String>,
}

impl DomainHealthRow {
    /// The class of its mark.
    #[must_use]
    pub fn class(&self) -> &'static str {
        match self.mark.as_deref() {
            Some("A" | "B") => "mark-good",
            Some("C" | "D") => "mark-warn",
            Some(_) => "mark-bad",
            None => "mark-info",
        }
    }

    /// Its mark, or a question mark.
    #[must_use]
    pub fn letter(&self) -> &str {
        self.mark.as_deref().unwrap_or("?")
    }

    /// Whether the last look found nothing out, so that what stands here is older.
    #[must_use]
    pub fn is_stale(&self) -> bool {
        self.tried_at.is_some() && self.tried_at != self.looked_at
    }

    /// The selectors that somebody named, as one types them.
    #[must_use]
    pub fn typed(&self) -> String {
        self.named.join(" ")
    }
}

/// How the domains stand (`/mail/health`).
#[derive(Debug, Template, Serialize)]
#[template(path = "mail/health.html")]
pub struct HealthPage {
    /// What surrounds the page.
    #[serde(skip)]
    pub chrome: Chrome,
    /// The domains.
    pub domains: Vec<DomainHealthRow>,
}

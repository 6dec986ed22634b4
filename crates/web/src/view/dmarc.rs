//! What receivers say of mail in the name of a comune's domains, as a page and the API show it.

use crate::view::chrome::Chrome;
use askama::Template;
use baluardo_model::Timestamp;
use serde::Serialize;

/// A server that sent in the name of a domain.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "document", derive(utoipa::ToSchema))]
pub struct DmarcSourceRow {
    /// Its address.
    pub source: String,
    /// Who signed; empty where nobody did.
    pub signed_by: String,
    /// Whose envelope it was.
    pub envelope: String,
    /// Messages.
    pub count: u64,
    /// Those that are proved to be the domain's.
    pub proved: u64,
    /// Those that receivers put aside or refused.
    pub stopped: u64,
}

/// A domain and what is said of it.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "document", derive(utoipa::ToSchema))]
pub struct DmarcDomainRow {
    /// Which.
    pub domain: String,
    /// What the domain asks receivers for: `none`, `quarantine`, `reject`; nothing without reports.
    pub policy: Option<String>,
    /// What to do next: `ask_for_reports`, `wait`, `prove_sources`, `quarantine`, `reject` or `done`.
    pub advice: String,
    /// Reports.
    pub reports: u64,
    /// Receivers that reported.
    pub receivers: u64,
    /// Until when the latest report reaches.
    #[cfg_attr(feature = "document", schema(value_type = Option<String>, format = DateTime))]
    pub until: Option<Timestamp>,
    /// Messages in the name of the domain.
    pub count: u64,
    /// Those that are proved to be the domain's.
    pub proved: u64,
    /// Those that receivers put aside or refused.
    pub stopped: u64,
    /// Who sent, those without proof first.
    pub sources: Vec<DmarcSourceRow>,
}

impl DmarcDomainRow {
    /// How many of a hundred messages are proved.
    #[must_use]
    pub fn percent(&self) -> u64 {
        self.proved.saturating_mul(100).checked_div(self.count).unwrap_or(0)
    }

    /// The class of the mark of its advice.
    #[must_use]
    pub fn mark(&self) -> &'static str {
        match self.advice.as_str() {
            "done" => "mark-good",
            "wait" => "mark-info",
            _ => "mark-warn",
        }
    }
}

/// Who writes in the comune's name (`/mail/dmarc`).
#[derive(Debug, Template, Serialize)]
#[template(path = "mail/dmarc.html")]
pub struct DmarcPage {
    /// What surrounds the page.
    #[serde(skip)]
    pub chrome: Chrome,
    /// The domains.
    pub domains: Vec<DmarcDomainRow>,
}

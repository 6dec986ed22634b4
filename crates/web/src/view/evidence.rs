//! The packages of evidence of a device.

use crate::view::{Chrome, FieldErrors};
use askama::Template;
use baluardo_model::Timestamp;
use baluardo_model::protection::FindingKind;
use serde::Serialize;

/// A package as it stands.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "document", derive(utoipa::ToSchema))]
pub struct EvidenceRow {
    /// Its id.
    pub id: String,
    /// The finding it is about.
    pub finding: Option<String>,
    /// `ordered`, `collected`, `received`, `damaged`, `deleted` or `expired`.
    pub state: String,
    /// Who ordered it; empty for the device's own policy.
    pub ordered_by: String,
    /// Why.
    pub reason: String,
    /// When.
    #[cfg_attr(feature = "document", schema(value_type = String, format = DateTime))]
    pub ordered_at: Timestamp,
    /// When the device made it.
    #[cfg_attr(feature = "document", schema(value_type = Option<String>, format = DateTime))]
    pub collected_at: Option<Timestamp>,
    /// Its bytes.
    pub size: u64,
    /// Its SHA-256; empty until it is made.
    pub sha256: String,
    /// How many of its bytes are here.
    pub received: u64,
    /// Since when it is here whole.
    #[cfg_attr(feature = "document", schema(value_type = Option<String>, format = DateTime))]
    pub received_at: Option<Timestamp>,
    /// Until when it is kept.
    #[cfg_attr(feature = "document", schema(value_type = Option<String>, format = DateTime))]
    pub keep_until: Option<Timestamp>,
}

impl EvidenceRow {
    /// The class and the icon of its mark.
    #[must_use]
    pub fn mark(&self) -> (&'static str, &'static str) {
        match self.state.as_str() {
            "received" => ("mark-good", "it-check-circle"),
            "damaged" => ("mark-bad", "it-error"),
            "deleted" | "expired" => ("mark-off", "it-ban"),
            _ => ("mark-info", "it-clock"),
        }
    }
}

/// The finding that a package is to be about.
#[derive(Clone, Debug, Serialize)]
pub struct AboutFinding {
    /// Its id.
    pub id: String,
    /// What was found.
    pub kind: FindingKind,
    /// What it is about: foreign text.
    pub path: String,
}

/// The packages of a device (`/devices/{id}/evidence`).
#[derive(Debug, Template, Serialize)]
#[template(path = "fleet/evidence.html", blocks = ["live"])]
pub struct EvidencePage {
    /// What surrounds the page.
    #[serde(skip)]
    pub chrome: Chrome,
    /// The device.
    pub device: String,
    /// Its own name: foreign text.
    pub hostname: String,
    /// The packages, newest first.
    pub rows: Vec<EvidenceRow>,
    /// The finding that a package is to be about, if somebody came from one.
    pub about: Option<AboutFinding>,
    /// What is wrong with what was typed: field `reason`.
    pub errors: FieldErrors,
    /// Whether the reader may order one.
    pub may_collect: bool,
    /// Whether the reader may delete one.
    pub may_delete: bool,
}

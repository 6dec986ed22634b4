//! Who did what, and when.

use crate::view::{Chrome, Paging};
use askama::Template;
use baluardo_model::Timestamp;
use serde::Serialize;

/// A line of the log.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "document", derive(utoipa::ToSchema))]
pub struct AuditRow {
    /// Its number in the chain.
    pub seq: u64,
    /// When.
    #[cfg_attr(feature = "document", schema(value_type = String, format = DateTime))]
    pub at: Timestamp,
    /// `person`, `token`, `device`, `platform` or `public`.
    pub actor_kind: String,
    /// Their name; empty where there is none.
    pub actor_name: String,
    /// A role's code; empty where there is none.
    pub actor_role: String,
    /// Whether they belong to another body than the one whose log this is (the consortium in a comune).
    pub from_outside: bool,
    /// The act's stable word.
    pub act: String,
    /// What it was done to.
    pub target: String,
    /// What a reader needs to know of it.
    pub detail: String,
}

/// What the log is narrowed to.
#[derive(Clone, Debug, Default, Serialize)]
pub struct AuditFilter {
    /// Text in who, target or detail.
    pub q: String,
    /// An act's stable word, or empty.
    pub act: String,
}

/// What the last check of the chain found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "document", derive(utoipa::ToSchema))]
pub struct CheckRow {
    /// When it ended.
    #[cfg_attr(feature = "document", schema(value_type = String, format = DateTime))]
    pub at: Timestamp,
    /// When every line was last checked; between the two only new lines were.
    #[cfg_attr(feature = "document", schema(value_type = String, format = DateTime))]
    pub whole_at: Timestamp,
    /// The last line that fits the chain.
    pub lines: u64,
    /// The first line that was changed, removed or put in.
    pub broken_at: Option<u64>,
}

/// The audit log (`/audit`), newest first.
#[derive(Debug, Template, Serialize)]
#[template(path = "audit/audit.html", blocks = ["live"])]
pub struct AuditPage {
    /// What surrounds the page.
    #[serde(skip)]
    pub chrome: Chrome,
    /// The lines.
    pub rows: Vec<AuditRow>,
    /// What they are narrowed to.
    pub filter: AuditFilter,
    /// What the check of the chain found; none on the pages after the first.
    pub check: Option<CheckRow>,
    /// The acts that the filter offers.
    pub acts: Vec<String>,
    /// The other rows.
    pub paging: Paging,
}

//! The quarantine, and the second question before a file leaves it.

use crate::view::{Chrome, Paging};
use askama::Template;
use baluardo_model::Timestamp;
use baluardo_model::protection::QuarantineState;
use serde::Serialize;

/// A file in quarantine.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "document", derive(utoipa::ToSchema))]
pub struct QuarantineRow {
    /// Its id.
    pub id: String,
    /// The finding it belongs to.
    pub finding: String,
    /// The device's name: foreign text.
    pub device: String,
    /// Where the file was: foreign text.
    pub path: String,
    /// SHA-256.
    pub sha256: String,
    /// Size in bytes.
    pub size: u64,
    /// When it was taken.
    #[cfg_attr(feature = "document", schema(value_type = String, format = DateTime))]
    pub taken_at: Timestamp,
    /// Where it stands.
    #[cfg_attr(feature = "document", schema(value_type = String))]
    pub state: QuarantineState,
    /// Whether an order for it is on its way to the device.
    pub order_waits: bool,
}

/// What the quarantine is narrowed to.
#[derive(Clone, Debug, Default, Serialize)]
pub struct QuarantineFilter {
    /// Text in device, path or hash.
    pub q: String,
    /// A state's code, or empty for all.
    pub state: String,
}

/// The quarantine (`/quarantine`).
#[derive(Debug, Template, Serialize)]
#[template(path = "protection/quarantine.html", blocks = ["live"])]
pub struct QuarantinePage {
    /// What surrounds the page.
    #[serde(skip)]
    pub chrome: Chrome,
    /// The files, newest first.
    pub rows: Vec<QuarantineRow>,
    /// What they are narrowed to.
    pub filter: QuarantineFilter,
    /// The other rows.
    pub paging: Paging,
    /// Whether the reader may release and delete.
    pub may_change: bool,
}

/// What a second question is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum QuarantineAct {
    /// Put the file back.
    Release,
    /// Destroy the file.
    Delete,
}

impl QuarantineAct {
    /// The stable word, also the last part of the address.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Release => "release",
            Self::Delete => "delete",
        }
    }
}

/// Asks a second time before a file is put back or destroyed (`GET /quarantine/{id}/release`, `.../delete`).
#[derive(Debug, Template, Serialize)]
#[template(path = "protection/confirm.html")]
pub struct ConfirmPage {
    /// What surrounds the page.
    #[serde(skip)]
    pub chrome: Chrome,
    /// What would be done.
    pub act: QuarantineAct,
    /// The file.
    pub row: QuarantineRow,
}

//! Pages of a folder's way back to a moment: asking, what the device says that it would do, and what came of it.

use crate::view::{Chrome, FieldErrors};
use askama::Template;
use baluardo_model::Timestamp;
use baluardo_model::rollback::Hindrance;
use serde::Serialize;

/// How many documents a roll back is about.
#[derive(Clone, Copy, Debug, Default, Serialize)]
#[cfg_attr(feature = "document", derive(utoipa::ToSchema))]
pub struct RollbackCounts {
    /// Documents that get their version of then.
    pub changed: u64,
    /// Documents that come back.
    pub returned: u64,
    /// Documents that are set aside.
    pub aside: u64,
    /// Documents that are as they were.
    pub same: u64,
    /// Documents that cannot be put back.
    pub stuck: u64,
    /// Documents that a program holds open.
    pub open: u64,
}

/// A document that cannot be put back.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "document", derive(utoipa::ToSchema))]
pub struct StuckRow {
    /// Where: foreign text.
    pub path: String,
    /// Why, as a stable word (`version_dropped`, `too_large`, `failed` and the like); empty where an agent of an earlier version says
    /// it in its own words.
    pub code: String,
    /// What belongs to the word, or the agent's own words: foreign text, often empty.
    pub detail: String,
}

/// Why a document, or the folder, is not put back, as it travelled: a stable word and what belongs to it.
#[must_use]
pub fn taken_apart(why: &str) -> (String, String) {
    match Hindrance::read(why) {
        Some((known, detail)) => (known.code().to_owned(), detail.to_owned()),
        None => (String::new(), why.to_owned()),
    }
}

/// The same in words of the reader.
fn in_words(chrome: &Chrome, code: &str, detail: &str) -> String {
    match (code, detail) {
        ("", detail) => detail.to_owned(),
        (code, "") => chrome.word("rollback.why.", code).into_owned(),
        (code, detail) => format!("{}: {detail}", chrome.word("rollback.why.", code)),
    }
}

impl StuckRow {
    /// Why, in words of the reader.
    #[must_use]
    pub fn words(&self, chrome: &Chrome) -> String {
        in_words(chrome, &self.code, &self.detail)
    }
}

/// A roll back as it stands.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "document", derive(utoipa::ToSchema))]
pub struct RollbackRow {
    /// Its id.
    pub id: String,
    /// The folder.
    pub folder: String,
    /// The moment.
    #[cfg_attr(feature = "document", schema(value_type = String, format = DateTime))]
    pub moment: Timestamp,
    /// `asked`, `previewed`, `ordered`, `running`, `done` or `failed`.
    pub stage: String,
    /// Who ordered it; empty when it was begun on the device.
    pub ordered_by: String,
    /// When.
    #[cfg_attr(feature = "document", schema(value_type = String, format = DateTime))]
    pub ordered_at: Timestamp,
    /// When the device told last.
    #[cfg_attr(feature = "document", schema(value_type = Option<String>, format = DateTime))]
    pub told_at: Option<Timestamp>,
    /// How many documents it is about, as the device says.
    pub counts: RollbackCounts,
    /// How many it touches in all: what is confirmed.
    pub documents: u64,
    /// How many of them are done.
    pub acted: u64,
    /// Where those that were born since lie: foreign text; empty where there are none.
    pub aside: String,
    /// The first of those that cannot be put back.
    pub stuck: Vec<StuckRow>,
    /// The first of those that a program holds open: foreign texts.
    pub open: Vec<String>,
    /// Why it could not be, as a stable word; empty when nothing is to be said, or an agent of an earlier version says it in its own words.
    pub code: String,
    /// What belongs to the word, or the agent's own words: foreign text, often empty.
    pub note: String,
}

impl RollbackRow {
    /// Why it could not be, in words of the reader; empty when nothing is to be said.
    #[must_use]
    pub fn words(&self, chrome: &Chrome) -> String {
        in_words(chrome, &self.code, &self.note)
    }

    /// The class and the icon of its mark.
    #[must_use]
    pub fn mark(&self) -> (&'static str, &'static str) {
        match self.stage.as_str() {
            "done" if self.counts.stuck == 0 => ("mark-good", "it-check-circle"),
            "done" => ("mark-warn", "it-info-circle"),
            "failed" => ("mark-bad", "it-error"),
            "previewed" => ("mark-info", "it-info-circle"),
            _ => ("mark-info", "it-clock"),
        }
    }
}

/// A moment that can be chosen.
#[derive(Clone, Debug, Serialize)]
pub struct MomentChoice {
    /// As it is sent: RFC 3339.
    pub value: String,
    /// The moment.
    pub at: Timestamp,
    /// How many documents changed then; none where it is that of a finding.
    pub documents: Option<u64>,
}

/// Asking (`/devices/{id}/rollbacks`), with what was asked before.
#[derive(Debug, Template, Serialize)]
#[template(path = "fleet/rollbacks.html")]
pub struct RollbacksPage {
    /// What surrounds the page.
    #[serde(skip)]
    pub chrome: Chrome,
    /// The device.
    pub device: String,
    /// Its own name: foreign text.
    pub hostname: String,
    /// The folders that the policy guards.
    pub folders: Vec<String>,
    /// What was typed as the folder.
    pub folder: String,
    /// Moments at which something happened, newest first.
    pub moments: Vec<MomentChoice>,
    /// For how many hours versions are kept.
    pub hours: u64,
    /// What is wrong with what was typed: fields `folder` and `to`.
    pub errors: FieldErrors,
    /// What was asked before, newest first.
    pub rows: Vec<RollbackRow>,
}

/// One roll back (`/devices/{id}/rollbacks/{rollback}`).
#[derive(Debug, Template, Serialize)]
#[template(path = "fleet/rollback.html", blocks = ["live"])]
pub struct RollbackPage {
    /// What surrounds the page.
    #[serde(skip)]
    pub chrome: Chrome,
    /// The device.
    pub device: String,
    /// Its own name: foreign text.
    pub hostname: String,
    /// How it stands.
    pub row: RollbackRow,
}

/// Asks a second time, and says how many documents (`/devices/{id}/rollbacks/{rollback}/confirm`).
#[derive(Debug, Template, Serialize)]
#[template(path = "fleet/rollback_confirm.html")]
pub struct RollbackConfirmPage {
    /// What surrounds the page.
    #[serde(skip)]
    pub chrome: Chrome,
    /// The device.
    pub device: String,
    /// Its own name: foreign text.
    pub hostname: String,
    /// What would be done.
    pub row: RollbackRow,
}

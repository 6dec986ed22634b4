//! The local inbox: what the platform would have mailed, in an installation that has no mail server.

use crate::view::{Chrome, Paging};
use askama::Template;
use baluardo_model::Timestamp;
use serde::Serialize;

/// A mail in the list.
#[derive(Clone, Debug, Serialize)]
pub struct MailRow {
    /// Its id.
    pub id: String,
    /// To whom.
    pub to: String,
    /// Its subject.
    pub subject: String,
    /// When it left.
    pub at: Timestamp,
}

/// The inbox (`/inbox`).
#[derive(Debug, Template, Serialize)]
#[template(path = "inbox/inbox.html", blocks = ["live"])]
pub struct InboxPage {
    /// What surrounds the page.
    #[serde(skip)]
    pub chrome: Chrome,
    /// The mails, newest first.
    pub rows: Vec<MailRow>,
    /// Text that they are narrowed to.
    pub q: String,
    /// The other rows.
    pub paging: Paging,
}

/// One mail (`/inbox/{id}`).
#[derive(Debug, Template, Serialize)]
#[template(path = "inbox/mail.html")]
pub struct MailPage {
    /// What surrounds the page.
    #[serde(skip)]
    pub chrome: Chrome,
    /// From whom.
    pub from: String,
    /// To whom.
    pub to: String,
    /// Its subject.
    pub subject: String,
    /// When it left.
    pub at: Timestamp,
    /// Its text.
    pub body: String,
}

impl MailPage {
    /// The web addresses in the text, so that a link can be followed. Nothing else ever becomes one.
    #[must_use]
    pub fn links(&self) -> Vec<&str> {
        self.body.split_whitespace().filter(|word| word.starts_with("https://")).collect()
    }
}

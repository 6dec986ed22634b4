//! The page behind a link of the letter about held mail: what it is, and a button.

use crate::view::Chrome;
use crate::view::mail::MailReason;
use askama::Template;
use baluardo_model::Timestamp;
use serde::Serialize;

/// What the page says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum HeldLinkState {
    /// The recipient may have it: a button releases it.
    Release,
    /// The RTD decides: a button asks.
    Ask,
    /// It was asked for.
    Asked,
    /// It is on its way.
    Released,
    /// The link does not open.
    Refused,
}

impl HeldLinkState {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Release, Self::Ask, Self::Asked, Self::Released, Self::Refused];

    /// The stable word; of a question also the last part of the address that answers it.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Release => "release",
            Self::Ask => "ask",
            Self::Asked => "asked",
            Self::Released => "released",
            Self::Refused => "refused",
        }
    }

    /// Whether there is a button.
    #[must_use]
    pub const fn is_question(self) -> bool {
        matches!(self, Self::Release | Self::Ask)
    }
}

/// A held message as its recipient sees it. All but the name of the comune is foreign text.
#[derive(Clone, Debug, Serialize)]
pub struct HeldLinkMessage {
    /// The comune.
    pub tenant: String,
    /// Who the message says wrote it.
    pub author: String,
    /// What it says it is about.
    pub subject: String,
    /// When it came.
    pub taken_at: Timestamp,
    /// Why it is held, in the reader's language.
    pub reasons: Vec<MailReason>,
    /// Until when the link is good.
    pub expires_at: Timestamp,
}

/// Where a link lands (`GET /held/{token}`), and what came of its button. Opening it does nothing, because mail scanners open links too.
#[derive(Debug, Template, Serialize)]
#[template(path = "mail/held_link.html")]
pub struct HeldLinkPage {
    /// What surrounds the page.
    #[serde(skip)]
    pub chrome: Chrome,
    /// The secret of the address, for the address of the form.
    #[serde(skip)]
    pub token: String,
    /// What the page says.
    pub state: HeldLinkState,
    /// Why the link does not open, by the code of the error; empty when it does.
    pub refusal: String,
    /// The message; none when the link does not open.
    pub message: Option<HeldLinkMessage>,
}

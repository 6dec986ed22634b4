//! Rules for senders: the list, and the form with what a rule would have changed.

use crate::view::form::FieldErrors;
use crate::view::mail::HeldMailRow;
use crate::view::{Chrome, Paging};
use askama::Template;
use baluardo_model::Timestamp;
use baluardo_model::mail::senders::SenderAct;
use serde::Serialize;

/// A rule in a list. Subject and reason are foreign texts.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "document", derive(utoipa::ToSchema))]
pub struct SenderRuleRow {
    /// Its id.
    pub id: String,
    /// What it does.
    #[cfg_attr(feature = "document", schema(value_type = String))]
    pub act: SenderAct,
    /// The address or domain that it is about.
    pub subject: String,
    /// Why it was made.
    pub reason: String,
    /// Who made it.
    pub made_by: String,
    /// When.
    #[cfg_attr(feature = "document", schema(value_type = String, format = DateTime))]
    pub made_at: Timestamp,
    /// When it ends, or was withdrawn.
    #[cfg_attr(feature = "document", schema(value_type = String, format = DateTime))]
    pub ends_at: Timestamp,
    /// Whether it holds now.
    pub stands: bool,
    /// Who withdrew it; empty for nobody.
    pub ended_by: String,
}

/// The rules for senders (`/mail/senders`).
#[derive(Debug, Template, Serialize)]
#[template(path = "mail/senders.html", blocks = ["live"])]
pub struct SendersPage {
    /// What surrounds the page.
    #[serde(skip)]
    pub chrome: Chrome,
    /// The rules, those that hold first.
    pub rows: Vec<SenderRuleRow>,
    /// Text that they are narrowed to.
    pub q: String,
    /// The other rows.
    pub paging: Paging,
}

/// What was typed.
#[derive(Clone, Debug, Default, Serialize)]
pub struct SenderForm {
    /// `allow` or `block`.
    pub act: String,
    /// Address or domain.
    pub subject: String,
    /// Why.
    pub reason: String,
    /// Days.
    pub days: String,
}

/// What a rule would have changed.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "document", derive(utoipa::ToSchema))]
pub struct SenderPreview {
    /// The address or domain, as it would be kept.
    pub subject: String,
    /// Of how many days this tells.
    pub days: u32,
    /// Held messages that would have been delivered.
    pub freed: Vec<HeldMailRow>,
    /// Held messages of this sender that would have been held all the same.
    pub still_held: u64,
    /// Delivered messages that would have been held.
    pub stopped: u64,
    /// Whether an earlier rule on the same subject would end.
    pub replaces: bool,
}

/// The form (`/mail/senders/new`), with a preview where one was asked for.
#[derive(Debug, Template, Serialize)]
#[template(path = "mail/sender.html")]
pub struct SenderPage {
    /// What surrounds the page.
    #[serde(skip)]
    pub chrome: Chrome,
    /// What was typed.
    pub form: SenderForm,
    /// What is wrong with it.
    pub errors: FieldErrors,
    /// What it would have changed.
    pub preview: Option<SenderPreview>,
}

//! Held mail: the list, one message, the second question, the rules of a comune, and the domains of all.

use crate::view::form::FieldErrors;
use crate::view::{Chrome, Paging};
use askama::Template;
use baluardo_model::Timestamp;
use baluardo_model::mail::{DomainState, HeldState, Outcome};
use baluardo_model::mailbox::HeldPlace;
use serde::Serialize;

/// A held message in a list. Addresses and subject are foreign texts.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "document", derive(utoipa::ToSchema))]
pub struct HeldMailRow {
    /// Its id.
    pub id: String,
    /// Who the message says wrote it.
    pub author: String,
    /// The sender of the envelope; empty for a notice.
    pub sender: String,
    /// To whom it would have gone.
    pub recipients: Vec<String>,
    /// What it says it is about.
    pub subject: String,
    /// `phishing`, `malware`, `fraud` or `spam`.
    pub class: String,
    /// How sure the judge was, in hundredths.
    pub percent: u64,
    /// Size in bytes.
    pub size: u64,
    /// How often it was brought.
    pub times: u64,
    /// When it came.
    #[cfg_attr(feature = "document", schema(value_type = String, format = DateTime))]
    pub taken_at: Timestamp,
    /// Where it stands.
    #[cfg_attr(feature = "document", schema(value_type = String))]
    pub state: HeldState,
    /// The recipients who asked for it.
    pub asked_by: Vec<String>,
}

impl HeldMailRow {
    /// Whether somebody waits for it who asked.
    #[must_use]
    pub fn is_asked_for(&self) -> bool {
        self.state == HeldState::Held && !self.asked_by.is_empty()
    }
}

/// What the list is narrowed to.
#[derive(Clone, Debug, Default, Serialize)]
pub struct HeldMailFilter {
    /// Text in subject or addresses.
    pub q: String,
    /// A state's code, or empty for all.
    pub state: String,
    /// A class, or empty for all.
    pub class: String,
}

/// How many messages came to an end in the last 30 days.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct MailEnd {
    /// Which end.
    pub outcome: Outcome,
    /// How many.
    pub count: u64,
}

/// Held mail (`/mail`).
#[derive(Debug, Template, Serialize)]
#[template(path = "mail/list.html", blocks = ["live"])]
pub struct HeldMailPage {
    /// What surrounds the page.
    #[serde(skip)]
    pub chrome: Chrome,
    /// The messages, the worst first.
    pub rows: Vec<HeldMailRow>,
    /// What they are narrowed to.
    pub filter: HeldMailFilter,
    /// The other rows.
    pub paging: Paging,
    /// How the mail ended in the last 30 days.
    pub ends: Vec<MailEnd>,
    /// Whether the reader may change the rules.
    pub may_rule: bool,
    /// Whether they may allow and block senders.
    pub may_rule_senders: bool,
    /// Of how many kinds of reported messages nothing was said; none for who may not see reports.
    pub reported: Option<u64>,
    /// Whether they may report messages.
    pub may_report: bool,
}

/// Why a message is held, in the reader's language.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "document", derive(utoipa::ToSchema))]
pub struct MailReason {
    /// Stable code.
    pub code: String,
    /// In words.
    pub text: String,
}

/// A link as it is shown: text, never a link.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "document", derive(utoipa::ToSchema))]
pub struct MailLink {
    /// The words that the reader would have seen.
    pub shown: String,
    /// Where it really leads.
    pub target: String,
}

/// An attachment, by name.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "document", derive(utoipa::ToSchema))]
pub struct MailFile {
    /// Its name.
    pub name: String,
    /// What it says it is.
    pub media_type: String,
}

/// What a message says.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "document", derive(utoipa::ToSchema))]
pub struct MailContent {
    /// Its text.
    pub text: String,
    /// Whether there is more than is shown.
    pub cut: bool,
    /// Its links.
    pub links: Vec<MailLink>,
    /// Its attachments.
    pub files: Vec<MailFile>,
}

/// A recipient who released a message to themselves.
#[derive(Clone, Debug, Serialize)]
pub struct HeldPartRow {
    /// Who.
    pub recipient: String,
    /// Whether the mail server has it.
    pub state: HeldState,
    /// When.
    pub released_at: Timestamp,
    /// What the mail server said when it did not take it.
    pub trouble: String,
}

/// One held message (`/mail/{id}`), with what it says where that was asked for (`/mail/{id}/content`).
#[derive(Debug, Template, Serialize)]
#[template(path = "mail/message.html")]
pub struct HeldMessagePage {
    /// What surrounds the page.
    #[serde(skip)]
    pub chrome: Chrome,
    /// The message.
    pub row: HeldMailRow,
    /// Why it is held, the weightiest first.
    pub reasons: Vec<MailReason>,
    /// Since when it stands as it does.
    pub changed_at: Timestamp,
    /// Who brought it there; empty for nobody.
    pub changed_by: String,
    /// What the mail server said when it did not take it.
    pub trouble: String,
    /// Where it lies, of messages that came into a mailbox at a provider.
    pub place: Option<HeldPlace>,
    /// To which single recipients it goes or went because they released it.
    pub parts: Vec<HeldPartRow>,
    /// Whether the reader may read what it says.
    pub may_read: bool,
    /// Whether they may release and delete it.
    pub may_change: bool,
    /// Whether they may allow and block its sender.
    pub may_rule_senders: bool,
    /// What it says.
    pub content: Option<MailContent>,
}

/// What a second question is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum HeldAct {
    /// Let it go to its recipients.
    Release,
    /// Throw it away.
    Delete,
}

impl HeldAct {
    /// The stable word, also the last part of the address.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Release => "release",
            Self::Delete => "delete",
        }
    }
}

/// Asks a second time (`GET /mail/{id}/release`, `.../delete`).
#[derive(Debug, Template, Serialize)]
#[template(path = "mail/confirm.html")]
pub struct HeldConfirmPage {
    /// What surrounds the page.
    #[serde(skip)]
    pub chrome: Chrome,
    /// What would be done.
    pub act: HeldAct,
    /// The message.
    pub row: HeldMailRow,
}

/// A domain and where the claim to it stands.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "document", derive(utoipa::ToSchema))]
pub struct DomainRow {
    /// Whose claim: the tenant's id.
    pub tenant: String,
    /// Their name.
    pub tenant_name: String,
    /// The domain.
    pub domain: String,
    /// Where the claim stands.
    #[cfg_attr(feature = "document", schema(value_type = String))]
    pub state: DomainState,
    /// When it was made.
    #[cfg_attr(feature = "document", schema(value_type = String, format = DateTime))]
    pub claimed_at: Timestamp,
}

/// The rules for mail as a person types them.
#[derive(Clone, Debug, Default, Serialize)]
pub struct MailRules {
    /// What happens to suspicious messages.
    pub on_suspicion: String,
    /// What happens to what cannot be judged.
    pub on_trouble: String,
    /// Put before the subject.
    pub prefix: String,
    /// What the consortium sees.
    pub consortium: String,
    /// Days.
    pub keep_days: String,
    /// Why longer than 21.
    pub legal_basis: String,
    /// Whether reports are shared.
    pub share_reports: bool,
    /// On which days people are told what of theirs is held.
    pub digest: String,
    /// At which hour.
    pub digest_hour: String,
    /// What recipients may release.
    pub recipients_may: String,
}

/// The rules and domains of a comune (`/mail/settings`).
#[derive(Debug, Template, Serialize)]
#[template(path = "mail/settings.html")]
pub struct MailSettingsPage {
    /// What surrounds the page.
    #[serde(skip)]
    pub chrome: Chrome,
    /// The rules.
    pub rules: MailRules,
    /// What is wrong with what was typed.
    pub errors: FieldErrors,
    /// The domains.
    pub domains: Vec<DomainRow>,
    /// The domain that was typed.
    pub typed: String,
}

/// The domains of all members (`/mail/domains`), for operators.
#[derive(Debug, Template, Serialize)]
#[template(path = "mail/domains.html")]
pub struct MailDomainsPage {
    /// What surrounds the page.
    #[serde(skip)]
    pub chrome: Chrome,
    /// The claims, those that wait first.
    pub rows: Vec<DomainRow>,
    /// What stood in the way of a decision.
    pub errors: FieldErrors,
}

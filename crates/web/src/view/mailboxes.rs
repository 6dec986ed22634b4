//! Mailboxes at providers, one of them as a form, and suspicious certified mail.

use crate::view::Chrome;
use crate::view::form::FieldErrors;
use crate::view::mail::MailReason;
use askama::Template;
use baluardo_model::Timestamp;
use serde::Serialize;

/// A mailbox in the list. Host, address and what the server said are foreign texts; no secret is in it.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "document", derive(utoipa::ToSchema))]
pub struct MailboxLine {
    /// Its id.
    pub id: String,
    /// `mailbox` or `pec`.
    pub kind: String,
    /// Its address.
    pub address: String,
    /// The server.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// `implicit`, `starttls` or `plain`.
    pub tls: String,
    /// The name by which one signs in.
    pub login: String,
    /// `password` or `oauth2`.
    pub auth: String,
    /// The client's name at the provider of tokens.
    pub client: String,
    /// Where tokens are renewed.
    pub token_url: String,
    /// The folder for quarantine.
    pub folder: String,
    /// Whose findings of SPF, DKIM and DMARC are believed.
    pub authserv: String,
    /// Whether it is guarded.
    pub enabled: bool,
    /// When it was last read.
    #[cfg_attr(feature = "document", schema(value_type = Option<String>, format = DateTime))]
    pub read_at: Option<Timestamp>,
    /// When it was last found out how it stands.
    #[cfg_attr(feature = "document", schema(value_type = Option<String>, format = DateTime))]
    pub checked_at: Option<Timestamp>,
    /// What is wrong: a stable code; empty for nothing.
    pub trouble: String,
    /// What the server said of it.
    pub said: String,
    /// What the server cannot do, as stable codes.
    pub remarks: Vec<String>,
}

impl MailboxLine {
    /// How it stands: `off`, `new`, `trouble` or `good`.
    #[must_use]
    pub const fn standing(&self) -> &'static str {
        if !self.trouble.is_empty() {
            "trouble"
        } else if !self.enabled {
            "off"
        } else if self.checked_at.is_none() {
            "new"
        } else {
            "good"
        }
    }
}

/// The mailboxes (`/mail/mailboxes`).
#[derive(Debug, Template, Serialize)]
#[template(path = "mail/mailboxes.html")]
pub struct MailboxesPage {
    /// What surrounds the page.
    #[serde(skip)]
    pub chrome: Chrome,
    /// The mailboxes, by address.
    pub rows: Vec<MailboxLine>,
}

/// A mailbox as a person types it. Secrets are never shown again, so they are not in it.
#[derive(Clone, Debug, Default, Serialize)]
pub struct MailboxForm {
    /// `mailbox` or `pec`.
    pub kind: String,
    /// Its address.
    pub address: String,
    /// The server.
    pub host: String,
    /// Its port.
    pub port: String,
    /// How the connection is protected.
    pub tls: String,
    /// The name by which one signs in.
    pub login: String,
    /// How.
    pub auth: String,
    /// The client's name.
    pub client: String,
    /// Where tokens are renewed.
    pub token_url: String,
    /// The folder for quarantine.
    pub folder: String,
    /// Whose findings are believed.
    pub authserv: String,
    /// Whether it is guarded.
    pub enabled: bool,
}

/// One mailbox (`/mail/mailboxes/new`, `/mail/mailboxes/{id}`).
#[derive(Debug, Template, Serialize)]
#[template(path = "mail/mailbox.html")]
pub struct MailboxPage {
    /// What surrounds the page.
    #[serde(skip)]
    pub chrome: Chrome,
    /// Its id; empty for a new one.
    pub id: String,
    /// As it is typed.
    pub form: MailboxForm,
    /// What is wrong with that.
    pub errors: FieldErrors,
}

/// A suspicious certified message. All texts are foreign; what it says is not in it.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "document", derive(utoipa::ToSchema))]
pub struct PecLine {
    /// By what it is known.
    pub identity: String,
    /// The address of the mailbox.
    pub mailbox: String,
    /// `envelope`, `anomaly`, `receipt` or `ordinary`.
    pub kind: String,
    /// Who sent it.
    pub sender: String,
    /// Who certifies that.
    pub provider: String,
    /// What it says it is about.
    pub subject: String,
    /// When it was sent, as the provider writes it.
    pub sent: String,
    /// The provider's number for it.
    pub identifier: String,
    /// `phishing`, `malware`, `fraud` or `spam`.
    pub class: String,
    /// How sure the judge was, in hundredths.
    pub percent: u64,
    /// Whether ordinary mail like it would have been stopped.
    pub hostile: bool,
    /// Why.
    pub reasons: Vec<MailReason>,
    /// When it was noted.
    #[cfg_attr(feature = "document", schema(value_type = String, format = DateTime))]
    pub taken_at: Timestamp,
    /// Who knows of it; empty for nobody.
    pub seen_by: String,
}

/// Suspicious certified mail (`/mail/pec`).
#[derive(Debug, Template, Serialize)]
#[template(path = "mail/pec.html")]
pub struct PecPage {
    /// What surrounds the page.
    #[serde(skip)]
    pub chrome: Chrome,
    /// The messages: hostile ones that nobody knows of first.
    pub rows: Vec<PecLine>,
    /// Whether the reader may say that they know of one.
    pub may_change: bool,
}

//! What carries mail: the server implements it with SMTP, tests with a list.

use std::future::Future;
use std::pin::Pin;

/// A mail, ready to leave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutgoingMail {
    /// Sender.
    pub from: String,
    /// Receiver.
    pub to: String,
    /// Subject.
    pub subject: String,
    /// Plain text, UTF-8.
    pub text: String,
    /// Message-ID with its angle brackets: the same each time this mail is sent, so that a receiver can drop a double.
    pub message_id: String,
}

/// Why a mail did not leave, in the transport's words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct MailFailed(pub String);

/// What [`MailTransport::send`] promises.
pub type Sending<'a> = Pin<Box<dyn Future<Output = Result<(), MailFailed>> + Send + 'a>>;

/// Carries mail to the next mail server.
pub trait MailTransport: Send + Sync {
    /// Hands a mail over; done when the next server has taken responsibility for it.
    fn send<'a>(&'a self, mail: &'a OutgoingMail) -> Sending<'a>;
}

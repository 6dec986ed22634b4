//! What carries mail: the server implements it with SMTP, tests with a list.

use std::future::Future;
use std::pin::Pin;

/// A mail that is ready to leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leaving<'a> {
    /// The address of the person.
    pub to: &'a str,
    /// Subject.
    pub subject: &'a str,
    /// Plain text.
    pub text: &'a str,
    /// The left part of the Message-ID: the same each time this mail is sent, so that a receiver can drop a double.
    pub message_id: &'a str,
}

/// Why a mail did not leave, in the transport's words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// The next try may work: the server is away or busy.
    #[error("{0}")]
    Later(String),
    /// The server says no to this mail. It is tried again all the same, rarely: servers are set right by people.
    #[error("refused: {0}")]
    Never(String),
}

/// What [`MailTransport::send`] promises.
pub type Sending<'a> = Pin<Box<dyn Future<Output = Result<(), SendError>> + Send + 'a>>;

/// Carries mail to the next mail server.
pub trait MailTransport: Send + Sync {
    /// Hands a mail over; done when the next server has taken responsibility for it.
    fn send<'a>(&'a self, mail: Leaving<'a>) -> Sending<'a>;
}

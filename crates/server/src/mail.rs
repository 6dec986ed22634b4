//! How mail leaves: by SMTP through lettre, or into the local inbox.

use anyhow::Context as _;
use baluardo_service::outbox::{Leaving, MailTransport, SendError};
use lettre::message::Mailbox;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor};
use std::time::Duration;

/// Tells programs that answer for people who are away not to answer (RFC 3834, 5).
const AUTO_SUBMITTED: HeaderName = HeaderName::new_from_ascii_str("Auto-Submitted");

/// How long one mail may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// Mail through a configured SMTP server.
#[derive(Debug)]
pub struct Smtp {
    server: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    host: String,
}

impl Smtp {
    /// From `smtp://HOST:PORT`, `smtps://USER:PASSWORD@HOST` or `smtp+starttls://…`.
    ///
    /// # Errors
    /// When the address or the sender cannot be read; the message shows the accepted forms, never the password.
    pub fn new(address: &str, from: &str, host: &str) -> anyhow::Result<Self> {
        let address = match address.strip_prefix("smtp+starttls://") {
            Some(rest) => format!("smtp://{rest}?tls=required"),
            None => address.to_owned(),
        };
        let server = AsyncSmtpTransport::<Tokio1Executor>::from_url(&address)
            .ok()
            .context("the mail server's address is not understood: use smtp://HOST:PORT, smtps://USER:PASSWORD@HOST or smtp+starttls://USER:PASSWORD@HOST")?
            .timeout(Some(PATIENCE))
            .build();
        let from = from.parse().with_context(|| format!("the sender {from:?} is not a mail address"))?;
        Ok(Self { server, from, host: host.to_owned() })
    }

    async fn send_now(&self, mail: &Leaving<'_>) -> Result<(), SendError> {
        let to: Mailbox = mail.to.parse().map_err(|e| SendError::Never(format!("{:?}: {e}", mail.to)))?;
        let message = Message::builder()
            .from(self.from.clone())
            .to(to)
            .subject(mail.subject)
            .message_id(Some(format!("<{}@{}>", mail.message_id, self.host)))
            .header(ContentType::TEXT_PLAIN)
            .raw_header(HeaderValue::new(AUTO_SUBMITTED, "auto-generated".to_owned()))
            .body(mail.text.to_owned())
            .map_err(|e| SendError::Never(e.to_string()))?;
        match self.server.send(message).await {
            Ok(_) => Ok(()),
            Err(error) if error.is_permanent() => Err(SendError::Never(error.to_string())),
            Err(error) => Err(SendError::Later(error.to_string())),
        }
    }
}

impl MailTransport for Smtp {
    fn send<'a>(
        &'a self,
        mail: Leaving<'a>,
    ) -> std::pin::Pin<Box<dyn Future<Output = Result<(), SendError>> + Send + 'a>> {
        Box::pin(async move { self.send_now(&mail).await })
    }
}

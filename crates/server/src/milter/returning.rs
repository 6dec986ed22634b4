//! Released messages go back to the mail server, byte for byte, by SMTP.

use anyhow::Context as _;
use baluardo_service::mail::{Reinjection, Returning};
use baluardo_service::outbox::{SendError, Sending};
use lettre::address::Envelope;
use lettre::{Address, AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor};
use std::time::Duration;

/// How long one message may take.
const PATIENCE: Duration = Duration::from_secs(120);

/// The mail server in front of which the milter stands.
#[derive(Debug)]
pub(super) struct NextHop(AsyncSmtpTransport<Tokio1Executor>);

impl NextHop {
    /// From `smtp://HOST:PORT` and the like.
    pub(super) fn new(address: &str) -> anyhow::Result<Self> {
        let server = AsyncSmtpTransport::<Tokio1Executor>::from_url(address)
            .ok()
            .context("the next hop's address is not understood: use smtp://HOST:PORT")?;
        Ok(Self(server.timeout(Some(PATIENCE)).build()))
    }

    async fn send_now(&self, mail: Returning<'_>) -> Result<(), SendError> {
        let never = |error: &dyn std::fmt::Display| SendError::Never(error.to_string());
        let sender = match mail.sender {
            "" => None,
            sender => Some(sender.parse::<Address>().map_err(|e| never(&e))?),
        };
        let recipients: Vec<Address> =
            mail.recipients.iter().map(|to| to.parse()).collect::<Result<_, _>>().map_err(|e| never(&e))?;
        let envelope = Envelope::new(sender, recipients).map_err(|e| never(&e))?;
        // The library ends the last line itself, so one that is ended already would gain an empty one.
        let bytes = mail.bytes.strip_suffix(b"\r\n").unwrap_or(mail.bytes);
        match self.0.send_raw(&envelope, bytes).await {
            Ok(_) => Ok(()),
            Err(error) if error.is_permanent() => Err(never(&error)),
            Err(error) => Err(SendError::Later(error.to_string())),
        }
    }
}

impl Reinjection for NextHop {
    fn send<'a>(&'a self, mail: Returning<'a>) -> Sending<'a> {
        Box::pin(self.send_now(mail))
    }
}

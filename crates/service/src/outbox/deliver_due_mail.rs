//! Sends what is due.

use crate::error::Error;
use crate::house::House;
use crate::live::Topic;
use crate::outbox::transport::{Leaving, MailTransport, SendError};
use crate::rights::desk_scope;
use crate::secret;
use baluardo_model::RequestId;
use baluardo_model::activation::{RequestEvent, RequestEventKind};
use baluardo_store::Tx;
use baluardo_store::outbox::DueMail;
use std::time::Duration;

/// How many mails are taken at once.
const BATCH: u32 = 50;
/// The first wait after a failure; each further one is twice as long.
const FIRST_WAIT: Duration = Duration::from_secs(60);
/// The longest wait. There is no last try: whoever looks at the state of the mail sees what does not leave, and why.
const LONGEST_WAIT: Duration = Duration::from_secs(6 * 60 * 60);

/// What a round did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Delivered {
    /// Mails that left, or that the local inbox keeps.
    pub left: u64,
    /// Mails that will be tried again.
    pub failed: u64,
}

/// Sends every mail that is due, through `transport`, or into the local inbox where the settings say so.
///
/// A mail is marked as left after the next server took it: a crash between the two sends it again under the same
/// Message-ID, and loses nothing. A failure of one mail does not hold back the others.
///
/// # Errors
/// What the store says; [`Error::Internal`] when mail should leave and there is no transport.
#[crate::act]
pub async fn deliver_due_mail(house: &House, transport: Option<&dyn MailTransport>) -> Result<Delivered, Error> {
    let mut delivered = Delivered::default();
    let mut tx = house.store.read().await?;
    let due = tx.platform().due_mail(house.now(), BATCH).await?;
    drop(tx);
    for mail in due {
        let sent = match (house.settings.local_mail, transport) {
            (true, _) => Ok(()),
            (false, Some(transport)) => send(transport, &mail).await,
            (false, None) => return Err(Error::internal("no mail server is configured and local_mail is off")),
        };
        let mut tx = house.store.write().await?;
        match sent {
            Ok(()) => {
                mark_left(house, &mut tx, &mail).await?;
                delivered.left += 1;
            }
            Err(why) => {
                let again = house.now().plus(wait(mail.attempts, &why));
                tx.platform().mail_later(&mail, again, &why.to_string()).await?;
                delivered.failed += 1;
            }
        }
        tx.commit().await?;
        if house.settings.local_mail {
            house.live.tell(mail.tenant, Topic::Mail, mail.id);
        }
        if let Some(request) = mail.mail.request {
            house.live.tell(mail.tenant, Topic::Request, request);
        }
    }
    Ok(delivered)
}

async fn mark_left(house: &House, tx: &mut Tx, mail: &DueMail) -> Result<(), Error> {
    let now = house.now();
    if !tx.platform().mail_left(mail, now).await? {
        return Ok(());
    }
    if house.settings.local_mail {
        tx.platform().keep_local_mail(mail, now).await?;
    }
    match mail.mail.request {
        Some(request) => tell_in_log(house, tx, mail, request).await,
        None => Ok(()),
    }
}

/// Mails about requests lie in the outbox of the consortium that holds the request.
async fn tell_in_log(house: &House, tx: &mut Tx, mail: &DueMail, request: RequestId) -> Result<(), Error> {
    let mut desk = tx.consortium(desk_scope(mail.tenant));
    desk.hold_request(request).await?;
    let Some(found) = desk.request(request).await? else { return Ok(()) };
    let event = RequestEvent { at: house.now(), by: None, kind: RequestEventKind::MailSent };
    desk.append_request_event(request, found.log.len(), &event).await?;
    Ok(())
}

async fn send(transport: &dyn MailTransport, due: &DueMail) -> Result<(), SendError> {
    // Hashed, for a key may hold anything and a Message-ID may not.
    let key: String = secret::hash(&format!("{} {}", due.tenant, due.once_key)).chars().take(32).collect();
    let mail = Leaving { to: &due.mail.to, subject: &due.mail.subject, text: &due.mail.text, message_id: &key };
    transport.send(mail).await
}

fn wait(attempts: u64, why: &SendError) -> Duration {
    if matches!(why, SendError::Never(_)) {
        return LONGEST_WAIT;
    }
    let doublings = u32::try_from(attempts).unwrap_or(u32::MAX).min(20);
    FIRST_WAIT.saturating_mul(1 << doublings).min(LONGEST_WAIT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_from_a_minute_to_six_hours() {
        let minutes = |attempts| wait(attempts, &SendError::Later(String::new())).as_secs() / 60;
        assert_eq!([minutes(0), minutes(1), minutes(5), minutes(9)], [1, 2, 32, 360]);
        assert_eq!(minutes(u64::MAX), 360);
        assert_eq!(wait(0, &SendError::Never(String::new())), LONGEST_WAIT);
    }
}

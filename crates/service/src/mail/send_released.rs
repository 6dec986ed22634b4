//! Brings released messages back to the mail server: a job of the milter.

use super::content::open;
use super::pass::{RELEASE_HEADER, mark};
use crate::error::Error;
use crate::house::House;
use crate::outbox::{SendError, Sending};
use crate::rights::platform_scope;
use baluardo_model::{HeldMailId, TenantId};
use std::time::Duration;

/// How many are taken at once.
const BATCH: u32 = 20;
/// For how long a message that is being sent is nobody else's. After a crash it is sent again then.
const TURN: Duration = Duration::from_secs(10 * 60);
/// The first wait after a failure; each further one is twice as long.
const FIRST_WAIT: Duration = Duration::from_secs(10);
/// The longest wait. There is no last try: the page of the message says what the mail server says.
const LONGEST_WAIT: Duration = Duration::from_secs(60 * 60);

/// A message on its way back.
#[derive(Clone, Copy, Debug)]
pub struct Returning<'a> {
    /// The sender of the envelope; empty for a notice.
    pub sender: &'a str,
    /// The recipients of the envelope.
    pub recipients: &'a [String],
    /// The message with its mark.
    pub bytes: &'a [u8],
}

/// Carries a message to the mail server in front of which the milter stands.
pub trait Reinjection: Send + Sync {
    /// Hands a message over; done when the server has taken responsibility for it, for all recipients.
    fn send<'a>(&'a self, mail: Returning<'a>) -> Sending<'a>;
}

/// What a round did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sent {
    /// Messages that the mail server has.
    pub left: u64,
    /// Messages that will be tried again.
    pub failed: u64,
}

/// Sends every released message whose time has come. The row is marked as sent after the server's yes: a crash between the two
/// sends it once more, which is the most that SMTP can promise, and loses nothing.
///
/// # Errors
/// What the store says.
#[crate::act]
pub async fn send_released(house: &House, door: &dyn Reinjection) -> Result<Sent, Error> {
    let mut sent = Sent::default();
    let mut tx = house.store.read().await?;
    let due = tx.platform().due_releases(house.now(), BATCH).await?;
    drop(tx);
    for (tenant, id) in due {
        match send_one(house, door, tenant, id).await? {
            Some(true) => sent.left += 1,
            Some(false) => sent.failed += 1,
            None => {}
        }
    }
    Ok(sent)
}

/// Sends one; none when somebody else does.
async fn send_one(
    house: &House,
    door: &dyn Reinjection,
    tenant: TenantId,
    id: HeldMailId,
) -> Result<Option<bool>, Error> {
    let scope = platform_scope(tenant);
    let mut tx = house.store.write().await?;
    if !tx.tenant(scope).take_leaving(id, house.now(), house.now().plus(TURN)).await? {
        return Ok(None);
    }
    let row = tx.tenant(scope).held_mail(id).await?.ok_or(Error::NotFound)?;
    let content = open(house, &mut tx, scope, &row).await;
    tx.commit().await?;
    let answer = match content {
        Ok(Some(content)) => {
            let head = format!("{RELEASE_HEADER}: {}\r\n", mark(house, id, &row.content));
            let bytes = [head.as_bytes(), &content].concat();
            door.send(Returning { sender: &row.sender, recipients: &row.recipients, bytes: &bytes }).await
        }
        Ok(None) => Err(SendError::Never("its content is gone".to_owned())),
        Err(error) => Err(SendError::Never(error.to_string())),
    };
    let mut tx = house.store.write().await?;
    let left = match answer {
        Ok(()) => {
            tx.tenant(scope).mail_released(id, house.now()).await?;
            true
        }
        Err(why) => {
            let again = house.now().plus(wait(row.attempts, &why));
            tx.tenant(scope).release_later(id, again, &why.to_string().replace('\0', " ")).await?;
            false
        }
    };
    tx.commit().await?;
    Ok(Some(left))
}

fn wait(attempts: u64, why: &SendError) -> Duration {
    if matches!(why, SendError::Never(_)) {
        return LONGEST_WAIT;
    }
    let doublings = u32::try_from(attempts.saturating_sub(1)).unwrap_or(u32::MAX).min(20);
    FIRST_WAIT.saturating_mul(1 << doublings).min(LONGEST_WAIT)
}

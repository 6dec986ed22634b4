//! Brings released messages back to the mail server: a job of the milter.

use super::HeldRow;
use super::content::open;
use super::pass::{RELEASE_HEADER, mark};
use crate::error::Error;
use crate::house::House;
use crate::outbox::{SendError, Sending};
use crate::rights::platform_scope;
use baluardo_model::mail::HeldState;
use baluardo_model::{HeldMailId, TenantId};
use baluardo_store::{TenantScope, Tx};
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

/// Sends every released message whose time has come, to all its recipients or to the one for whom it was released. The row is marked as
/// sent after the server's yes: a crash between the two sends it once more, which is the most that SMTP can promise, and loses nothing.
///
/// # Errors
/// What the store says.
#[crate::act]
pub async fn send_released(house: &House, door: &dyn Reinjection) -> Result<Sent, Error> {
    let mut sent = Sent::default();
    let mut tx = house.store.read().await?;
    let due = tx.platform().due_releases(house.now(), BATCH).await?;
    let parts = tx.platform().due_parts(house.now(), BATCH).await?;
    drop(tx);
    for (tenant, id) in due {
        sent.count(send_whole(house, door, tenant, id).await?);
    }
    for (tenant, id, recipient) in parts {
        sent.count(send_part(house, door, tenant, id, &recipient).await?);
    }
    Ok(sent)
}

impl Sent {
    /// Counts what became of one; none for one that somebody else sends.
    fn count(&mut self, left: Option<bool>) {
        match left {
            Some(true) => self.left += 1,
            Some(false) => self.failed += 1,
            None => {}
        }
    }
}

/// Sends one to all who did not get it by themselves; none when somebody else does.
async fn send_whole(
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
    let parts = tx.tenant(scope).held_parts(id).await?;
    let went = |recipient: &str| parts.iter().any(|part| part.recipient == recipient.to_lowercase());
    let rest: Vec<String> = row.recipients.iter().filter(|recipient| !went(recipient)).cloned().collect();
    if rest.is_empty() {
        tx.tenant(scope).mail_released(id, house.now()).await?;
        tx.commit().await?;
        return Ok(Some(true));
    }
    let content = open(house, &mut tx, scope, &row).await;
    tx.commit().await?;
    let answer = hand_over(house, door, &row, &rest, content).await;
    let mut tx = house.store.write().await?;
    match &answer {
        Ok(()) => {
            tx.tenant(scope).mail_released(id, house.now()).await?;
        }
        Err(why) => {
            let again = house.now().plus(wait(row.attempts, why));
            tx.tenant(scope).release_later(id, again, &said(why)).await?;
        }
    }
    tx.commit().await?;
    Ok(Some(answer.is_ok()))
}

/// Sends one to one recipient; none when somebody else does. Once each recipient has it, nobody has to decide on it any more.
async fn send_part(
    house: &House,
    door: &dyn Reinjection,
    tenant: TenantId,
    id: HeldMailId,
    recipient: &str,
) -> Result<Option<bool>, Error> {
    let scope = platform_scope(tenant);
    let mut tx = house.store.write().await?;
    let Some(attempts) = tx.tenant(scope).take_part(id, recipient, house.now(), house.now().plus(TURN)).await? else {
        return Ok(None);
    };
    let row = tx.tenant(scope).held_mail(id).await?.ok_or(Error::NotFound)?;
    let to: Vec<String> = row.recipients.iter().filter(|to| to.to_lowercase() == recipient).take(1).cloned().collect();
    let content = open(house, &mut tx, scope, &row).await;
    tx.commit().await?;
    let answer = hand_over(house, door, &row, &to, content).await;
    let mut tx = house.store.write().await?;
    match &answer {
        Ok(()) => {
            tx.tenant(scope).hold_decision(id).await?;
            tx.tenant(scope).part_left(id, recipient).await?;
            end_when_all_left(house, &mut tx, scope, id).await?;
        }
        Err(why) => {
            let again = house.now().plus(wait(attempts, why));
            tx.tenant(scope).part_later(id, recipient, again, &said(why)).await?;
        }
    }
    tx.commit().await?;
    Ok(Some(answer.is_ok()))
}

/// Ends a message of which each recipient has theirs, and removes the content where nobody waits for it.
async fn end_when_all_left(house: &House, tx: &mut Tx, scope: TenantScope, id: HeldMailId) -> Result<(), Error> {
    let mut rows = tx.tenant(scope);
    let Some(row) = rows.held_mail(id).await? else { return Ok(()) };
    let parts = rows.held_parts(id).await?;
    let has = |recipient: &String| {
        parts.iter().any(|part| part.recipient == recipient.to_lowercase() && part.state == HeldState::Released)
    };
    let all = row.recipients.iter().all(has);
    if all && row.state == HeldState::Held {
        rows.all_parts_left(id, "", house.now()).await?;
    }
    if row.state == HeldState::Released || (all && row.state == HeldState::Held) {
        rows.empty_when_over(id).await?;
    }
    Ok(())
}

async fn hand_over(
    house: &House,
    door: &dyn Reinjection,
    row: &HeldRow,
    recipients: &[String],
    content: Result<Option<Vec<u8>>, Error>,
) -> Result<(), SendError> {
    match content {
        Ok(Some(content)) => {
            let head = format!("{RELEASE_HEADER}: {}\r\n", mark(house, row.id, &row.content));
            let bytes = [head.as_bytes(), &content].concat();
            door.send(Returning { sender: &row.sender, recipients, bytes: &bytes }).await
        }
        Ok(None) => Err(SendError::Never("its content is gone".to_owned())),
        Err(error) => Err(SendError::Never(error.to_string())),
    }
}

fn said(why: &SendError) -> String {
    why.to_string().replace('\0', " ")
}

fn wait(attempts: u64, why: &SendError) -> Duration {
    if matches!(why, SendError::Never(_)) {
        return LONGEST_WAIT;
    }
    let doublings = u32::try_from(attempts.saturating_sub(1)).unwrap_or(u32::MAX).min(20);
    FIRST_WAIT.saturating_mul(1 << doublings).min(LONGEST_WAIT)
}

//! What was decided in the console and is to be done in a mailbox: the row is its own outbox, as for mail that goes back to a mail
//! server.

use super::PlaceTask;
use crate::error::Error;
use crate::house::House;
use crate::mail::content;
use crate::rights::platform_scope;
use baluardo_model::mail::HeldState;
use baluardo_model::mailbox::HeldPlace;
use baluardo_model::{HeldMailId, MailboxId, TenantId};
use std::time::Duration;

/// How many are taken at once.
const BATCH: u32 = 20;
/// The first wait after a failure; each further one is twice as long, up to an hour.
const FIRST_WAIT: Duration = Duration::from_secs(10);

/// The mailboxes in which something is to be done.
///
/// # Errors
/// What the store says.
#[crate::act]
pub async fn waiting(house: &House) -> Result<Vec<(TenantId, MailboxId)>, Error> {
    Ok(house.store.read().await?.platform().mailboxes_with_tasks(house.now()).await?)
}

/// What is to be done in one of them, oldest first.
///
/// # Errors
/// What the store says.
#[crate::act]
pub async fn tasks(house: &House, tenant: TenantId, id: MailboxId) -> Result<Vec<PlaceTask>, Error> {
    let mut tx = house.store.read().await?;
    Ok(tx.tenant(platform_scope(tenant)).place_tasks(id, house.now(), BATCH).await?)
}

/// The content of a held message; none when it was deleted.
///
/// # Errors
/// [`Error::NotFound`] when it is forgotten.
#[crate::act]
pub async fn content_of(house: &House, tenant: TenantId, held: HeldMailId) -> Result<Option<Vec<u8>>, Error> {
    let scope = platform_scope(tenant);
    let mut tx = house.store.read().await?;
    let row = tx.tenant(scope).held_mail(held).await?.ok_or(Error::NotFound)?;
    content::open(house, &mut tx, scope, &row).await
}

/// Notes where a held message lies now.
///
/// # Errors
/// What the store says.
#[crate::act]
pub async fn note_place(house: &House, tenant: TenantId, held: HeldMailId, place: HeldPlace) -> Result<(), Error> {
    let mut tx = house.store.write().await?;
    tx.tenant(platform_scope(tenant)).move_place(held, place).await?;
    tx.commit().await?;
    Ok(())
}

/// Notes that a task is done, and where the message lies now.
///
/// # Errors
/// What the store says.
#[crate::act]
pub async fn end_task(house: &House, tenant: TenantId, task: &PlaceTask, place: HeldPlace) -> Result<(), Error> {
    let mut tx = house.store.write().await?;
    let mut rows = tx.tenant(platform_scope(tenant));
    rows.move_place(task.held, place).await?;
    if task.state == HeldState::Releasing {
        rows.mail_released(task.held, house.now()).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Notes that a message could not be brought back now, and why.
///
/// # Errors
/// What the store says.
#[crate::act]
pub async fn task_later(house: &House, tenant: TenantId, task: &PlaceTask, why: &str) -> Result<(), Error> {
    let mut tx = house.store.write().await?;
    let mut rows = tx.tenant(platform_scope(tenant));
    let doublings = u32::try_from(task.attempts).unwrap_or(u32::MAX).min(8);
    let again = house.now().plus(FIRST_WAIT.saturating_mul(1 << doublings).min(Duration::from_secs(3_600)));
    // Taking it counts the attempt; nobody else is after it, because a mailbox has one guard.
    rows.take_leaving(task.held, house.now(), again).await?;
    rows.release_later(task.held, again, &why.replace('\0', " ")).await?;
    tx.commit().await?;
    Ok(())
}

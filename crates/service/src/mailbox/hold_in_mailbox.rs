//! Holds a message that lies in an inbox, for good before anything is moved there.

use crate::error::Error;
use crate::house::House;
use crate::mail::{Arriving, Held, hold_within};
use crate::rights::platform_scope;
use baluardo_model::{MailboxId, TenantId};

/// A message in an inbox that is to be held.
#[derive(Clone, Copy, Debug)]
pub struct Lying<'a> {
    /// In which mailbox.
    pub mailbox: MailboxId,
    /// The message's own number; empty for none.
    pub message_id: &'a str,
    /// The message and what was judged.
    pub mail: Arriving<'a>,
}

/// Keeps the message and where it lies, in one transaction. When this returns, it may be moved. The same message again is the
/// same held one, whatever became of it: so a guard that died in between goes on where it was.
///
/// # Errors
/// What the store says; then nothing was kept.
#[crate::act]
pub async fn hold_in_mailbox(house: &House, tenant: TenantId, lying: &Lying<'_>) -> Result<Held, Error> {
    let mut tx = house.store.write().await?;
    let held = hold_within(house, &mut tx, tenant, &lying.mail).await?;
    tx.tenant(platform_scope(tenant)).put_place(held.id, lying.mailbox, lying.message_id).await?;
    tx.commit().await?;
    Ok(held)
}

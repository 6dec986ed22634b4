//! The mailboxes of a comune and how they stand.

use super::MailboxRow;
use crate::error::Error;
use crate::house::House;
use crate::rights::{Act, tenant_scope};
use baluardo_model::identity::Actor;
use baluardo_model::mailbox::HeldPlace;
use baluardo_model::{HeldMailId, MailboxId, TenantId};

/// The mailboxes of `tenant`, by address. Their secrets are sealed.
///
/// # Errors
/// As [`tenant_scope`].
#[crate::act]
pub async fn list_mailboxes(house: &House, actor: &Actor, tenant: TenantId) -> Result<Vec<MailboxRow>, Error> {
    let mut tx = house.store.read().await?;
    let scope = tenant_scope(&mut tx, actor, Act::ManageMailboxes, tenant).await?;
    Ok(tx.tenant(scope).mailboxes().await?)
}

/// One of them.
///
/// # Errors
/// [`Error::NotFound`]; as [`tenant_scope`].
#[crate::act]
pub async fn get_mailbox(house: &House, actor: &Actor, tenant: TenantId, id: MailboxId) -> Result<MailboxRow, Error> {
    let mut tx = house.store.read().await?;
    let scope = tenant_scope(&mut tx, actor, Act::ManageMailboxes, tenant).await?;
    tx.tenant(scope).mailbox(id).await?.ok_or(Error::NotFound)
}

/// Where a held message lies; none for those that came by a mail server of the comune's own.
///
/// # Errors
/// As [`tenant_scope`].
#[crate::act]
pub async fn held_place(
    house: &House,
    actor: &Actor,
    tenant: TenantId,
    id: HeldMailId,
) -> Result<Option<HeldPlace>, Error> {
    let mut tx = house.store.read().await?;
    let scope = tenant_scope(&mut tx, actor, Act::SeeHeldMail, tenant).await?;
    Ok(tx.tenant(scope).held_place(id).await?)
}

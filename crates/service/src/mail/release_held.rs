//! Lets a held message go to its recipients.

use super::senders::{address_in, count_seen};
use crate::audit::record;
use crate::error::Error;
use crate::fleet::actor_name;
use crate::house::House;
use crate::rights::{Act, tenant_scope};
use baluardo_model::identity::Actor;
use baluardo_model::mail::senders::SenderSeen;
use baluardo_model::{HeldMailId, TenantId};

/// Releases a message: from this moment it is on its way, and [`super::send_released()`] brings it to the mail server.
///
/// # Errors
/// [`Error::NotFound`] when the tenant holds no such message; [`Error::Conflict`] `mail.not_held` when somebody decided
/// before; as [`tenant_scope`].
#[crate::act]
pub async fn release_held(house: &House, actor: &Actor, tenant: TenantId, id: HeldMailId) -> Result<(), Error> {
    let mut tx = house.store.write().await?;
    let scope = tenant_scope(&mut tx, actor, Act::ChangeHeldMail, tenant).await?;
    let mut rows = tx.tenant(scope);
    rows.hold_decision(id).await?;
    let row = rows.held_mail(id).await?.ok_or(Error::NotFound)?;
    if !rows.release_held(id, &actor_name(actor), house.now()).await? {
        return Err(not_held());
    }
    // Whoever looked at it and let it go says more of its sender than a message that nobody looked at.
    if let Some(author) = address_in(&row.author) {
        count_seen(house, &mut tx, tenant, author, SenderSeen::Released, 1).await?;
    }
    record(house, &mut tx, scope, actor, "mail.released", format!("mail {id}"), &row.class).await?;
    tx.commit().await?;
    Ok(())
}

pub(super) fn not_held() -> Error {
    Error::conflict("mail.not_held", "somebody released or deleted this message before")
}

//! Forgets a mailbox and its secret. What lies in it stays as it is.

use super::change_mailbox::has_held;
use crate::audit::record;
use crate::error::Error;
use crate::house::House;
use crate::rights::{Act, tenant_scope};
use baluardo_model::identity::Actor;
use baluardo_model::{MailboxId, TenantId};

/// Removes a mailbox.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Conflict`] `mailbox.has_held` while messages of it wait for a decision; as [`tenant_scope`].
#[crate::act]
pub async fn remove_mailbox(house: &House, actor: &Actor, tenant: TenantId, id: MailboxId) -> Result<(), Error> {
    let mut tx = house.store.write().await?;
    let scope = tenant_scope(&mut tx, actor, Act::ManageMailboxes, tenant).await?;
    let mut rows = tx.tenant(scope);
    let row = rows.mailbox(id).await?.ok_or(Error::NotFound)?;
    if rows.undecided_in(id).await? > 0 {
        return Err(has_held());
    }
    rows.remove_mailbox(id).await?;
    rows.leave_places(id).await?;
    rows.leave_pec(id).await?;
    record(house, &mut tx, scope, actor, "mailbox.removed", format!("mailbox {id}"), &row.settings.address).await?;
    tx.commit().await?;
    Ok(())
}

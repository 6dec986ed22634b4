//! Writes a mailbox down, to be guarded from now on.

use super::settings::{NewMailbox, checked, secrets};
use crate::audit::record;
use crate::error::Error;
use crate::fleet::actor_name;
use crate::house::House;
use crate::rights::{Act, tenant_scope};
use baluardo_model::identity::Actor;
use baluardo_model::{MailboxId, TenantId};
use baluardo_store::StoreError;

/// The most mailboxes of one tenant.
const MOST_MAILBOXES: usize = 200;

/// Adds a mailbox. What lies in it stays as it is: only what comes from now on is judged.
///
/// # Errors
/// [`Error::Invalid`] for fields that cannot be, under codes that begin with `mailbox.`; [`Error::Conflict`] `mailbox.exists` and
/// `mailbox.many`; as [`tenant_scope`].
#[crate::act]
pub async fn add_mailbox(house: &House, actor: &Actor, tenant: TenantId, new: &NewMailbox) -> Result<MailboxId, Error> {
    let mut tx = house.store.write().await?;
    let scope = tenant_scope(&mut tx, actor, Act::ManageMailboxes, tenant).await?;
    let mut settings = checked(new)?;
    let secret = secrets(new, None)?;
    let id = MailboxId::new(house.now(), house.chance.as_ref());
    settings.sealed = secret.seal(house, tenant, id)?;
    if tx.tenant(scope).mailboxes().await?.len() >= MOST_MAILBOXES {
        let message = format!("at most {MOST_MAILBOXES} mailboxes: remove one first");
        return Err(Error::conflict("mailbox.many", message));
    }
    let added = tx.tenant(scope).add_mailbox(id, &settings, &actor_name(actor), house.now()).await;
    added.map_err(exists)?;
    let detail = format!("{} {} {}", settings.kind.code(), settings.address, settings.host);
    record(house, &mut tx, scope, actor, "mailbox.added", format!("mailbox {id}"), &detail).await?;
    tx.commit().await?;
    Ok(id)
}

pub(super) fn exists(error: StoreError) -> Error {
    match error {
        StoreError::Exists => Error::conflict("mailbox.exists", "this mailbox stands in the list already"),
        other => other.into(),
    }
}

//! Changes how a mailbox is reached, and whether it is guarded.

use super::add_mailbox::exists;
use super::secret::Secret;
use super::settings::{NewMailbox, checked, leads_elsewhere, secrets, without_secret};
use crate::audit::record;
use crate::error::Error;
use crate::house::House;
use crate::rights::{Act, tenant_scope};
use baluardo_model::identity::Actor;
use baluardo_model::{MailboxId, TenantId};

/// Changes a mailbox. Secrets that are left empty stay, unless the way leads elsewhere than before.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Conflict`] `mailbox.has_held` when it would become another mailbox while messages of it wait;
/// [`Error::Invalid`] as [`super::add_mailbox()`], and `mailbox.secret_again`; as [`tenant_scope`].
#[crate::act]
pub async fn change_mailbox(
    house: &House,
    actor: &Actor,
    tenant: TenantId,
    id: MailboxId,
    new: &NewMailbox,
) -> Result<(), Error> {
    let mut tx = house.store.write().await?;
    let scope = tenant_scope(&mut tx, actor, Act::ManageMailboxes, tenant).await?;
    let before = tx.tenant(scope).mailbox(id).await?.ok_or(Error::NotFound)?.settings;
    let mut settings = checked(new)?;
    if leads_elsewhere(&before, &settings) && without_secret(new) {
        let field = if new.auth.code() == "password" { "password" } else { "refresh_token" };
        let message = "the connection leads elsewhere now: write the secret again";
        return Err(Error::invalid(field, "mailbox.secret_again", message));
    }
    let is_another = before.host != settings.host || before.login != settings.login || before.kind != settings.kind;
    if is_another && tx.tenant(scope).undecided_in(id).await? > 0 {
        return Err(has_held());
    }
    let secret = secrets(new, Some(Secret::open(house, tenant, id, &before.sealed)?))?;
    settings.sealed = secret.seal(house, tenant, id)?;
    if !tx.tenant(scope).change_mailbox(id, &settings).await.map_err(exists)? {
        return Err(Error::NotFound);
    }
    if is_another {
        tx.tenant(scope).forget_mailbox_cursor(id).await?;
    }
    let typed = if without_secret(new) { "" } else { " secret" };
    let detail = format!("{} {} {}{typed}", settings.kind.code(), settings.address, settings.host);
    record(house, &mut tx, scope, actor, "mailbox.changed", format!("mailbox {id}"), &detail).await?;
    tx.commit().await?;
    Ok(())
}

pub(super) fn has_held() -> Error {
    Error::conflict("mailbox.has_held", "messages of this mailbox wait: release or delete them first")
}

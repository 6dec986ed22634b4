//! Throws a held message away.

use super::release_held::not_held;
use crate::audit::record;
use crate::error::Error;
use crate::fleet::actor_name;
use crate::house::House;
use crate::rights::{Act, tenant_scope};
use baluardo_model::identity::Actor;
use baluardo_model::{HeldMailId, TenantId};

/// Deletes the content of a message for good.
///
/// # Errors
/// As [`super::release_held()`].
#[crate::act]
pub async fn delete_held(house: &House, actor: &Actor, tenant: TenantId, id: HeldMailId) -> Result<(), Error> {
    let mut tx = house.store.write().await?;
    let scope = tenant_scope(&mut tx, actor, Act::ChangeHeldMail, tenant).await?;
    let mut rows = tx.tenant(scope);
    rows.hold_decision(id).await?;
    let row = rows.held_mail(id).await?.ok_or(Error::NotFound)?;
    if !rows.delete_held(id, &actor_name(actor), house.now()).await? {
        return Err(not_held());
    }
    record(house, &mut tx, scope, actor, "mail.deleted", format!("mail {id}"), &row.class).await?;
    tx.commit().await?;
    Ok(())
}

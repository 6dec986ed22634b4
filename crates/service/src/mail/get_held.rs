//! One held message: who, when, about what, and why it is held; not what it says.

use super::HeldRow;
use crate::audit::record;
use crate::error::Error;
use crate::house::House;
use crate::rights::{Act, tenant_scope};
use baluardo_model::identity::Actor;
use baluardo_model::{HeldMailId, TenantId};

/// One held message of `tenant`. That somebody looked stands in the log.
///
/// # Errors
/// [`Error::NotFound`] when the tenant holds no such message; as [`tenant_scope`].
#[crate::act]
pub async fn get_held(house: &House, actor: &Actor, tenant: TenantId, id: HeldMailId) -> Result<HeldRow, Error> {
    let mut tx = house.store.write().await?;
    let scope = tenant_scope(&mut tx, actor, Act::SeeHeldMail, tenant).await?;
    let row = tx.tenant(scope).held_mail(id).await?.ok_or(Error::NotFound)?;
    record(house, &mut tx, scope, actor, "mail.looked", format!("mail {id}"), "").await?;
    tx.commit().await?;
    Ok(row)
}

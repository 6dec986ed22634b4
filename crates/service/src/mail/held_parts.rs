//! To which of its recipients a held message goes or went by itself.

use super::HeldPart;
use crate::error::Error;
use crate::house::House;
use crate::rights::{Act, tenant_scope};
use baluardo_model::identity::Actor;
use baluardo_model::{HeldMailId, TenantId};

/// Those of one held message of `tenant`, in the order in which they asked; empty while nobody did. Looking at the message itself is what
/// the log tells of.
///
/// # Errors
/// As [`tenant_scope`].
#[crate::act]
pub async fn held_parts(
    house: &House,
    actor: &Actor,
    tenant: TenantId,
    id: HeldMailId,
) -> Result<Vec<HeldPart>, Error> {
    let mut tx = house.store.read().await?;
    let scope = tenant_scope(&mut tx, actor, Act::SeeHeldMail, tenant).await?;
    Ok(tx.tenant(scope).held_parts(id).await?)
}

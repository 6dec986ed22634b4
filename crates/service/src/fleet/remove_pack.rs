//! Removes a pack of rules and indicators.

use super::follow_packs::follow_packs;
use crate::audit::record;
use crate::error::Error;
use crate::house::House;
use crate::rights::{Act, tenant_scope};
use baluardo_model::TenantId;
use baluardo_model::identity::Actor;

/// Removes a pack, and where it is fetched from; the devices forget it.
///
/// # Errors
/// [`Error::NotFound`] when the tenant has no pack of this name; as [`tenant_scope`].
#[crate::act]
pub async fn remove_pack(house: &House, actor: &Actor, tenant: TenantId, name: &str) -> Result<(), Error> {
    let mut tx = house.store.write().await?;
    let scope = tenant_scope(&mut tx, actor, Act::ChangePolicy, tenant).await?;
    let source = tx.tenant(scope).remove_pack_source(name).await?;
    if !tx.tenant(scope).remove_pack(name).await? && !source {
        return Err(Error::NotFound);
    }
    tx.tenant(scope).forget_pack_pieces().await?;
    record(house, &mut tx, scope, actor, "pack.removed", format!("pack {name}"), "").await?;
    tx.commit().await?;
    follow_packs(house, actor, tenant).await
}

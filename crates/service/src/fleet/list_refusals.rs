//! What was refused at the agents' door.

use crate::error::Error;
use crate::house::House;
use crate::rights::{Act, tenant_scope};
use baluardo_model::TenantId;
use baluardo_model::identity::{Actor, TenantKind};
use baluardo_store::fleet::refusals::RefusalRow;

/// Refusals of `tenant` by code, those included that are not written down yet. A consortium's own list holds what
/// belongs to nobody known.
///
/// # Errors
/// As [`tenant_scope`].
#[crate::act]
pub async fn list_refusals(house: &House, actor: &Actor, tenant: TenantId) -> Result<Vec<RefusalRow>, Error> {
    let mut tx = house.store.read().await?;
    let scope = tenant_scope(&mut tx, actor, Act::SeeDevices, tenant).await?;
    let mut rows = tx.tenant(scope).refusals().await?;
    let home = tx.platform().first_consortium().await?;
    let is_home = home.is_some_and(|home| home.id == tenant && home.kind == TenantKind::Consortium);
    house.fleet.tally.add_to(&mut rows, tenant, is_home);
    Ok(rows)
}

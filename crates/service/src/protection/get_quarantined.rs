//! One quarantined file.

use crate::error::Error;
use crate::house::House;
use crate::protection::QuarantineRow;
use crate::rights::{Act, tenant_scope};
use baluardo_model::identity::Actor;
use baluardo_model::{QuarantineId, TenantId};

/// One quarantined file of `tenant`.
///
/// # Errors
/// [`Error::NotFound`] when the tenant has no such file; as [`tenant_scope`].
#[crate::act]
pub async fn get_quarantined(
    house: &House,
    actor: &Actor,
    tenant: TenantId,
    item: QuarantineId,
) -> Result<QuarantineRow, Error> {
    let mut tx = house.store.read().await?;
    let scope = tenant_scope(&mut tx, actor, Act::SeeQuarantine, tenant).await?;
    tx.tenant(scope).quarantined(item, house.now()).await?.ok_or(Error::NotFound)
}

//! Orders that the files which an attack changed be put back, where the agent did not do it by itself.

use crate::audit::record;
use crate::error::Error;
use crate::fleet::{OrderSigner, RESTORE_ORDER_LIFE};
use crate::house::House;
use crate::live::Topic;
use crate::rights::{Act, tenant_scope};
use baluardo_model::fleet::{DeviceState, OrderKind};
use baluardo_model::identity::Actor;
use baluardo_model::{FindingId, OrderId, TenantId};

/// Orders the files of a finding put back from the device's vault. The order waits a week for its device.
///
/// # Errors
/// [`Error::NotFound`] when the tenant has no such finding; [`Error::Conflict`] `finding.nothing_lost` when no file is
/// missing, `order.pending` while such an order waits, `device.revoked`; as [`tenant_scope`].
pub async fn order_restore(
    house: &House,
    actor: &Actor,
    tenant: TenantId,
    finding: FindingId,
) -> Result<OrderId, Error> {
    let mut tx = house.store.write().await?;
    let scope = tenant_scope(&mut tx, actor, Act::HandleFinding, tenant).await?;
    let (row, _) = tx.tenant(scope).finding(finding).await?.ok_or(Error::NotFound)?;
    if row.files_lost == 0 {
        return Err(Error::conflict("finding.nothing_lost", "every file of this finding is back already"));
    }
    let device = tx.tenant(scope).device(row.device).await?;
    if device.is_none_or(|device| device.state == DeviceState::Revoked) {
        return Err(Error::conflict("device.revoked", "the device of this finding was revoked: it takes no orders"));
    }
    let now = house.now();
    let orders = tx.tenant(scope).orders_about(&finding.to_string()).await?;
    if orders.iter().any(|order| order.ended_at.is_none() && order.expires_at > now) {
        return Err(Error::conflict("order.pending", "an order to put these files back waits already"));
    }
    let signer = OrderSigner::load(house, &mut tx).await?;
    let order = OrderKind::Restore { finding };
    let id = signer.give(&mut tx, scope, row.device, order, finding.to_string(), RESTORE_ORDER_LIFE).await?;
    let detail = format!("{} files on {}", row.files_lost, row.hostname);
    record(house, &mut tx, scope, actor, "restore.ordered", format!("finding {finding}"), &detail).await?;
    tx.commit().await?;
    house.fleet.order_given(row.device);
    house.live.tell(tenant, Topic::Finding, finding);
    Ok(id)
}

//! Orders that the files which an attack changed be put back, where the agent did not do it by itself.

use crate::audit::record;
use crate::error::Error;
use crate::fleet::{OrderRow, OrderSigner, RESTORE_ORDER_LIFE};
use crate::house::House;
use crate::live::Topic;
use crate::rights::{Act, tenant_scope};
use baluardo_model::fleet::{Device, DeviceState, OrderKind};
use baluardo_model::identity::Actor;
use baluardo_model::{FindingId, OrderId, TenantId, Timestamp};
use baluardo_store::protection::findings::FindingRow;
use serde::Serialize;

/// Whether the files of a finding can be ordered back now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Restorable {
    /// Yes: some are missing, and the device takes orders.
    Yes,
    /// No file is missing.
    NothingLost,
    /// The device was revoked: it takes no orders.
    Revoked,
    /// Such an order waits for the device already.
    Waiting,
}

/// Looks at the finding, its device and the orders about it.
pub(super) fn restorable(row: &FindingRow, device: Option<&Device>, orders: &[OrderRow], now: Timestamp) -> Restorable {
    let target = row.id.to_string();
    let waits = |order: &OrderRow| order.target == target && order.ended_at.is_none() && order.expires_at > now;
    if row.files_lost == 0 {
        Restorable::NothingLost
    } else if device.is_none_or(|device| device.state == DeviceState::Revoked) {
        Restorable::Revoked
    } else if orders.iter().any(waits) {
        Restorable::Waiting
    } else {
        Restorable::Yes
    }
}

/// Orders the files of a finding put back from the device's vault. The order waits a week for its device.
///
/// # Errors
/// [`Error::NotFound`] when the tenant has no such finding; [`Error::Conflict`] `finding.nothing_lost` when no file is
/// missing, `order.pending` while such an order waits, `device.revoked`; as [`tenant_scope`].
#[crate::act]
pub async fn order_restore(
    house: &House,
    actor: &Actor,
    tenant: TenantId,
    finding: FindingId,
) -> Result<OrderId, Error> {
    let mut tx = house.store.write().await?;
    let scope = tenant_scope(&mut tx, actor, Act::HandleFinding, tenant).await?;
    let (row, _) = tx.tenant(scope).finding(finding).await?.ok_or(Error::NotFound)?;
    let device = tx.tenant(scope).device(row.device).await?;
    let orders = tx.tenant(scope).orders_about(&finding.to_string()).await?;
    match restorable(&row, device.as_ref(), &orders, house.now()) {
        Restorable::Yes => {}
        Restorable::NothingLost => {
            return Err(Error::conflict("finding.nothing_lost", "every file of this finding is back already"));
        }
        Restorable::Revoked => {
            return Err(Error::conflict(
                "device.revoked",
                "the device of this finding was revoked: it takes no orders",
            ));
        }
        Restorable::Waiting => {
            return Err(Error::conflict("order.pending", "an order to put these files back waits already"));
        }
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

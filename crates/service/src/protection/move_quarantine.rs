//! Orders that a quarantined file leave quarantine: back to its place, or destroyed.
//!
//! The server only orders; where the file stands changes when its agent says so.

use crate::audit::record;
use crate::error::Error;
use crate::fleet::{OrderSigner, QUARANTINE_ORDER_LIFE};
use crate::house::House;
use crate::live::Topic;
use crate::rights::{Act, tenant_scope};
use baluardo_model::fleet::{DeviceState, OrderKind};
use baluardo_model::identity::Actor;
use baluardo_model::protection::QuarantineState;
use baluardo_model::{OrderId, QuarantineId, TenantId};
use baluardo_store::protection::quarantine::QuarantineRow;
use baluardo_store::{TenantScope, Tx};

/// Orders a quarantined file back to where it was. The order waits a week for its device.
///
/// # Errors
/// [`Error::NotFound`] when the tenant has no such file; [`Error::Conflict`] `quarantine.gone` when it has left
/// quarantine, `order.pending` while an order about it waits, `device.revoked` when its device takes no orders; as
/// [`tenant_scope`].
#[crate::act]
pub async fn release_quarantine(
    house: &House,
    actor: &Actor,
    tenant: TenantId,
    item: QuarantineId,
) -> Result<OrderId, Error> {
    order(house, actor, tenant, item, OrderKind::ReleaseQuarantine { item }, "quarantine.release_ordered").await
}

/// Orders a quarantined file destroyed, for good.
///
/// # Errors
/// As [`release_quarantine`].
#[crate::act]
pub async fn delete_quarantine(
    house: &House,
    actor: &Actor,
    tenant: TenantId,
    item: QuarantineId,
) -> Result<OrderId, Error> {
    order(house, actor, tenant, item, OrderKind::DeleteQuarantine { item }, "quarantine.delete_ordered").await
}

async fn order(
    house: &House,
    actor: &Actor,
    tenant: TenantId,
    item: QuarantineId,
    order: OrderKind,
    act: &'static str,
) -> Result<OrderId, Error> {
    let mut tx = house.store.write().await?;
    let scope = tenant_scope(&mut tx, actor, Act::ChangeQuarantine, tenant).await?;
    let held = held(house, &mut tx, scope, item).await?;
    let signer = OrderSigner::load(house, &mut tx).await?;
    let id = signer.give(&mut tx, scope, held.device, order, item.to_string(), QUARANTINE_ORDER_LIFE).await?;
    tx.tenant(scope).quarantine_ordered(item, id).await?;
    let detail = format!("{} on {}", held.path, held.hostname);
    record(house, &mut tx, scope, actor, act, format!("quarantine {item}"), &detail).await?;
    tx.commit().await?;
    house.fleet.order_given(held.device);
    house.live.tell(tenant, Topic::Quarantine, item);
    Ok(id)
}

/// The file, if it can be ordered about now.
async fn held(house: &House, tx: &mut Tx, scope: TenantScope, item: QuarantineId) -> Result<QuarantineRow, Error> {
    let row = tx.tenant(scope).quarantined(item, house.now()).await?.ok_or(Error::NotFound)?;
    if row.state != QuarantineState::Held {
        return Err(Error::conflict("quarantine.gone", "this file has left quarantine already"));
    }
    if row.pending.is_some() {
        return Err(Error::conflict("order.pending", "an order about this file waits for its device already"));
    }
    let device = tx.tenant(scope).device(row.device).await?;
    if device.is_none_or(|device| device.state == DeviceState::Revoked) {
        return Err(Error::conflict(
            "device.revoked",
            "the device that holds this file was revoked: it takes no orders",
        ));
    }
    Ok(row)
}

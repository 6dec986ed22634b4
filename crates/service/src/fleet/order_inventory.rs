//! Orders a device to tell what it is made of and what runs on it.

use super::give_order::OrderSigner;
use crate::audit::record;
use crate::error::Error;
use crate::house::House;
use crate::live::Topic;
use crate::rights::{Act, tenant_scope};
use baluardo_model::fleet::{DeviceState, OrderKind};
use baluardo_model::identity::Actor;
use baluardo_model::{DeviceId, OrderId, TenantId};
use std::time::Duration;

/// How long such an order waits: a device tells by itself every day that it is on.
const INVENTORY_ORDER_LIFE: Duration = Duration::from_secs(7 * 86_400);

/// Orders a fresh inventory.
///
/// # Errors
/// [`Error::NotFound`] when the tenant has no such device; [`Error::Conflict`] `device.revoked`, or `order.pending` while
/// such an order waits; as [`tenant_scope`].
#[crate::act]
pub async fn order_inventory(
    house: &House,
    actor: &Actor,
    tenant: TenantId,
    device: DeviceId,
) -> Result<OrderId, Error> {
    let mut tx = house.store.write().await?;
    let scope = tenant_scope(&mut tx, actor, Act::CommandDevice, tenant).await?;
    let found = tx.tenant(scope).device(device).await?.ok_or(Error::NotFound)?;
    if found.state == DeviceState::Revoked {
        return Err(Error::conflict("device.revoked", "this device was revoked: it takes no orders"));
    }
    let order = OrderKind::TakeInventory {};
    if tx.tenant(scope).order_waits(device, order.code(), house.now()).await? {
        return Err(Error::conflict("order.pending", "such an order waits for this device already"));
    }
    let signer = OrderSigner::load(house, &mut tx).await?;
    let id = signer.give(&mut tx, scope, device, order, String::new(), INVENTORY_ORDER_LIFE).await?;
    record(house, &mut tx, scope, actor, "inventory.ordered", format!("device {device}"), &found.hostname).await?;
    tx.commit().await?;
    house.fleet.order_given(device);
    house.live.tell(tenant, Topic::Device, device);
    Ok(id)
}

//! Cuts a device off from the network, or gives it back.

use super::give_order::OrderSigner;
use crate::audit::record;
use crate::error::Error;
use crate::house::House;
use crate::live::Topic;
use crate::rights::{Act, tenant_scope};
use baluardo_model::fleet::{DeviceState, MAX_ISOLATION_HOURS, OrderKind};
use baluardo_model::identity::Actor;
use baluardo_model::{DeviceId, OrderId, TenantId};
use std::time::Duration;

/// How long an order to give a device its network back waits: as long as the longest isolation.
const REJOIN_ORDER_LIFE: Duration = Duration::from_secs(MAX_ISOLATION_HOURS * 3_600);

/// Orders that a device cut itself off from the network for `hours` from now, all but the way to this server. A device
/// that is away is isolated when it calls, for the hours that are left then.
///
/// # Errors
/// [`Error::Invalid`] `isolation.hours` for less than one hour or more than [`MAX_ISOLATION_HOURS`]; [`Error::NotFound`]
/// when the tenant has no such device; [`Error::Conflict`] `device.revoked`, or `order.pending` while such an order waits;
/// as [`tenant_scope`].
#[crate::act]
pub async fn isolate_device(
    house: &House,
    actor: &Actor,
    tenant: TenantId,
    device: DeviceId,
    hours: u64,
) -> Result<OrderId, Error> {
    let life = Duration::from_secs(hours.min(MAX_ISOLATION_HOURS) * 3_600);
    let order = if (1..=MAX_ISOLATION_HOURS).contains(&hours) {
        Ok(OrderKind::Isolate { until: house.now().plus(life) })
    } else {
        let message = format!("give a number of hours from 1 to {MAX_ISOLATION_HOURS}");
        Err(Error::invalid("hours", "isolation.hours", message))
    };
    give(house, actor, tenant, device, order, life, &format!("{hours} hours")).await
}

/// Orders that a device which is cut off take its network back. One that is not does nothing.
///
/// # Errors
/// As [`isolate_device`], but for the hours.
#[crate::act]
pub async fn rejoin_device(house: &House, actor: &Actor, tenant: TenantId, device: DeviceId) -> Result<OrderId, Error> {
    give(house, actor, tenant, device, Ok(OrderKind::Rejoin {}), REJOIN_ORDER_LIFE, "").await
}

/// What is wrong with the order is said only to who may give it.
async fn give(
    house: &House,
    actor: &Actor,
    tenant: TenantId,
    device: DeviceId,
    order: Result<OrderKind, Error>,
    life: Duration,
    detail: &str,
) -> Result<OrderId, Error> {
    let mut tx = house.store.write().await?;
    let scope = tenant_scope(&mut tx, actor, Act::CommandDevice, tenant).await?;
    let found = tx.tenant(scope).device(device).await?.ok_or(Error::NotFound)?;
    let order = order?;
    if found.state == DeviceState::Revoked {
        return Err(Error::conflict("device.revoked", "this device was revoked: it takes no orders"));
    }
    if tx.tenant(scope).order_waits(device, order.code(), house.now()).await? {
        return Err(Error::conflict("order.pending", "such an order waits for this device already"));
    }
    let act = if order.code() == "isolate" { "isolation.ordered" } else { "rejoining.ordered" };
    let signer = OrderSigner::load(house, &mut tx).await?;
    let id = signer.give(&mut tx, scope, device, order, String::new(), life).await?;
    let told = format!("{} {detail}", found.hostname);
    record(house, &mut tx, scope, actor, act, format!("device {device}"), told.trim_end()).await?;
    tx.commit().await?;
    house.fleet.order_given(device);
    house.live.tell(tenant, Topic::Device, device);
    Ok(id)
}

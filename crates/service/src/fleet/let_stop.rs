//! Lets somebody stop and remove the agent of a device: by the code that it made, each look at which is a line of the log, or by order.

use super::exchange::stop_purpose;
use super::give_order::OrderSigner;
use crate::audit::record;
use crate::error::Error;
use crate::house::House;
use crate::live::Topic;
use crate::rights::{Act, tenant_scope};
use baluardo_model::fleet::{Device, DeviceState, OrderKind};
use baluardo_model::identity::Actor;
use baluardo_model::{DeviceId, OrderId, TenantId};
use baluardo_store::{TenantScope, Tx};
use std::time::Duration;

/// For how long an order lets the agent be stopped, and waits for it.
const OPEN: Duration = Duration::from_secs(3_600);

/// The code that lets somebody stop the agent of a device once; none until the device told one.
///
/// # Errors
/// [`Error::NotFound`] when the tenant has no such device; as [`tenant_scope`].
#[crate::act]
pub async fn see_stop_code(
    house: &House,
    actor: &Actor,
    tenant: TenantId,
    device: DeviceId,
) -> Result<Option<String>, Error> {
    let mut tx = house.store.write().await?;
    let (scope, found) = asked(&mut tx, actor, tenant, device).await?;
    let sealed = tx.tenant(scope).stop_code(device).await?;
    if sealed.is_empty() {
        return Ok(None);
    }
    let code = house.seal.open(&stop_purpose(device), &sealed)?;
    record(house, &mut tx, scope, actor, "stop_code.seen", format!("device {device}"), &found.hostname).await?;
    tx.commit().await?;
    Ok(Some(String::from_utf8_lossy(&code).into_owned()))
}

/// Orders that the agent of a device may be stopped and removed within the next hour.
///
/// # Errors
/// [`Error::NotFound`] when the tenant has no such device; [`Error::Conflict`] `device.revoked`, or `order.pending` while such an
/// order waits; as [`tenant_scope`].
#[crate::act]
pub async fn allow_stop(house: &House, actor: &Actor, tenant: TenantId, device: DeviceId) -> Result<OrderId, Error> {
    let mut tx = house.store.write().await?;
    let (scope, found) = asked(&mut tx, actor, tenant, device).await?;
    if found.state == DeviceState::Revoked {
        return Err(Error::conflict("device.revoked", "this device was revoked: it takes no orders"));
    }
    if tx.tenant(scope).order_waits(device, "allow_stop", house.now()).await? {
        return Err(Error::conflict("order.pending", "such an order waits for this device already"));
    }
    let order = OrderKind::AllowStop { until: house.now().plus(OPEN) };
    let signer = OrderSigner::load(house, &mut tx).await?;
    let id = signer.give(&mut tx, scope, device, order, String::new(), OPEN).await?;
    record(house, &mut tx, scope, actor, "stop.allowed", format!("device {device}"), &found.hostname).await?;
    tx.commit().await?;
    house.fleet.order_given(device);
    house.live.tell(tenant, Topic::Device, device);
    Ok(id)
}

async fn asked(tx: &mut Tx, actor: &Actor, tenant: TenantId, device: DeviceId) -> Result<(TenantScope, Device), Error> {
    let scope = tenant_scope(tx, actor, Act::LetStop, tenant).await?;
    let found = tx.tenant(scope).device(device).await?.ok_or(Error::NotFound)?;
    Ok((scope, found))
}

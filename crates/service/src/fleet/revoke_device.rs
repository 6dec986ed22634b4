//! Stops trusting a device.

use crate::audit::record;
use crate::error::Error;
use crate::house::House;
use crate::live::Topic;
use crate::rights::{Act, tenant_scope};
use baluardo_model::identity::Actor;
use baluardo_model::{DeviceId, TenantId};

/// From now on the device's certificate is refused with `device.revoked`; its waiting orders are taken back and its
/// open line ends. It cannot be undone: the computer enrols again with a new token.
///
/// # Errors
/// [`Error::NotFound`] when the tenant has no such device; [`Error::Conflict`] `device.revoked` when it was revoked
/// before; as [`tenant_scope`].
#[crate::act]
pub async fn revoke_device(house: &House, actor: &Actor, tenant: TenantId, device: DeviceId) -> Result<(), Error> {
    let mut tx = house.store.write().await?;
    let scope = tenant_scope(&mut tx, actor, Act::CommandDevice, tenant).await?;
    let found = tx.tenant(scope).device(device).await?.ok_or(Error::NotFound)?;
    if !tx.tenant(scope).revoke_device(device).await? {
        return Err(Error::conflict("device.revoked", "this device was revoked before"));
    }
    tx.tenant(scope).close_orders(device, "the device was revoked", house.now()).await?;
    record(house, &mut tx, scope, actor, "device.revoked", format!("device {device}"), &found.hostname).await?;
    tx.commit().await?;
    house.fleet.memory.revoked(&found, house.now());
    house.fleet.wakes.revoke(device);
    house.live.tell(tenant, Topic::Device, device);
    Ok(())
}

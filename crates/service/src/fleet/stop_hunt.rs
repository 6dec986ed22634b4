//! Ends a hunt before its time.

use super::give_order::OrderSigner;
use crate::audit::record;
use crate::error::Error;
use crate::house::House;
use crate::live::Topic;
use crate::rights::{Act, tenant_scope};
use baluardo_model::fleet::OrderKind;
use baluardo_model::identity::Actor;
use baluardo_model::{HuntId, TenantId};

/// Stops a hunt: devices that have not taken it up never will, the others are ordered to stop.
///
/// # Errors
/// [`Error::NotFound`] when the tenant has no such hunt; [`Error::Conflict`] `hunt.stopped` when it was stopped before; as
/// [`tenant_scope`].
#[crate::act]
pub async fn stop_hunt(house: &House, actor: &Actor, tenant: TenantId, id: HuntId) -> Result<(), Error> {
    let mut tx = house.store.write().await?;
    let scope = tenant_scope(&mut tx, actor, Act::Hunt, tenant).await?;
    let found = tx.tenant(scope).hunt(id).await?.ok_or(Error::NotFound)?;
    let now = house.now();
    if !tx.tenant(scope).stop_hunt(id, "the hunt was stopped", now).await? {
        return Err(Error::conflict("hunt.stopped", "this hunt was stopped already"));
    }
    let signer = OrderSigner::load(house, &mut tx).await?;
    let life = found.until.since(now);
    let mut told = Vec::new();
    for device in tx.tenant(scope).hunt_devices(id).await? {
        if !device.state.is_over() && !life.is_zero() {
            let order = OrderKind::StopHunt { hunt: id };
            signer.give(&mut tx, scope, device.device, order, id.to_string(), life).await?;
            told.push(device.device);
        }
    }
    record(house, &mut tx, scope, actor, "hunt.stopped", format!("hunt {id}"), &found.quarry.words()).await?;
    tx.commit().await?;
    for device in told {
        house.fleet.order_given(device);
        house.live.tell(tenant, Topic::Device, device);
    }
    Ok(())
}

//! A device that follows another policy than its tenant's newest, and was not told of it, gets an order: it was away too
//! long, its tenant's policy changed while it enrolled, or this server was put back to an older state and knows less than
//! the device does. What people see in the console is what devices follow.

use crate::error::Error;
use crate::fleet::change_policy::give_policy;
use crate::fleet::give_order::OrderSigner;
use crate::house::House;
use baluardo_model::DeviceId;
use baluardo_store::{TenantScope, Tx};

/// What a device says that has no policy that anybody signed: it lost the one that it had.
const LOST: u64 = 0;

/// Gives the order where it is missing; true when it did. An order of this version that ended badly is not repeated
/// within its time; one that ended well is where the device lost the policy since.
pub(super) async fn policy_order(
    house: &House,
    scope: TenantScope,
    device: DeviceId,
    follows: u64,
) -> Result<bool, Error> {
    let newest = match house.fleet.memory.policy(scope.tenant()) {
        Some(version) => version,
        None => {
            let kept = house.store.read().await?.tenant(scope).newest_policy().await?;
            let version = kept.map_or(0, |policy| policy.version);
            house.fleet.memory.set_policy(scope.tenant(), version);
            version
        }
    };
    if follows == newest {
        return Ok(false);
    }
    let target = newest.to_string();
    if given(&mut house.store.read().await?, house, scope, device, (follows, &target)).await? {
        return Ok(false);
    }
    let mut tx = house.store.write().await?;
    let Some(policy) = tx.tenant(scope).newest_policy().await? else { return Ok(false) };
    house.fleet.memory.set_policy(scope.tenant(), policy.version);
    if follows == policy.version {
        return Ok(false);
    }
    if given(&mut tx, house, scope, device, (follows, &policy.version.to_string())).await? {
        return Ok(false);
    }
    let signer = OrderSigner::load(house, &mut tx).await?;
    give_policy(&signer, house, &mut tx, scope, device, &policy).await?;
    tx.commit().await?;
    // It is on the line just now and need not be woken.
    house.fleet.memory.order_given(device);
    Ok(true)
}

async fn given(
    tx: &mut Tx,
    house: &House,
    scope: TenantScope,
    device: DeviceId,
    (follows, target): (u64, &str),
) -> Result<bool, Error> {
    let mut rows = tx.tenant(scope);
    Ok(match follows {
        LOST => rows.order_undone(device, "apply_policy", target, house.now()).await?,
        _ => rows.order_given(device, "apply_policy", target, house.now()).await?,
    })
}

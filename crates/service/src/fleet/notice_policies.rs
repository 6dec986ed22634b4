//! Notices that another process, such as the command line on the server, gave devices another policy: those that wait here are woken, so
//! that they follow it at once and not when they next speak.

use crate::error::Error;
use crate::house::House;
use crate::live::Topic;
use crate::rights::platform_scope;
use baluardo_model::fleet::DeviceState;

/// Compares the newest policies with those that this server knows; gives how many devices were woken. A job of the server.
///
/// # Errors
/// What the store says.
#[crate::act]
pub async fn notice_policies(house: &House) -> Result<usize, Error> {
    let newest = house.store.read().await?.platform().newest_policies().await?;
    let mut woken = 0;
    for (tenant, version) in newest {
        let known = house.fleet.memory.policy(tenant);
        if known.is_some_and(|known| known >= version) {
            continue;
        }
        house.fleet.memory.set_policy(tenant, version);
        // Nobody of this tenant spoke yet: whoever does is told.
        if known.is_none() {
            continue;
        }
        let devices = house.store.read().await?.tenant(platform_scope(tenant)).devices("").await?;
        for device in devices.iter().filter(|device| device.state == DeviceState::Active) {
            house.fleet.order_given(device.id);
            woken += 1;
        }
        house.live.tell(tenant, Topic::Device, "policy");
    }
    Ok(woken)
}

//! One hunt: how it stands on each device, and what was found.

use crate::error::Error;
use crate::house::House;
use crate::rights::{Act, tenant_scope};
use baluardo_model::hunt::HuntState;
use baluardo_model::identity::Actor;
use baluardo_model::{HuntId, TenantId, Timestamp};
use baluardo_store::fleet::hunts::{HuntDeviceRow, HuntHitRow, HuntRow};

/// The most hits of one answer.
const MAX_HITS: u32 = 10_000;

/// A hunt with all that is known of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HuntDetail {
    /// The hunt.
    pub hunt: HuntRow,
    /// Its devices, by name, each as it stands now.
    pub devices: Vec<HuntDeviceRow>,
    /// What was found, by device.
    pub hits: Vec<HuntHitRow>,
}

/// One hunt of `tenant`.
///
/// # Errors
/// [`Error::NotFound`] when the tenant has no such hunt; as [`tenant_scope`].
#[crate::act]
pub async fn get_hunt(house: &House, actor: &Actor, tenant: TenantId, id: HuntId) -> Result<HuntDetail, Error> {
    let mut tx = house.store.read().await?;
    let scope = tenant_scope(&mut tx, actor, Act::SeeHunts, tenant).await?;
    let mut rows = tx.tenant(scope);
    let hunt = rows.hunt(id).await?.ok_or(Error::NotFound)?;
    let mut devices = rows.hunt_devices(id).await?;
    for device in &mut devices {
        device.state = stands(&hunt, device.state, house.now());
    }
    let hits = rows.hunt_hits(id, MAX_HITS).await?;
    Ok(HuntDetail { hunt, devices, hits })
}

/// How a hunt stands on a device that last told `state`: one that was stopped or whose time is over is taken up no more.
pub(super) fn stands(hunt: &HuntRow, state: HuntState, now: Timestamp) -> HuntState {
    match state {
        HuntState::Waiting if hunt.stopped_at.is_some() => HuntState::Stopped,
        HuntState::Waiting | HuntState::Running if now >= hunt.until => HuntState::Expired,
        told => told,
    }
}

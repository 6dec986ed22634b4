//! The hunts of a tenant, with how far each came.

use super::get_hunt::stands;
use crate::error::Error;
use crate::house::House;
use crate::rights::{Act, tenant_scope};
use baluardo_model::TenantId;
use baluardo_model::identity::Actor;
use baluardo_store::fleet::hunts::HuntRow;
use std::collections::HashMap;

/// The most hunts of one answer.
const MAX_HUNTS: u32 = 500;

/// A hunt in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HuntOverview {
    /// The hunt.
    pub hunt: HuntRow,
    /// On how many devices.
    pub devices: u64,
    /// On how many of them nothing more comes.
    pub over: u64,
    /// How much was found.
    pub hits: u64,
}

/// The newest hunts of `tenant`, newest first.
///
/// # Errors
/// As [`tenant_scope`].
#[crate::act]
pub async fn list_hunts(house: &House, actor: &Actor, tenant: TenantId) -> Result<Vec<HuntOverview>, Error> {
    let mut tx = house.store.read().await?;
    let scope = tenant_scope(&mut tx, actor, Act::SeeHunts, tenant).await?;
    let mut rows = tx.tenant(scope);
    let (hunts, states) = (rows.hunts(MAX_HUNTS).await?, rows.hunt_states().await?);
    let hits: HashMap<_, _> = rows.hunt_hit_counts().await?.into_iter().collect();
    let now = house.now();
    let overview = |hunt: HuntRow| {
        let own = || states.iter().filter(|(id, _, _)| *id == hunt.id);
        let devices = own().map(|(_, _, count)| count).sum();
        let over = own().filter(|(_, state, _)| stands(&hunt, *state, now).is_over()).map(|(_, _, count)| count).sum();
        let hits = hits.get(&hunt.id).copied().unwrap_or(0);
        HuntOverview { hunt, devices, over, hits }
    };
    Ok(hunts.into_iter().map(overview).collect())
}

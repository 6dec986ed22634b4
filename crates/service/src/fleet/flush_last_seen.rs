//! Writes down what the fleet keeps in memory: who spoke when, and what was refused.

use super::tally;
use crate::error::Error;
use crate::house::House;
use crate::rights::{Act, tenant_scope};
use baluardo_model::identity::Actor;
use baluardo_model::{DeviceId, TenantId};
use baluardo_store::{TenantScope, Tx};
use std::collections::HashMap;

/// Writes the last words of devices and the counts of refusals, in two transactions. The server calls it every 15
/// seconds or so and once more when it stops; what a crash takes with it is at most that long.
///
/// # Errors
/// What the database says; what was not written is kept for the next call.
#[crate::act]
pub async fn flush_last_seen(house: &House) -> Result<(), Error> {
    let taken = house.fleet.memory.take_dirty();
    if !taken.is_empty() {
        let written = write(house, &taken).await;
        if written.is_err() {
            house.fleet.memory.put_back(&taken);
        }
        written?;
    }
    tally::flush(house).await
}

async fn write(house: &House, taken: &[(DeviceId, super::memory::Known)]) -> Result<(), Error> {
    let mut tx = house.store.write().await?;
    let mut scopes = HashMap::new();
    for (device, known) in taken {
        let scope = scope_of(&mut tx, &mut scopes, known.tenant).await?;
        tx.tenant(scope).device_seen(*device, known.last_seen).await?;
    }
    Ok(tx.commit().await?)
}

async fn scope_of(
    tx: &mut Tx,
    scopes: &mut HashMap<TenantId, TenantScope>,
    tenant: TenantId,
) -> Result<TenantScope, Error> {
    if let Some(scope) = scopes.get(&tenant) {
        return Ok(*scope);
    }
    let scope = tenant_scope(tx, &Actor::Platform, Act::Exchange, tenant).await?;
    scopes.insert(tenant, scope);
    Ok(scope)
}

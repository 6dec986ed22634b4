//! The domains that the server looks at by itself.

use super::keep::{keep, subject};
use super::own_domain;
use crate::error::Error;
use crate::house::House;
use crate::rights::platform_scope;
use baluardo_model::TenantId;
use std::sync::Arc;

/// Domains that are looked at before the job takes breath.
const MOST_AT_ONCE: u32 = 20;

/// The approved domains that are to be looked at by now, those that wait longest first.
///
/// # Errors
/// What the store says.
#[crate::act]
pub async fn due_domains(house: &House) -> Result<Vec<(TenantId, String)>, Error> {
    let mut tx = house.store.read().await?;
    Ok(tx.platform().due_domains(house.now(), MOST_AT_ONCE).await?)
}

/// Looks at one of them. A job of the server; nothing happens in a program that does not ask the DNS.
///
/// # Errors
/// What the store says.
#[crate::act]
pub async fn look_at_due(house: &House, tenant: TenantId, domain: &str) -> Result<(), Error> {
    let Some(door) = house.names_door.get().map(Arc::clone) else { return Ok(()) };
    let mut tx = house.store.read().await?;
    let scope = platform_scope(tenant);
    let domain = match own_domain(&mut tx, scope, domain).await {
        Ok(domain) => domain,
        Err(Error::NotFound) => return Ok(()),
        Err(error) => return Err(error),
    };
    let subject = subject(house, &mut tx, scope, &domain).await?;
    drop(tx);
    let health = door.look(&subject).await;
    keep(house, tenant, &health).await
}

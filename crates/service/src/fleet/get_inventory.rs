//! What one device is made of, what runs on it, and which known vulnerabilities it has.

use super::list_vulnerabilities::{KnownVulnerabilities, found_in};
use crate::error::Error;
use crate::house::House;
use crate::rights::{Act, tenant_scope};
use baluardo_model::fleet::Device;
use baluardo_model::identity::Actor;
use baluardo_model::{DeviceId, TenantId};
use baluardo_store::fleet::inventory::InventoryRow;

/// A device as it told itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceInventory {
    /// The device.
    pub device: Device,
    /// What it told, its packages included; none before it told anything.
    pub told: Option<InventoryRow>,
    /// Known vulnerabilities of its packages.
    pub known: KnownVulnerabilities,
}

/// What `device` told of itself.
///
/// # Errors
/// [`Error::NotFound`] when the tenant has no such device; as [`tenant_scope`].
#[crate::act]
pub async fn get_inventory(
    house: &House,
    actor: &Actor,
    tenant: TenantId,
    device: DeviceId,
) -> Result<DeviceInventory, Error> {
    let mut tx = house.store.read().await?;
    let scope = tenant_scope(&mut tx, actor, Act::SeeDevices, tenant).await?;
    let mut rows = tx.tenant(scope);
    let found = rows.device(device).await?.ok_or(Error::NotFound)?;
    let mut told = rows.inventory(device).await?;
    if let Some(told) = &mut told {
        told.inventory.packages = rows.packages_of_device(device).await?;
    }
    let (sources, advisories) = (rows.sources_of_device(device).await?, rows.advisories_of_device(device).await?);
    let feeds = tx.platform().feeds().await?;
    let found_here = found_in(&sources, &advisories, 1);
    Ok(DeviceInventory { device: found, told, known: KnownVulnerabilities { found: found_here, feeds } })
}

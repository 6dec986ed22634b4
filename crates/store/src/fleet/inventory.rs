//! What devices told of themselves, and their packages across a tenant.

use crate::error::StoreError;
use crate::like::holding;
use crate::scope::TenantTx;
use crate::tx::{Row, args, to_json};
use baluardo_model::inventory::Inventory;
use baluardo_model::package::Package;
use baluardo_model::{DeviceId, Timestamp};

crate::statements! {
    PUT = "INSERT INTO device_inventory (tenant, device, taken_at, received_at, release, document)
        VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (tenant, device) DO UPDATE SET taken_at = excluded.taken_at, received_at = excluded.received_at,
        release = excluded.release, document = excluded.document";
    GET = "SELECT taken_at, received_at, release, document FROM device_inventory WHERE tenant = $1 AND device = $2";
    PACKAGES = "SELECT name, arch, version, source, source_version FROM device_package
        WHERE tenant = $1 AND device = $2 ORDER BY name, arch, version";
    ADD_PACKAGE = "INSERT INTO device_package (tenant, device, name, arch, version, source, source_version)
        VALUES ($1, $2, $3, $4, $5, $6, $7)";
    DROP_PACKAGE = "DELETE FROM device_package WHERE tenant = $1 AND device = $2 AND name = $3 AND arch = $4
        AND version = $5";
    PROGRAMS = "SELECT p.name, p.version, COUNT(DISTINCT p.device) FROM device_package p
        JOIN device d ON d.tenant = p.tenant AND d.device = p.device AND d.state = 'active'
        WHERE p.tenant = $1 AND ($2 = '' OR LOWER(p.name) LIKE $2 ESCAPE '!') GROUP BY p.name, p.version
        ORDER BY p.name, p.version LIMIT $3";
    HOLDERS = "SELECT DISTINCT d.device, d.hostname FROM device_package p
        JOIN device d ON d.tenant = p.tenant AND d.device = p.device AND d.state = 'active'
        WHERE p.tenant = $1 AND p.name = $2 AND p.version = $3 ORDER BY d.hostname, d.device LIMIT $4";
    SOURCES = "SELECT i.release, p.source, p.source_version, COUNT(DISTINCT p.device) FROM device_package p
        JOIN device_inventory i ON i.tenant = p.tenant AND i.device = p.device
        JOIN device d ON d.tenant = p.tenant AND d.device = p.device AND d.state = 'active'
        WHERE p.tenant = $1 GROUP BY i.release, p.source, p.source_version";
    SOURCES_OF = "SELECT i.release, p.source, p.source_version, COUNT(*) FROM device_package p
        JOIN device_inventory i ON i.tenant = p.tenant AND i.device = p.device
        WHERE p.tenant = $1 AND p.device = $2 GROUP BY i.release, p.source, p.source_version";
    WITH_SOURCE = "SELECT DISTINCT d.device, d.hostname, i.release, p.source_version FROM device_package p
        JOIN device_inventory i ON i.tenant = p.tenant AND i.device = p.device
        JOIN device d ON d.tenant = p.tenant AND d.device = p.device AND d.state = 'active'
        WHERE p.tenant = $1 AND p.source = $2 ORDER BY d.hostname, d.device LIMIT $3";
}

/// What a device told, with when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InventoryRow {
    /// When it was gathered, by the device's own clock.
    pub taken_at: Timestamp,
    /// When the server got it.
    pub received_at: Timestamp,
    /// Its distribution and release, such as `debian:12`; empty where that is not known.
    pub release: String,
    /// All of it.
    pub inventory: Inventory,
}

/// A source package in one version, on some devices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceRow {
    /// Distribution and release of the devices.
    pub release: String,
    /// The source package.
    pub source: String,
    /// Its version.
    pub version: String,
    /// On how many devices; for one device how many packages are built from it.
    pub count: u64,
}

/// A program in one version, and on how many devices it is.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct ProgramRow {
    /// The package.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Devices that have it.
    pub devices: u64,
}

fn package(row: &Row) -> Result<Package, StoreError> {
    Ok(Package {
        name: row.text(0)?,
        arch: row.text(1)?,
        version: row.text(2)?,
        source: row.text(3)?,
        source_version: row.text(4)?,
    })
}

fn source(row: &Row) -> Result<SourceRow, StoreError> {
    Ok(SourceRow { release: row.text(0)?, source: row.text(1)?, version: row.text(2)?, count: row.count(3)? })
}

impl TenantTx<'_> {
    /// Keeps what a device told of itself in place of what it told before. Packages are kept by
    /// [`TenantTx::change_packages`].
    ///
    /// # Errors
    /// What the database says.
    pub async fn keep_inventory(&mut self, device: DeviceId, row: &InventoryRow) -> Result<(), StoreError> {
        let document = to_json(&row.inventory);
        let values = args![self.tenant, device, row.taken_at, row.received_at, row.release.as_str(), document];
        self.tx.execute(PUT, values).await.map(drop)
    }

    /// What a device last told of itself.
    ///
    /// # Errors
    /// What the database says.
    pub async fn inventory(&mut self, device: DeviceId) -> Result<Option<InventoryRow>, StoreError> {
        let Some(row) = self.tx.optional(GET, args![self.tenant, device]).await? else { return Ok(None) };
        Ok(Some(InventoryRow {
            taken_at: row.time(0)?,
            received_at: row.time(1)?,
            release: row.text(2)?,
            inventory: row.json(3, "device_inventory", "document")?,
        }))
    }

    /// The packages of a device, by name; source and its version are always named.
    ///
    /// # Errors
    /// What the database says.
    pub async fn packages_of_device(&mut self, device: DeviceId) -> Result<Vec<Package>, StoreError> {
        self.tx.all(PACKAGES, args![self.tenant, device]).await?.iter().map(package).collect()
    }

    /// Takes away packages that are gone and adds those that are new.
    ///
    /// # Errors
    /// What the database says.
    pub async fn change_packages(
        &mut self,
        device: DeviceId,
        gone: &[Package],
        new: &[Package],
    ) -> Result<(), StoreError> {
        for one in gone {
            let values = args![self.tenant, device, &one.name, &one.arch, &one.version];
            self.tx.execute(DROP_PACKAGE, values).await?;
        }
        for one in new {
            let (source, source_version) = (one.source(), one.source_version());
            let values = args![self.tenant, device, &one.name, &one.arch, &one.version, source, source_version];
            self.tx.execute(ADD_PACKAGE, values).await?;
        }
        Ok(())
    }

    /// Programs whose name holds `text` on the active devices, by name and version.
    ///
    /// # Errors
    /// What the database says.
    pub async fn programs(&mut self, text: &str, limit: u32) -> Result<Vec<ProgramRow>, StoreError> {
        let rows = self.tx.all(PROGRAMS, args![self.tenant, holding(text), i64::from(limit)]).await?;
        let program = |row: &Row| Ok(ProgramRow { name: row.text(0)?, version: row.text(1)?, devices: row.count(2)? });
        rows.iter().map(program).collect()
    }

    /// The active devices that have a package in one version, with their names.
    ///
    /// # Errors
    /// What the database says.
    pub async fn devices_with_package(
        &mut self,
        name: &str,
        version: &str,
        limit: u32,
    ) -> Result<Vec<(DeviceId, String)>, StoreError> {
        let rows = self.tx.all(HOLDERS, args![self.tenant, name, version, i64::from(limit)]).await?;
        rows.iter().map(|row| Ok((row.parsed(0, "device", "device")?, row.text(1)?))).collect()
    }

    /// Every source package in every version that an active device of the tenant has.
    ///
    /// # Errors
    /// What the database says.
    pub async fn sources(&mut self) -> Result<Vec<SourceRow>, StoreError> {
        self.tx.all(SOURCES, args![self.tenant]).await?.iter().map(source).collect()
    }

    /// Every source package of one device.
    ///
    /// # Errors
    /// What the database says.
    pub async fn sources_of_device(&mut self, device: DeviceId) -> Result<Vec<SourceRow>, StoreError> {
        self.tx.all(SOURCES_OF, args![self.tenant, device]).await?.iter().map(source).collect()
    }

    /// The active devices that have something built from a source, with their name, their release and the source's version.
    ///
    /// # Errors
    /// What the database says.
    pub async fn devices_with_source(
        &mut self,
        source: &str,
        limit: u32,
    ) -> Result<Vec<(DeviceId, String, String, String)>, StoreError> {
        let rows = self.tx.all(WITH_SOURCE, args![self.tenant, source, i64::from(limit)]).await?;
        let device = |row: &Row| Ok((row.parsed(0, "device", "device")?, row.text(1)?, row.text(2)?, row.text(3)?));
        rows.iter().map(device).collect()
    }
}

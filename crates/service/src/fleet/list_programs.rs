//! The programs on the devices of a tenant, and who has one of them.

use crate::error::Error;
use crate::house::House;
use crate::rights::{Act, tenant_scope};
use baluardo_model::TenantId;
use baluardo_model::identity::Actor;
use baluardo_store::fleet::inventory::ProgramRow;
use serde::Serialize;

/// The most rows of one answer: narrower words find the others.
const MAX_ROWS: u32 = 5_000;

/// A device that has a program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ProgramHolder {
    /// Which.
    pub device: String,
    /// Its own name: foreign text.
    pub hostname: String,
}

/// Programs whose name holds `text`, each version by itself, with how many active devices have it. At most 5,000 rows.
///
/// # Errors
/// As [`tenant_scope`].
#[crate::act]
pub async fn list_programs(
    house: &House,
    actor: &Actor,
    tenant: TenantId,
    text: &str,
) -> Result<Vec<ProgramRow>, Error> {
    let mut tx = house.store.read().await?;
    let scope = tenant_scope(&mut tx, actor, Act::SeeDevices, tenant).await?;
    Ok(tx.tenant(scope).programs(text, MAX_ROWS).await?)
}

/// The active devices that have one program in one version, by name.
///
/// # Errors
/// As [`tenant_scope`].
#[crate::act]
pub async fn devices_with_program(
    house: &House,
    actor: &Actor,
    tenant: TenantId,
    name: &str,
    version: &str,
) -> Result<Vec<ProgramHolder>, Error> {
    // A NUL can stand in no name, and PostgreSQL refuses it in a value.
    if name.contains('\0') || version.contains('\0') {
        return Ok(Vec::new());
    }
    let mut tx = house.store.read().await?;
    let scope = tenant_scope(&mut tx, actor, Act::SeeDevices, tenant).await?;
    let found = tx.tenant(scope).devices_with_package(name, version, MAX_ROWS).await?;
    Ok(found.into_iter().map(|(device, hostname)| ProgramHolder { device: device.to_string(), hostname }).collect())
}

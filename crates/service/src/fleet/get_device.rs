//! One device with its orders.

use super::exchange::isolation_purpose;
use super::list_devices::{DeviceRow, device_row};
use crate::error::Error;
use crate::house::House;
use crate::rights::{Act, tenant_scope};
use baluardo_model::identity::Actor;
use baluardo_model::{DeviceId, TenantId};
use baluardo_store::fleet::orders::OrderRow;
use serde::Serialize;

/// The most orders that are shown.
const MAX_ORDERS: u32 = 50;

/// A device and what it was told to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DeviceDetail {
    /// The device.
    #[serde(flatten)]
    pub row: DeviceRow,
    /// Its newest orders, newest first.
    pub orders: Vec<OrderRow>,
    /// What lifts its isolation when typed on the device, for who may command it; none while it is not isolated.
    pub isolation_code: Option<String>,
}

/// One device of `tenant`.
///
/// # Errors
/// [`Error::NotFound`] when the tenant has no such device; as [`tenant_scope`].
#[crate::act]
pub async fn get_device(
    house: &House,
    actor: &Actor,
    tenant: TenantId,
    device: DeviceId,
) -> Result<DeviceDetail, Error> {
    let mut tx = house.store.read().await?;
    let scope = tenant_scope(&mut tx, actor, Act::SeeDevices, tenant).await?;
    let mut rows = tx.tenant(scope);
    let found = rows.device(device).await?.ok_or(Error::NotFound)?;
    let open = rows.open_findings_of_devices().await?.into_iter().find(|(id, _)| *id == device);
    let orders = rows.orders_of_device(device, MAX_ORDERS).await?;
    let sealed = rows.isolation_code(device).await?;
    let may_command = tenant_scope(&mut tx, actor, Act::CommandDevice, tenant).await.is_ok();
    let isolation_code = if sealed.is_empty() || !may_command {
        None
    } else {
        let code = house.seal.open(&isolation_purpose(device), &sealed)?;
        Some(String::from_utf8_lossy(&code).into_owned())
    };
    let row = device_row(house, found, open.map_or(0, |(_, count)| count));
    Ok(DeviceDetail { row, orders, isolation_code })
}

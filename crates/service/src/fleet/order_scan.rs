//! Orders a device to scan folders now.

use super::give_order::{OrderSigner, SCAN_ORDER_LIFE};
use super::path_rules::check_folders;
use super::start_policy;
use crate::audit::record;
use crate::error::Error;
use crate::house::House;
use crate::live::Topic;
use crate::rights::{Act, tenant_scope};
use baluardo_model::fleet::{DeviceState, OrderKind};
use baluardo_model::identity::Actor;
use baluardo_model::{DeviceId, OrderId, TenantId};

/// The most folders of one scan.
const MAX_FOLDERS: usize = 16;

/// Orders a scan of `folders`, or of the policy's folders when none are given. The order waits a day for its device.
///
/// # Errors
/// [`Error::NotFound`] when the tenant has no such device; [`Error::Conflict`] `device.revoked`, or `order.pending`
/// while another scan waits; [`Error::Invalid`] with the codes of the folders' rules; as [`tenant_scope`].
#[crate::act]
pub async fn order_scan(
    house: &House,
    actor: &Actor,
    tenant: TenantId,
    device: DeviceId,
    folders: &[String],
) -> Result<OrderId, Error> {
    let folders = check_folders("folders", folders, MAX_FOLDERS)?;
    let mut tx = house.store.write().await?;
    let scope = tenant_scope(&mut tx, actor, Act::CommandDevice, tenant).await?;
    let found = tx.tenant(scope).device(device).await?.ok_or(Error::NotFound)?;
    if found.state == DeviceState::Revoked {
        return Err(Error::conflict("device.revoked", "this device was revoked: it takes no orders"));
    }
    if tx.tenant(scope).order_waits(device, "scan", house.now()).await? {
        return Err(Error::conflict("order.pending", "a scan waits for this device already"));
    }
    let folders = if folders.is_empty() { start_policy(house, &mut tx, scope).await?.scan_folders } else { folders };
    let detail = format!("{}: {}", found.hostname, folders.join(" "));
    let signer = OrderSigner::load(house, &mut tx).await?;
    let order = OrderKind::Scan { folders };
    let id = signer.give(&mut tx, scope, device, order, String::new(), SCAN_ORDER_LIFE).await?;
    record(house, &mut tx, scope, actor, "scan.ordered", format!("device {device}"), &detail).await?;
    tx.commit().await?;
    house.fleet.order_given(device);
    house.live.tell(tenant, Topic::Device, device);
    Ok(id)
}

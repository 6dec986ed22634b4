//! The quarantined files of a tenant.

use crate::error::Error;
use crate::house::House;
use crate::rights::{Act, tenant_scope};
use baluardo_model::identity::Actor;
use baluardo_model::protection::QuarantineState;
use baluardo_model::{DeviceId, TenantId};
use baluardo_store::protection::quarantine::QuarantineRow;

/// The most files that are shown.
const MAX_ROWS: u32 = 500;

/// What part of the quarantine to read.
#[derive(Clone, Debug, Default)]
pub struct QuarantineFilter {
    /// Only files whose path, device or digest holds this; empty for all.
    pub text: String,
    /// Only files that stand so.
    pub state: Option<QuarantineState>,
    /// Only of this device.
    pub device: Option<DeviceId>,
}

/// Quarantined files of `tenant`, newest first, at most 500.
///
/// # Errors
/// As [`tenant_scope`].
#[crate::act]
pub async fn list_quarantine(
    house: &House,
    actor: &Actor,
    tenant: TenantId,
    filter: &QuarantineFilter,
) -> Result<Vec<QuarantineRow>, Error> {
    let mut tx = house.store.read().await?;
    let scope = tenant_scope(&mut tx, actor, Act::SeeQuarantine, tenant).await?;
    let device = filter.device.map(|device| device.to_string()).unwrap_or_default();
    Ok(tx.tenant(scope).quarantine(filter.state, &device, &filter.text, house.now(), MAX_ROWS).await?)
}

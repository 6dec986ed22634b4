//! Moves the switch between central and local management. The switch is the comune's own.

use crate::audit::record;
use crate::error::Error;
use crate::fleet::follow_packs;
use crate::house::House;
use crate::rights::{Act, tenant_scope};
use baluardo_model::TenantId;
use baluardo_model::identity::{Actor, Management, TenantKind};
use baluardo_store::tenants::management_code;

/// Moves the switch. Where it stands already, nothing happens and nothing is logged.
///
/// # Errors
/// As [`tenant_scope`]; `not_a_comune` for a body that has no such switch.
#[crate::act]
pub async fn switch_management(
    house: &House,
    actor: &Actor,
    tenant: TenantId,
    management: Management,
) -> Result<(), Error> {
    let mut tx = house.store.write().await?;
    let scope = tenant_scope(&mut tx, actor, Act::SwitchManagement, tenant).await?;
    let found = tx.platform().find_tenant(tenant).await?.ok_or(Error::NotFound)?;
    if found.kind != TenantKind::Comune {
        return Err(Error::conflict("not_a_comune", "only a comune chooses who manages it"));
    }
    if found.management != management {
        tx.tenant(scope).set_management(management).await?;
        let detail = management_code(management);
        record(house, &mut tx, scope, actor, Act::SwitchManagement.code(), format!("tenant {tenant}"), detail).await?;
    }
    tx.commit().await?;
    // The consortium's packs are for those who left it the management.
    follow_packs(house, actor, tenant).await
}

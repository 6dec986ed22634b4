//! The enrolment tokens that can still be used.

use crate::error::Error;
use crate::house::House;
use crate::rights::{Act, tenant_scope};
use baluardo_model::TenantId;
use baluardo_model::identity::Actor;
use baluardo_store::fleet::tokens::EnrolTokenRow;

/// Open tokens of `tenant`, newest first, without their secrets, which nobody has any more.
///
/// # Errors
/// As [`tenant_scope`].
pub async fn list_enrol_tokens(house: &House, actor: &Actor, tenant: TenantId) -> Result<Vec<EnrolTokenRow>, Error> {
    let mut tx = house.store.read().await?;
    let scope = tenant_scope(&mut tx, actor, Act::EnrolDevice, tenant).await?;
    Ok(tx.tenant(scope).open_enrol_tokens(house.now()).await?)
}

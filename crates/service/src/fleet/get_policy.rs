//! The policy of a tenant as it stands.

use super::start_policy::starting;
use crate::error::Error;
use crate::house::House;
use crate::rights::{Act, tenant_scope};
use baluardo_model::TenantId;
use baluardo_model::fleet::Policy;
use baluardo_model::identity::Actor;

/// The policy of `tenant`; the starting one while nobody changed it and no device enrolled.
///
/// # Errors
/// As [`tenant_scope`].
#[crate::act]
pub async fn get_policy(house: &House, actor: &Actor, tenant: TenantId) -> Result<Policy, Error> {
    let mut tx = house.store.read().await?;
    let scope = tenant_scope(&mut tx, actor, Act::SeePolicy, tenant).await?;
    let kept = tx.tenant(scope).newest_policy().await?;
    Ok(kept.unwrap_or_else(|| starting(&house.settings)))
}

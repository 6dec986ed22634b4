//! Makes an enrolment token useless before its time.

use crate::audit::record;
use crate::error::Error;
use crate::house::House;
use crate::rights::{Act, tenant_scope};
use baluardo_model::TenantId;
use baluardo_model::identity::Actor;

/// Withdraws an open token of `tenant`.
///
/// # Errors
/// [`Error::NotFound`] when there is no such open token; as [`tenant_scope`].
#[crate::act]
pub async fn withdraw_enrol_token(house: &House, actor: &Actor, tenant: TenantId, id: &str) -> Result<(), Error> {
    let mut tx = house.store.write().await?;
    let scope = tenant_scope(&mut tx, actor, Act::EnrolDevice, tenant).await?;
    let label = tx.tenant(scope).withdraw_enrol_token(id, house.now()).await?.ok_or(Error::NotFound)?;
    record(house, &mut tx, scope, actor, "enrol_token.withdrawn", format!("enrol_token {id}"), &label).await?;
    Ok(tx.commit().await?)
}

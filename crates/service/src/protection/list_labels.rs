//! What people said of files, for who wants to know how often the models are right.

use crate::error::Error;
use crate::house::House;
use crate::rights::{Act, tenant_scope};
use baluardo_model::TenantId;
use baluardo_model::identity::Actor;
use baluardo_store::protection::labels::Label;

/// Every judgement of `tenant`, newest first.
///
/// # Errors
/// As [`tenant_scope`].
#[crate::act]
pub async fn list_labels(house: &House, actor: &Actor, tenant: TenantId) -> Result<Vec<Label>, Error> {
    let mut tx = house.store.read().await?;
    let scope = tenant_scope(&mut tx, actor, Act::SeeFindings, tenant).await?;
    Ok(tx.tenant(scope).labels().await?)
}

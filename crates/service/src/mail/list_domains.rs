//! Which domains a comune says are its own, and those of all members.

use super::MailDomain;
use crate::error::Error;
use crate::house::House;
use crate::rights::{Act, consortium_scope, tenant_scope};
use baluardo_model::TenantId;
use baluardo_model::identity::Actor;

/// The claims of `tenant`.
///
/// # Errors
/// As [`tenant_scope`].
#[crate::act]
pub async fn list_domains(house: &House, actor: &Actor, tenant: TenantId) -> Result<Vec<MailDomain>, Error> {
    let mut tx = house.store.read().await?;
    let scope = tenant_scope(&mut tx, actor, Act::ChangeMailPolicy, tenant).await?;
    Ok(tx.tenant(scope).mail_domains().await?)
}

/// The claims of all members, those that wait for a decision first.
///
/// # Errors
/// As [`consortium_scope`].
#[crate::act]
pub async fn list_all_domains(house: &House, actor: &Actor) -> Result<Vec<MailDomain>, Error> {
    let mut tx = house.store.read().await?;
    let scope = consortium_scope(&mut tx, actor, Act::DecideMailDomain).await?;
    Ok(tx.consortium(scope).mail_domains().await?)
}

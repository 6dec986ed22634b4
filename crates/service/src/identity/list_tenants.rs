//! Tells which bodies there are.

use crate::error::Error;
use crate::house::House;
use crate::rights::{Act, consortium_scope, tenant_scope};
use baluardo_model::TenantId;
use baluardo_model::identity::{Actor, Tenant};

/// The consortium of this installation. Its name is public: the first page shows it.
///
/// # Errors
/// `not_founded` before there is one.
#[crate::act]
pub async fn first_consortium(house: &House) -> Result<Tenant, Error> {
    let mut tx = house.store.read().await?;
    tx.platform().first_consortium().await?.ok_or_else(not_founded)
}

/// What to answer before there is a consortium.
pub(crate) fn not_founded() -> Error {
    Error::conflict("not_founded", "this installation has no consortium yet: start it with `baluardo run` first")
}

/// The members of the actor's consortium, by name.
///
/// # Errors
/// As [`consortium_scope`].
#[crate::act]
pub async fn list_tenants(house: &House, actor: &Actor) -> Result<Vec<Tenant>, Error> {
    let mut tx = house.store.read().await?;
    let scope = consortium_scope(&mut tx, actor, Act::SeeAdhesion).await?;
    Ok(tx.consortium(scope).members().await?)
}

/// One body, for whoever has any business there: reading its overview, or at least its log.
///
/// # Errors
/// As [`tenant_scope`].
#[crate::act]
pub async fn get_tenant(house: &House, actor: &Actor, tenant: TenantId) -> Result<Tenant, Error> {
    let mut tx = house.store.read().await?;
    match tenant_scope(&mut tx, actor, Act::SeeOverview, tenant).await {
        Err(Error::Forbidden) => tenant_scope(&mut tx, actor, Act::SeeAudit, tenant).await?,
        other => other?,
    };
    tx.platform().find_tenant(tenant).await?.ok_or(Error::NotFound)
}

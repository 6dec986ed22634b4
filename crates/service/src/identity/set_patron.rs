//! The day of the patron saint: a holiday of the tenant. The consortium's own counts for the clocks of its requests.

use crate::audit::record;
use crate::error::Error;
use crate::house::House;
use crate::rights::{Act, platform_scope, tenant_scope};
use baluardo_model::TenantId;
use baluardo_model::calendar::Patron;
use baluardo_model::identity::Actor;
use baluardo_store::Tx;

/// Sets the day as month and day of the month, or none.
///
/// # Errors
/// As [`tenant_scope`]; `patron_day` in the field `patron` for a day that no year has.
#[crate::act]
pub async fn set_patron(house: &House, actor: &Actor, tenant: TenantId, day: Option<(i8, i8)>) -> Result<(), Error> {
    let patron = day
        .map(|(month, day)| Patron::new(month, day))
        .transpose()
        .map_err(|e| Error::invalid("patron", "patron_day", e.to_string()))?;
    let text = patron.map(|patron| format!("{:02}-{:02}", patron.month(), patron.day()));
    let mut tx = house.store.write().await?;
    let scope = tenant_scope(&mut tx, actor, Act::ChangeSettings, tenant).await?;
    tx.tenant(scope).set_patron(text.as_deref()).await?;
    let detail = text.as_deref().unwrap_or("none");
    record(house, &mut tx, scope, actor, "settings.patron", format!("tenant {tenant}"), detail).await?;
    tx.commit().await?;
    Ok(())
}

/// The day of a tenant.
///
/// # Errors
/// As [`tenant_scope`].
#[crate::act]
pub async fn patron(house: &House, actor: &Actor, tenant: TenantId) -> Result<Option<Patron>, Error> {
    let mut tx = house.store.read().await?;
    tenant_scope(&mut tx, actor, Act::SeeOverview, tenant).await?;
    patron_of(&mut tx, tenant).await
}

/// The day of a tenant, for the clocks that need it.
///
/// # Errors
/// What the store says.
pub(crate) async fn patron_of(tx: &mut Tx, tenant: TenantId) -> Result<Option<Patron>, Error> {
    let text = tx.tenant(platform_scope(tenant)).patron().await?;
    Ok(text.as_deref().and_then(|text| {
        let (month, day) = text.split_once('-')?;
        Patron::new(month.parse().ok()?, day.parse().ok()?).ok()
    }))
}

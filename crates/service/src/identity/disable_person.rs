//! Bars people from signing in, and lets them in again.

use crate::audit::record;
use crate::error::Error;
use crate::house::House;
use crate::rights::{Act, tenant_scope};
use baluardo_model::identity::{Actor, Role};
use baluardo_model::{PersonId, TenantId};
use baluardo_store::{TenantScope, Tx};

/// Bars a person from signing in and ends their sessions. Doing it twice is fine.
///
/// # Errors
/// As [`tenant_scope`]; [`Error::NotFound`] for a person of another tenant; `last_manager` when nobody else could manage
/// this tenant's people afterwards.
#[crate::act]
pub async fn disable_person(house: &House, actor: &Actor, tenant: TenantId, person: PersonId) -> Result<(), Error> {
    let now = house.now();
    let mut tx = house.store.write().await?;
    let scope = tenant_scope(&mut tx, actor, Act::ManagePeople, tenant).await?;
    refuse_the_last_manager(&mut tx, scope, person).await?;
    let found = tx.tenant(scope).person(person).await?.ok_or(Error::NotFound)?;
    if found.disabled_at.is_none() {
        tx.tenant(scope).set_disabled(person, Some(now)).await?;
        tx.tenant(scope).end_sessions(person, now).await?;
        tx.tenant(scope).close_links(person, now).await?;
        // Whoever made a token holds its secret, and would stay inside by it.
        let tokens = tx.tenant(scope).revoke_tokens_of(person, now).await?;
        let detail = if tokens > 0 { format!("{tokens} tokens of theirs were revoked") } else { String::new() };
        record(house, &mut tx, scope, actor, "people.disable", format!("person {person}"), &detail).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Lets a person sign in again, with the credentials that they had. Doing it twice is fine.
///
/// # Errors
/// As [`tenant_scope`]; [`Error::NotFound`] for a person of another tenant.
#[crate::act]
pub async fn enable_person(house: &House, actor: &Actor, tenant: TenantId, person: PersonId) -> Result<(), Error> {
    let mut tx = house.store.write().await?;
    let scope = tenant_scope(&mut tx, actor, Act::ManagePeople, tenant).await?;
    let found = tx.tenant(scope).person(person).await?.ok_or(Error::NotFound)?;
    if found.disabled_at.is_some() {
        tx.tenant(scope).set_disabled(person, None).await?;
        record(house, &mut tx, scope, actor, "people.enable", format!("person {person}"), "").await?;
    }
    tx.commit().await?;
    Ok(())
}

/// A tenant always keeps somebody who can manage its people: an operator in a consortium, an RTD in a comune. People who
/// were invited but never came do not count.
async fn refuse_the_last_manager(tx: &mut Tx, scope: TenantScope, person: PersonId) -> Result<(), Error> {
    let found = tx.tenant(scope).person(person).await?.ok_or(Error::NotFound)?;
    let role = found.person.role;
    if found.disabled_at.is_some() || !matches!(role, Role::Operator | Role::Rtd) {
        return Ok(());
    }
    if tx.tenant(scope).others_able(role, person).await? == 0 {
        return Err(Error::conflict(
            "last_manager",
            "nobody else could manage the people here: invite somebody first and wait until they have entered",
        ));
    }
    Ok(())
}

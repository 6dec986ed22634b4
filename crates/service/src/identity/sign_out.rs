//! Ends sessions: this one, or all of a person.

use crate::audit::record;
use crate::error::Error;
use crate::house::House;
use crate::identity::session::actor_of;
use crate::rights::{Act, own_scope, platform_scope, tenant_of};
use crate::secret;
use baluardo_model::PersonId;
use baluardo_model::identity::Actor;

/// Ends the session of a cookie. A session that ended before, or never was, is fine.
///
/// # Errors
/// What the store says.
#[crate::act]
pub async fn sign_out(house: &House, cookie_secret: &str) -> Result<(), Error> {
    let hash = secret::hash(cookie_secret);
    let mut tx = house.store.write().await?;
    let Some(found) = tx.platform().find_session(&hash).await? else { return Ok(()) };
    let person = found.person.person;
    let scope = platform_scope(person.tenant);
    if tx.tenant(scope).end_session(&hash, house.now()).await? {
        let target = format!("person {}", person.id);
        record(house, &mut tx, scope, &actor_of(&person), "session.end", target, "").await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Ends every session of a person and tells how many there were. Everybody may do it for themselves; who manages people
/// may do it for those of their own tenant.
///
/// # Errors
/// [`Error::Forbidden`] for others; [`Error::NotFound`] for a person who is not of the actor's tenant.
#[crate::act]
pub async fn sign_out_everywhere(house: &House, actor: &Actor, person: PersonId) -> Result<u64, Error> {
    let mut tx = house.store.write().await?;
    let scope = match (actor, tenant_of(actor)) {
        (Actor::Person { id, .. }, Some(tenant)) if *id == person => platform_scope(tenant),
        _ => own_scope(&mut tx, actor, Act::ManagePeople).await?,
    };
    tx.tenant(scope).person(person).await?.ok_or(Error::NotFound)?;
    let ended = tx.tenant(scope).end_sessions(person, house.now()).await?;
    record(house, &mut tx, scope, actor, "session.end_all", format!("person {person}"), &ended.to_string()).await?;
    tx.commit().await?;
    Ok(ended)
}

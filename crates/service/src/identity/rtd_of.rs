//! Whom the people of a tenant can turn to.

use crate::error::Error;
use crate::house::House;
use crate::rights::{Act, own_scope};
use baluardo_model::identity::{Actor, Person, Role};

/// Whom a clerk can turn to: the RTD of the actor's own tenant, or its operator; none where nobody is named yet.
///
/// # Errors
/// As [`own_scope`].
#[crate::act]
pub async fn rtd_of(house: &House, actor: &Actor) -> Result<Option<Person>, Error> {
    let mut tx = house.store.read().await?;
    let scope = own_scope(&mut tx, actor, Act::SeeOverview).await?;
    let mut rows = tx.tenant(scope);
    let mut people = rows.people_with_role(Role::Rtd).await?;
    people.extend(rows.people_with_role(Role::Operator).await?);
    Ok(people.into_iter().find(|found| found.disabled_at.is_none()).map(|found| found.person))
}

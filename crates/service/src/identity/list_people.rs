//! Lists who may sign in.

use crate::error::Error;
use crate::house::House;
use crate::identity::session::IDLE;
use crate::rights::{Act, tenant_scope};
use baluardo_model::identity::{Actor, Role};
use baluardo_model::{PersonId, TenantId, Timestamp};
use baluardo_store::identity::ListedPerson;
use serde::Serialize;

/// Where a person stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PersonState {
    /// Has a link, but no credential yet.
    Invited,
    /// May sign in.
    Active,
    /// May not sign in any more.
    Disabled,
}

impl PersonState {
    /// The stable word.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Invited => "invited",
            Self::Active => "active",
            Self::Disabled => "disabled",
        }
    }
}

/// A person, as the list shows them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PersonView {
    /// Who.
    pub id: PersonId,
    /// The address they sign in with.
    pub email: String,
    /// Their name.
    pub name: String,
    /// What they are.
    pub role: Role,
    /// Their office.
    pub office: Option<String>,
    /// Where they stand.
    pub state: PersonState,
    /// How many passkeys they have.
    pub passkeys: u64,
    /// Whether they have a password with a code.
    pub has_password: bool,
    /// Since when they are known.
    pub created_at: Timestamp,
    /// When they were last seen, if in the last months.
    pub last_seen: Option<Timestamp>,
    /// How many browsers they are signed in with.
    pub sessions: u64,
}

impl From<ListedPerson> for PersonView {
    fn from(listed: ListedPerson) -> Self {
        let state = if listed.stored.disabled_at.is_some() {
            PersonState::Disabled
        } else if listed.passkeys > 0 || listed.has_password {
            PersonState::Active
        } else {
            PersonState::Invited
        };
        let person = listed.stored.person;
        Self {
            id: person.id,
            email: person.email,
            name: person.name,
            role: person.role,
            office: person.office,
            state,
            passkeys: listed.passkeys,
            has_password: listed.has_password,
            created_at: person.created_at,
            last_seen: listed.last_seen,
            sessions: listed.sessions,
        }
    }
}

/// Everybody of a tenant, by name.
///
/// # Errors
/// As [`tenant_scope`].
#[crate::act]
pub async fn list_people(house: &House, actor: &Actor, tenant: TenantId) -> Result<Vec<PersonView>, Error> {
    let now = house.now();
    let mut tx = house.store.read().await?;
    let scope = tenant_scope(&mut tx, actor, Act::SeePeople, tenant).await?;
    Ok(tx.tenant(scope).people(now, now.minus(IDLE)).await?.into_iter().map(PersonView::from).collect())
}

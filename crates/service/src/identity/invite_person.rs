//! Invites people into a tenant, and repeats an invitation whose link was lost.

use crate::audit::record;
use crate::error::Error;
use crate::house::House;
use crate::identity::address::{check_email, check_line};
use crate::identity::letters;
use crate::identity::link::{MAILED, make_link};
use crate::rights::{Act, tenant_scope};
use baluardo_model::identity::{Actor, Person, Role, Tenant, TenantKind};
use baluardo_model::{OutboxId, PersonId, TenantId};
use baluardo_store::{TenantScope, Tx};

/// Who is to be invited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    /// The address that they will sign in with; the link goes there.
    pub email: String,
    /// Their name.
    pub name: String,
    /// What they will be.
    pub role: Role,
    /// Their office; empty for none.
    pub office: String,
}

/// Whether a body of this kind has people with this role.
pub(crate) fn has_role(kind: TenantKind, role: Role) -> bool {
    match kind {
        TenantKind::Consortium => {
            matches!(role, Role::Operator | Role::Coordinator | Role::PoliceAnalyst | Role::Auditor)
        }
        TenantKind::Comune => matches!(role, Role::Rtd | Role::Clerk | Role::Auditor),
        TenantKind::Police => matches!(role, Role::PoliceAnalyst | Role::Auditor),
        TenantKind::Association => matches!(role, Role::Coordinator | Role::Auditor),
    }
}

/// The roles that people of a body of this kind may have.
#[must_use]
pub fn roles_of(kind: TenantKind) -> Vec<Role> {
    Role::ALL.into_iter().filter(|role| has_role(kind, *role)).collect()
}

/// Invites a person and puts the mail with their link into the outbox.
///
/// # Errors
/// As [`tenant_scope`]; field errors; `role_not_here` in the field `role`; `email_taken` in the field `email`.
#[crate::act]
pub async fn invite_person(
    house: &House,
    actor: &Actor,
    tenant: TenantId,
    invitation: &Invitation,
) -> Result<PersonId, Error> {
    let email = check_email("email", &invitation.email)?;
    let name = check_line("name", &invitation.name, 120)?;
    let office = match invitation.office.trim() {
        "" => None,
        office => Some(check_line("office", office, 120)?),
    };
    let mut tx = house.store.write().await?;
    let scope = tenant_scope(&mut tx, actor, Act::ManagePeople, tenant).await?;
    let home = tx.platform().find_tenant(tenant).await?.ok_or(Error::NotFound)?;
    if !has_role(home.kind, invitation.role) {
        return Err(Error::invalid("role", "role_not_here", "people of this body cannot have this role"));
    }
    let now = house.now();
    let id = PersonId::new(now, &*house.chance);
    let person = Person { id, tenant, email, name, role: invitation.role, office, created_at: now };
    if tx.platform().person_by_email(&person.email).await?.is_some() {
        return Err(Error::invalid("email", "email_taken", "somebody signs in with this address already"));
    }
    tx.tenant(scope).insert_person(&person).await?;
    record(house, &mut tx, scope, actor, "people.invite", format!("person {id}"), person.role.code()).await?;
    send_link(house, &mut tx, scope, &person, &home).await?;
    tx.commit().await?;
    Ok(id)
}

/// Sends a person another link, with which they set their credentials anew. Links sent before stay good until one of
/// them is used.
///
/// # Errors
/// As [`tenant_scope`]; [`Error::NotFound`] for a person of another tenant; `person_disabled`.
#[crate::act]
pub async fn resend_link(house: &House, actor: &Actor, tenant: TenantId, person: PersonId) -> Result<(), Error> {
    let mut tx = house.store.write().await?;
    let scope = tenant_scope(&mut tx, actor, Act::ManagePeople, tenant).await?;
    let home = tx.platform().find_tenant(tenant).await?.ok_or(Error::NotFound)?;
    let found = tx.tenant(scope).person(person).await?.ok_or(Error::NotFound)?;
    if found.disabled_at.is_some() {
        return Err(Error::conflict("person_disabled", "this person may not sign in: enable them first"));
    }
    record(house, &mut tx, scope, actor, "people.resend_link", format!("person {person}"), "").await?;
    send_link(house, &mut tx, scope, &found.person, &home).await?;
    tx.commit().await?;
    Ok(())
}

async fn send_link(
    house: &House,
    tx: &mut Tx,
    scope: TenantScope,
    person: &Person,
    home: &Tenant,
) -> Result<(), Error> {
    let link = make_link(house, tx, person, MAILED).await?;
    let mail = letters::invitation(person, home, &link);
    let now = house.now();
    let id = OutboxId::new(now, &*house.chance);
    tx.tenant(scope).put_mail(id, &format!("link {}", link.hash), &mail, now).await?;
    Ok(())
}

//! Founds the consortium of an installation, with its first operator.

use crate::audit::record;
use crate::error::Error;
use crate::house::House;
use crate::identity::address::{check_email, check_line};
use crate::identity::link::{MAILED, SigninLink, make_link};
use crate::rights::platform_scope;
use baluardo_model::identity::{Actor, Management, Person, Role, Tenant, TenantKind};
use baluardo_model::{PersonId, TenantId};
use baluardo_store::Tx;

/// Makes the consortium and its first operator, and the link with which the operator enters.
///
/// Asked again it makes nothing new; but as long as no operator has a credential there is a fresh link, for an operator
/// who lost the first one before using it.
///
/// # Errors
/// A field error for a bad name or address; `email_taken` when the address belongs to somebody already.
#[crate::act]
pub async fn found_consortium(
    house: &House,
    name: &str,
    operator_email: &str,
    operator_name: &str,
) -> Result<(Tenant, Option<SigninLink>), Error> {
    let mut tx = house.store.write().await?;
    let answer = match tx.platform().first_consortium().await? {
        Some(tenant) => {
            let link = link_of_waiting_operator(house, &mut tx, &tenant).await?;
            (tenant, link)
        }
        None => {
            let name = check_line("name", name, 120)?;
            let email = check_email("email", operator_email)?;
            let operator = check_line("operator_name", operator_name, 120)?;
            let (tenant, link) = found(house, &mut tx, name, email, operator).await?;
            (tenant, Some(link))
        }
    };
    tx.commit().await?;
    Ok(answer)
}

async fn found(
    house: &House,
    tx: &mut Tx,
    name: String,
    email: String,
    operator: String,
) -> Result<(Tenant, SigninLink), Error> {
    let now = house.now();
    let id = TenantId::new(now, &*house.chance);
    let tenant = Tenant {
        id,
        kind: TenantKind::Consortium,
        consortium: id,
        name,
        cadastral_code: None,
        management: Management::Local,
        created_at: now,
    };
    tx.platform().insert_tenant(&tenant).await?;
    let person = Person {
        id: PersonId::new(now, &*house.chance),
        tenant: id,
        email,
        name: operator,
        role: Role::Operator,
        office: None,
        created_at: now,
    };
    let scope = platform_scope(id);
    tx.tenant(scope).insert_person(&person).await?;
    record(house, tx, scope, &Actor::Platform, "consortium.found", format!("tenant {id}"), &tenant.name).await?;
    let target = format!("person {}", person.id);
    record(house, tx, scope, &Actor::Platform, "people.invite", target, "operator").await?;
    let link = make_link(house, tx, &person, MAILED).await?;
    Ok((tenant, link))
}

/// A link for the first operator who could enter, as long as none ever did.
async fn link_of_waiting_operator(house: &House, tx: &mut Tx, tenant: &Tenant) -> Result<Option<SigninLink>, Error> {
    let scope = platform_scope(tenant.id);
    let mut waiting = None;
    for operator in tx.tenant(scope).people_with_role(Role::Operator).await? {
        if !tx.tenant(scope).credentials(operator.person.id).await?.is_empty() {
            return Ok(None);
        }
        if operator.disabled_at.is_none() && waiting.is_none() {
            waiting = Some(operator.person);
        }
    }
    let Some(operator) = waiting else { return Ok(None) };
    let target = format!("person {}", operator.id);
    record(house, tx, scope, &Actor::Platform, "people.resend_link", target, "").await?;
    Ok(Some(make_link(house, tx, &operator, MAILED).await?))
}

//! Grants a request: the comune becomes a member with its RTD, or what is known of it is brought up to date.

use crate::activation::decision::Decision;
use crate::activation::form::comune_of;
use crate::activation::letters;
use crate::activation::list_requests::APPLICATION;
use crate::audit::record;
use crate::error::Error;
use crate::fleet::start_policy;
use crate::house::House;
use crate::identity::{MAILED, make_link};
use crate::rights::platform_scope;
use baluardo_model::activation::{RequestEventKind, ServiceCode};
use baluardo_model::identity::{Actor, Management, Person, Role, Tenant, TenantKind};
use baluardo_model::{PersonId, RequestId, TenantId};

/// Grants a request. All of it is one transaction: the event, the comune with its first policy, the RTD, the link, the
/// letter. A comune starts under central management, which the letter says and its RTD can change.
///
/// # Errors
/// As [`consortium_scope`](crate::rights::consortium_scope); [`Error::NotFound`]; `request_concluded`; `email_taken` when
/// the address belongs to somebody of another body, `person_other_role` when it belongs to somebody of this comune who
/// is not its RTD; `not_a_member` for an update of a comune that is none.
#[crate::act]
pub async fn approve_request(house: &House, actor: &Actor, id: RequestId) -> Result<(), Error> {
    let mut decision = Decision::begin(house, actor, id).await?;
    decision.add(RequestEventKind::Approved).await?;
    match decision.request.service {
        ServiceCode::Activation => activate(house, actor, &mut decision).await?,
        ServiceCode::Update => update(house, actor, &mut decision).await?,
    }
    decision.end().await
}

async fn activate(house: &House, actor: &Actor, decision: &mut Decision<'_>) -> Result<(), Error> {
    let comune = comune_of(&decision.request.application.cadastral_code)?;
    let member = decision.tx.consortium(decision.scope).member_by_code(&comune.cadastral_code).await?;
    let tenant = match member {
        Some(tenant) => tenant,
        None => join(house, actor, decision, &comune.name).await?,
    };
    keep_application(decision, tenant.id).await?;
    let (person, _) = rtd_of_request(house, actor, decision, tenant.id).await?;
    let link = make_link(house, &mut decision.tx, &person, MAILED).await?;
    let mail = letters::activated(house, &decision.request, &tenant, &link);
    decision.write("approved", &mail).await
}

/// Makes the comune a member.
async fn join(house: &House, actor: &Actor, decision: &mut Decision<'_>, name: &str) -> Result<Tenant, Error> {
    let now = house.now();
    let tenant = Tenant {
        id: TenantId::new(now, &*house.chance),
        kind: TenantKind::Comune,
        consortium: decision.scope.consortium(),
        name: name.to_owned(),
        cadastral_code: Some(decision.request.application.cadastral_code.clone()),
        management: Management::Central,
        created_at: now,
    };
    decision.tx.platform().insert_tenant(&tenant).await?;
    let scope = platform_scope(tenant.id);
    start_policy(house, &mut decision.tx, scope).await?;
    let detail = format!("request {}", decision.request.id);
    record(house, &mut decision.tx, scope, actor, "member.join", format!("tenant {}", tenant.id), &detail).await?;
    Ok(tenant)
}

async fn update(house: &House, actor: &Actor, decision: &mut Decision<'_>) -> Result<(), Error> {
    let code = decision.request.application.cadastral_code.clone();
    let member = decision.tx.consortium(decision.scope).member_by_code(&code).await?;
    let tenant = member.ok_or_else(|| Error::conflict("not_a_member", "this comune is not active"))?;
    let scope = platform_scope(tenant.id);
    keep_application(decision, tenant.id).await?;
    let target = format!("tenant {}", tenant.id);
    let detail = format!("request {}", decision.request.id);
    record(house, &mut decision.tx, scope, actor, "member.update", target, &detail).await?;
    let former = decision.tx.tenant(scope).people_with_role(Role::Rtd).await?;
    let (person, is_new) = rtd_of_request(house, actor, decision, tenant.id).await?;
    let link = if is_new { Some(make_link(house, &mut decision.tx, &person, MAILED).await?) } else { None };
    let mail = letters::updated(&decision.request, &tenant, link.as_ref());
    decision.write("approved", &mail).await?;
    if is_new {
        // Whoever was RTD until now hears of the new one: an update that nobody there asked for does not go unseen.
        for other in former.into_iter().filter(|other| other.disabled_at.is_none()) {
            let mail = letters::new_rtd(&other.person, &person, &tenant);
            decision.write(&format!("new rtd {}", other.person.id), &mail).await?;
        }
    }
    Ok(())
}

/// Keeps what the comune wrote, to be held against its next update.
async fn keep_application(decision: &mut Decision<'_>, tenant: TenantId) -> Result<(), Error> {
    let text = serde_json::to_string(&decision.request.application).map_err(Error::internal)?;
    decision.tx.tenant(platform_scope(tenant)).put_setting(APPLICATION, &text).await?;
    Ok(())
}

/// The RTD that a request names, and whether they are new here.
async fn rtd_of_request(
    house: &House,
    actor: &Actor,
    decision: &mut Decision<'_>,
    tenant: TenantId,
) -> Result<(Person, bool), Error> {
    let application = decision.request.application.clone();
    let scope = platform_scope(tenant);
    let known = decision.tx.platform().person_by_email(&application.email).await?;
    let Some(known) = known else {
        let now = house.now();
        let person = Person {
            id: PersonId::new(now, &*house.chance),
            tenant,
            email: application.email,
            name: application.rtd_name,
            role: Role::Rtd,
            office: Some(application.rtd_role),
            created_at: now,
        };
        decision.tx.tenant(scope).insert_person(&person).await?;
        let target = format!("person {}", person.id);
        record(house, &mut decision.tx, scope, actor, "people.invite", target, Role::Rtd.code()).await?;
        return Ok((person, true));
    };
    let mut person = known.person;
    if person.tenant != tenant {
        return Err(Error::conflict(
            "email_taken",
            "this address belongs to somebody of another body: ask for another",
        ));
    }
    if person.role != Role::Rtd || known.disabled_at.is_some() {
        return Err(Error::conflict(
            "person_other_role",
            "this address belongs to somebody of this comune who is not its RTD: ask for another",
        ));
    }
    decision.tx.tenant(scope).rename_person(person.id, &application.rtd_name, Some(&application.rtd_role)).await?;
    person.name = application.rtd_name;
    person.office = Some(application.rtd_role);
    Ok((person, false))
}

//! An operator decides whether a domain is a comune's.

use crate::audit::record;
use crate::error::Error;
use crate::fleet::actor_name;
use crate::house::House;
use crate::rights::{Act, consortium_scope, platform_scope};
use baluardo_model::TenantId;
use baluardo_model::identity::Actor;
use baluardo_model::mail::DomainState;

/// Approves a member's claim, or says no. From the approval on, what is held of the domain's mail is held for that member.
///
/// # Errors
/// [`Error::NotFound`] when the member is none of the operator's or has no claim that waits; [`Error::Conflict`]
/// `mail.domain_taken` when another answers for the domain; as [`consortium_scope`].
#[crate::act]
pub async fn decide_domain(
    house: &House,
    actor: &Actor,
    member: TenantId,
    domain: &str,
    approve: bool,
) -> Result<(), Error> {
    let mut tx = house.store.write().await?;
    let consortium = consortium_scope(&mut tx, actor, Act::DecideMailDomain).await?.consortium();
    let found = tx.platform().find_tenant(member).await?.filter(|tenant| tenant.consortium == consortium);
    let scope = platform_scope(found.ok_or(Error::NotFound)?.id);
    let domain = domain.replace('\0', "");
    if approve && tx.platform().domain_owner(&domain).await?.is_some() {
        return Err(Error::conflict("mail.domain_taken", "another comune answers for this domain: clear it up first"));
    }
    let state = if approve { DomainState::Approved } else { DomainState::Refused };
    if !tx.tenant(scope).decide_domain(&domain, state, &actor_name(actor), house.now()).await? {
        return Err(Error::NotFound);
    }
    let act = if approve { "mail.domain_approved" } else { "mail.domain_refused" };
    record(house, &mut tx, scope, actor, act, format!("domain {domain}"), "").await?;
    tx.commit().await?;
    Ok(())
}

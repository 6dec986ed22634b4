//! A comune says that a mail domain is its own, or takes that back.

use crate::audit::record;
use crate::error::Error;
use crate::fleet::actor_name;
use crate::house::House;
use crate::rights::{Act, tenant_scope};
use baluardo_model::TenantId;
use baluardo_model::identity::Actor;
use baluardo_model::mail::is_domain;

/// The most domains of one tenant.
const MOST_DOMAINS: usize = 50;

/// Claims `domain`. Nothing changes until an operator of the consortium approved it ([`super::decide_domain()`]): a comune cannot
/// draw the mail of another to itself, and does not learn here whether another has it.
///
/// # Errors
/// [`Error::Invalid`] `mail.domain_bad`; [`Error::Conflict`] `mail.domain_claimed` when the comune claimed it before and
/// `mail.domains_many` beyond fifty; as [`tenant_scope`].
#[crate::act]
pub async fn claim_domain(house: &House, actor: &Actor, tenant: TenantId, domain: &str) -> Result<(), Error> {
    let domain = domain.trim().trim_end_matches('.').to_lowercase();
    if !is_domain(&domain) {
        let message = "write what stands behind the @ of your addresses, such as comune.esempio.it";
        return Err(Error::invalid("domain", "mail.domain_bad", message));
    }
    let mut tx = house.store.write().await?;
    let scope = tenant_scope(&mut tx, actor, Act::ChangeMailPolicy, tenant).await?;
    if tx.tenant(scope).mail_domains().await?.len() >= MOST_DOMAINS {
        return Err(Error::conflict(
            "mail.domains_many",
            format!("at most {MOST_DOMAINS} domains: take one back first"),
        ));
    }
    if !tx.tenant(scope).claim_domain(&domain, &actor_name(actor), house.now()).await? {
        return Err(Error::conflict("mail.domain_claimed", "this domain was claimed before: see the list"));
    }
    record(house, &mut tx, scope, actor, "mail.domain_claimed", format!("domain {domain}"), "").await?;
    tx.commit().await?;
    Ok(())
}

/// Takes a claim back; mail for the domain is no business of the comune's any more.
///
/// # Errors
/// [`Error::NotFound`] when the comune did not claim it; as [`tenant_scope`].
#[crate::act]
pub async fn give_up_domain(house: &House, actor: &Actor, tenant: TenantId, domain: &str) -> Result<(), Error> {
    let mut tx = house.store.write().await?;
    let scope = tenant_scope(&mut tx, actor, Act::ChangeMailPolicy, tenant).await?;
    let domain = domain.trim().to_lowercase().replace('\0', "");
    if !tx.tenant(scope).give_up_domain(&domain).await? {
        return Err(Error::NotFound);
    }
    tx.tenant(scope).forget_domain_health(&domain).await?;
    record(house, &mut tx, scope, actor, "mail.domain_given_up", format!("domain {domain}"), "").await?;
    tx.commit().await?;
    Ok(())
}

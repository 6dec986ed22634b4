//! Looks at a domain because somebody asks.

use super::keep::{keep, subject};
use super::own_domain;
use crate::audit::record;
use crate::error::Error;
use crate::house::House;
use crate::rights::{Act, tenant_scope};
use baluardo_model::TenantId;
use baluardo_model::identity::Actor;
use std::sync::Arc;
use std::time::Duration;

/// How soon the same domain may be looked at again: its name servers are other people's.
const REST: Duration = Duration::from_secs(20);

/// Looks at a domain now; what was found stands in the list from then on.
///
/// # Errors
/// [`Error::NotFound`] for a domain for which the comune does not answer; [`Error::Conflict`] `mail.looked_just_now`,
/// and `mail.no_dns` in a program that does not ask the DNS; as [`tenant_scope`].
#[crate::act]
pub async fn look_at_domain(house: &House, actor: &Actor, tenant: TenantId, domain: &str) -> Result<(), Error> {
    let mut tx = house.store.write().await?;
    let scope = tenant_scope(&mut tx, actor, Act::SeeMailHealth, tenant).await?;
    let domain = own_domain(&mut tx, scope, domain).await?;
    let door = house.names_door.get().map(Arc::clone);
    let door = door.ok_or_else(|| Error::conflict("mail.no_dns", "this server was told not to ask the DNS"))?;
    let rows = tx.tenant(scope).domain_healths().await?;
    let lately = rows.iter().any(|row| row.domain == domain && house.now().since(row.tried_at) < REST);
    if lately {
        let message = "this domain was looked at a moment ago: wait half a minute";
        return Err(Error::conflict("mail.looked_just_now", message));
    }
    record(house, &mut tx, scope, actor, "mail.domain_looked_at", format!("domain {domain}"), "").await?;
    let subject = subject(house, &mut tx, scope, &domain).await?;
    tx.commit().await?;
    let health = door.look(&subject).await;
    keep(house, tenant, &health).await
}

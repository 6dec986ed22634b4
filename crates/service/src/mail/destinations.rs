//! Whose a message is: the comune that answers for the domain of each recipient, and what it wants.

use super::standing_policy::standing_policy;
use crate::error::Error;
use crate::house::House;
use crate::rights::platform_scope;
use baluardo_model::TenantId;
use baluardo_model::mail::{MailPolicy, domain_of};
use std::collections::HashMap;

/// A comune to which a message goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Destination {
    /// Which.
    pub tenant: TenantId,
    /// What it wants.
    pub policy: MailPolicy,
}

/// The comune of each recipient, in the same order; none for those for whose domain no comune answers.
///
/// # Errors
/// What the store says.
#[crate::act]
pub async fn destinations(house: &House, recipients: &[String]) -> Result<Vec<Option<Destination>>, Error> {
    let mut known: HashMap<String, Option<Destination>> = HashMap::new();
    let mut found = Vec::with_capacity(recipients.len());
    let mut tx = house.store.read().await?;
    for recipient in recipients {
        let Some(domain) = domain_of(recipient) else {
            found.push(None);
            continue;
        };
        if let Some(known) = known.get(&domain) {
            found.push(known.clone());
            continue;
        }
        let destination = match tx.platform().domain_owner(&domain).await? {
            Some(tenant) => {
                Some(Destination { tenant, policy: standing_policy(&mut tx, platform_scope(tenant)).await? })
            }
            None => None,
        };
        known.insert(domain, destination.clone());
        found.push(destination);
    }
    Ok(found)
}

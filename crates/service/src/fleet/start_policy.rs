//! The policy that a tenant begins with.

use super::follow_packs::packs_for;
use crate::error::Error;
use crate::house::{House, Settings};
use baluardo_model::fleet::Policy;
use baluardo_store::{TenantScope, Tx};

/// The tenant's policy within a transaction; when it has none yet, the starting one is kept now.
pub(crate) async fn start_policy(house: &House, tx: &mut Tx, scope: TenantScope) -> Result<Policy, Error> {
    if let Some(policy) = tx.tenant(scope).newest_policy().await? {
        return Ok(policy);
    }
    let mut policy = starting(&house.settings);
    let found = tx.platform().find_tenant(scope.tenant()).await?.ok_or(Error::NotFound)?;
    policy.packs = packs_for(tx, &found).await?;
    tx.tenant(scope).insert_policy(&policy, house.now()).await?;
    Ok(policy)
}

/// The starting policy of this installation: the model's own, with the folders that the settings name.
pub(super) fn starting(settings: &Settings) -> Policy {
    let mut policy = Policy::starting();
    if !settings.starting_folders.is_empty() {
        policy.scan_folders.clone_from(&settings.starting_folders);
        policy.guard_folders.clone_from(&settings.starting_folders);
    }
    policy
}

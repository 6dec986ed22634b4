//! Brings policies in line with the packs that there are: a tenant's own, and those of its consortium where it left it the
//! management.

use super::change_policy::replace_policy;
use super::start_policy;
use crate::error::Error;
use crate::house::House;
use crate::rights::platform_scope;
use baluardo_model::TenantId;
use baluardo_model::fleet::PackRef;
use baluardo_model::identity::{Actor, Management, Tenant, TenantKind};
use baluardo_store::Tx;
use baluardo_store::fleet::packs::PackRow;

/// Has the devices of `tenant` follow the packs that are for them; of a consortium, those of its members too. Nothing is
/// written where nothing changes, so it may be done again after a crash. The right was asked by the act that changed packs.
pub(crate) async fn follow_packs(house: &House, actor: &Actor, tenant: TenantId) -> Result<(), Error> {
    let found = house.store.read().await?.platform().find_tenant(tenant).await?.ok_or(Error::NotFound)?;
    let members = match found.kind {
        TenantKind::Consortium => {
            house.store.read().await?.consortium(crate::rights::desk_scope(tenant)).members().await?
        }
        _ => Vec::new(),
    };
    for member in std::iter::once(found).chain(members) {
        follow(house, actor, &member).await?;
    }
    Ok(())
}

/// The same for every tenant of this installation, at its start: a server that died in the middle goes on here.
///
/// # Errors
/// What the database says.
#[crate::act]
pub async fn follow_all_packs(house: &House) -> Result<(), Error> {
    match house.store.read().await?.platform().first_consortium().await? {
        Some(consortium) => follow_packs(house, &Actor::Platform, consortium.id).await,
        None => Ok(()),
    }
}

async fn follow(house: &House, actor: &Actor, tenant: &Tenant) -> Result<(), Error> {
    let scope = platform_scope(tenant.id);
    let mut read = house.store.read().await?;
    let wanted = packs_for(&mut read, tenant).await?;
    let Some(policy) = read.tenant(scope).newest_policy().await? else { return Ok(()) };
    drop(read);
    if policy.packs == wanted {
        return Ok(());
    }
    let mut tx = house.store.write().await?;
    let wanted = packs_for(&mut tx, tenant).await?;
    let before = start_policy(house, &mut tx, scope).await?;
    let policy = baluardo_model::fleet::Policy { packs: wanted, ..before.clone() };
    if let Some(replaced) = replace_policy(house, &mut tx, scope, actor, &before, policy).await? {
        tx.commit().await?;
        replaced.announce(house, tenant.id);
    }
    Ok(())
}

/// The packs that the devices of a tenant follow, its own first.
pub(super) async fn packs_for(tx: &mut Tx, tenant: &Tenant) -> Result<Vec<PackRef>, Error> {
    let mut rows = tx.tenant(platform_scope(tenant.id)).packs().await?;
    if tenant.id != tenant.consortium && tenant.management == Management::Central {
        rows.extend(tx.tenant(platform_scope(tenant.consortium)).packs().await?);
    }
    let mut packs: Vec<PackRef> = Vec::new();
    for PackRow { name, sha256, bytes, .. } in rows {
        if packs.iter().all(|known| known.sha256 != sha256) {
            packs.push(PackRef { name, sha256, bytes });
        }
    }
    Ok(packs)
}

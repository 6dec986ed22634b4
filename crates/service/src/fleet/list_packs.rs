//! The packs of rules and indicators that devices follow beside what ships.

use crate::error::Error;
use crate::house::House;
use crate::rights::{Act, platform_scope, tenant_scope};
use baluardo_model::TenantId;
use baluardo_model::identity::{Actor, Management, TenantKind};
use baluardo_store::fleet::pack_sources::PackSource;
use baluardo_store::fleet::packs::PackRow;
use serde::Serialize;

/// The packs of a tenant.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Packs {
    /// Its own.
    pub own: Vec<PackRow>,
    /// Those of its consortium that its devices follow, too.
    pub consortiums: Vec<PackRow>,
    /// Where its own are fetched from.
    pub sources: Vec<PackSource>,
    /// Whether people may have its packs fetched from an address.
    pub fetches: bool,
}

/// Lists them by name.
///
/// # Errors
/// As [`tenant_scope`].
#[crate::act]
pub async fn list_packs(house: &House, actor: &Actor, tenant: TenantId) -> Result<Packs, Error> {
    let mut tx = house.store.read().await?;
    let scope = tenant_scope(&mut tx, actor, Act::SeePolicy, tenant).await?;
    let found = tx.platform().find_tenant(tenant).await?.ok_or(Error::NotFound)?;
    let own = tx.tenant(scope).packs().await?;
    let sources = tx.tenant(scope).pack_sources().await?;
    let consortiums = if found.consortium != tenant && found.management == Management::Central {
        tx.tenant(platform_scope(found.consortium)).packs().await?
    } else {
        Vec::new()
    };
    Ok(Packs { own, consortiums, sources, fetches: found.kind == TenantKind::Consortium })
}

//! Has a pack fetched from an address, at once and then again and again. A job of the server fetches it.

use super::import_pack::{MAX_PACKS, checked_name};
use crate::audit::record;
use crate::error::Error;
use crate::house::House;
use crate::rights::{Act, tenant_scope};
use baluardo_model::TenantId;
use baluardo_model::identity::{Actor, TenantKind};
use baluardo_store::{TenantScope, Tx};
use url::Url;

/// The longest address.
const MAX_ADDRESS: usize = 1_000;

/// The longest time until a pack is fetched again, in hours.
const MAX_EVERY_HOURS: u64 = 720;

/// Where a pack comes from.
#[derive(Clone, Debug)]
pub struct NewSource {
    /// What people call the pack; one of the same name is replaced when the first bytes have come.
    pub name: String,
    /// An address that begins with `https://`.
    pub address: String,
    /// After how many hours it is fetched again; 0 for never.
    pub every_hours: u64,
}

/// Keeps the source; the pack is fetched soon. Only a consortium's packs come from addresses: what this server asks for in the network is
/// the business of who runs it. The command line of the server may do so for any tenant.
///
/// # Errors
/// [`Error::Invalid`] `pack.name`, `pack.address` (not `https://`) or `pack.every`; [`Error::Conflict`] `pack.too_many` or
/// `pack.source_comune`; as [`tenant_scope`].
#[crate::act]
pub async fn set_pack_source(house: &House, actor: &Actor, tenant: TenantId, new: &NewSource) -> Result<(), Error> {
    let mut tx = house.store.write().await?;
    let scope = tenant_scope(&mut tx, actor, Act::ChangePolicy, tenant).await?;
    let now = house.now();
    keep_source(house, &mut tx, scope, actor, new, Some(now)).await?;
    tx.commit().await?;
    Ok(())
}

/// Keeps a source whose first bytes were fetched and taken in already: the next time is theirs to come.
///
/// # Errors
/// As [`set_pack_source`].
#[crate::act]
pub async fn keep_pack_source(
    house: &House,
    actor: &Actor,
    tenant: TenantId,
    new: &NewSource,
    content: String,
) -> Result<(), Error> {
    let mut tx = house.store.write().await?;
    let scope = tenant_scope(&mut tx, actor, Act::ChangePolicy, tenant).await?;
    let now = house.now();
    let name = keep_source(house, &mut tx, scope, actor, new, None).await?;
    let mut rows = tx.tenant(scope);
    let kept = rows.pack_sources().await?.into_iter().find(|source| source.name == name);
    if let Some(mut source) = kept {
        source.due_at = super::renew_packs::next(new.every_hours, now);
        (source.content, source.fetched_at) = (content, Some(now));
        rows.note_pack_source(&source).await?;
    }
    tx.commit().await?;
    Ok(())
}

async fn keep_source(
    house: &House,
    tx: &mut Tx,
    scope: TenantScope,
    actor: &Actor,
    new: &NewSource,
    due: Option<baluardo_model::Timestamp>,
) -> Result<String, Error> {
    let found = tx.platform().find_tenant(scope.tenant()).await?.ok_or(Error::NotFound)?;
    if found.kind != TenantKind::Consortium && *actor != Actor::Platform {
        return Err(Error::conflict("pack.source_comune", "only the consortium's packs are fetched from an address"));
    }
    let name = checked_name(&new.name)?;
    let address = checked_address(&new.address)?;
    if new.every_hours > MAX_EVERY_HOURS {
        let message = format!("give 0 for once only, or 1 to {MAX_EVERY_HOURS} hours");
        return Err(Error::invalid("every_hours", "pack.every", message));
    }
    let mut rows = tx.tenant(scope);
    let names = rows.packs().await?.into_iter().map(|pack| pack.name);
    let mut names: std::collections::BTreeSet<String> = names.collect();
    names.extend(rows.pack_sources().await?.into_iter().map(|source| source.name));
    names.insert(name.clone());
    if names.len() > MAX_PACKS {
        return Err(Error::conflict("pack.too_many", format!("there are {MAX_PACKS} packs already: remove one first")));
    }
    rows.keep_pack_source(&name, &address, new.every_hours, due).await?;
    let detail = format!("{address}, every {} hours", new.every_hours);
    record(house, tx, scope, actor, "pack.source", format!("pack {name}"), &detail).await?;
    Ok(name)
}

/// An address whose bytes nobody changes on the way, without a name and password, which would stand in the log.
fn checked_address(given: &str) -> Result<String, Error> {
    let refused =
        || Error::invalid("address", "pack.address", "give an address that begins with https:// and names no user");
    let given = given.trim();
    if given.len() > MAX_ADDRESS {
        return Err(refused());
    }
    let url = Url::parse(given).map_err(|_| refused())?;
    let here =
        url.scheme() == "http" && ["localhost", "127.0.0.1", "[::1]"].contains(&url.host_str().unwrap_or_default());
    let named = url.host_str().is_some_and(|host| !host.is_empty());
    if !named || !(url.scheme() == "https" || here) || !url.username().is_empty() || url.password().is_some() {
        return Err(refused());
    }
    Ok(url.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_taken_only_where_nobody_reads_or_changes_it_on_the_way() {
        assert_eq!(checked_address(" https://rules.example/a b.zip ").unwrap(), "https://rules.example/a%20b.zip");
        assert!(
            checked_address("http://127.0.0.1:8000/x").is_ok(),
            "on this machine; whether it may be reached is the server's setting"
        );
        let long = format!("https://example/{}", "x".repeat(MAX_ADDRESS));
        for bad in [
            "http://rules.example/x",
            "ftp://rules.example/x",
            "file:///etc/passwd",
            "rules",
            "",
            "https://a:b@example/x",
            &long,
        ] {
            assert_eq!(checked_address(bad).unwrap_err().code(), "pack.address", "{bad}");
        }
    }
}

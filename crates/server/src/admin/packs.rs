//! `baluardo admin packs import`: brings a pack in from files or from an address, and tells what of it is in force.

use super::named_tenant;
use crate::cli::PackImportArgs;
use crate::fetch::Reach;
use crate::pack_file;
use crate::scan;
use anyhow::{Context as _, bail};
use baluardo_model::identity::Actor;
use baluardo_service::House;
use baluardo_service::fleet::{self, Fetched, NewPack, NewSource, PackRow};

/// Imports; a pack from an address is fetched again by the server where the arguments say how often.
pub(super) async fn import(house: &House, args: &PackImportArgs) -> anyhow::Result<()> {
    let tenant = named_tenant(house, args.tenant.as_deref()).await?;
    let Some(address) = address(args)? else {
        let content = scan::gather_pack(&args.paths)?;
        return imported(house, tenant, NewPack { name: args.name.clone(), content }).await;
    };
    let reach = if args.private { Reach::Anywhere } else { Reach::Public };
    let Fetched { content, gathered } = pack_file::fetch(address, reach)
        .await
        .with_context(|| format!("{address} could not be fetched: nothing was changed"))?;
    imported(house, tenant, NewPack { name: args.name.clone(), content: gathered }).await?;
    let Some(every_hours) = args.every else { return Ok(()) };
    let source = NewSource { name: args.name.clone(), address: address.to_owned(), every_hours };
    fleet::keep_pack_source(house, &Actor::Platform, tenant, &source, content).await?;
    println!("{}: the server fetches it again every {every_hours} hours", args.name);
    if args.private {
        println!("{}: for that the server must run with --private-sources", args.name);
    }
    Ok(())
}

/// The address, if the arguments name one.
fn address(args: &PackImportArgs) -> anyhow::Result<Option<&str>> {
    let is_address = |text: &&str| text.starts_with("https://") || text.starts_with("http://");
    let address = args.paths.iter().filter_map(|path| path.to_str()).find(is_address);
    match address {
        Some(_) if args.paths.len() > 1 => bail!("give one address and nothing else: each pack has one source"),
        None if args.every.is_some() => bail!("--every is for an address: files are imported once"),
        found => Ok(found),
    }
}

async fn imported(house: &House, tenant: baluardo_model::TenantId, new: NewPack) -> anyhow::Result<()> {
    let made = fleet::import_pack(house, &Actor::Platform, tenant, new).await?;
    for left in &made.report {
        eprintln!("{}: {}", left.place.escape_debug(), left.reason.escape_debug());
    }
    let PackRow { name, rules, indicators, exclusions, skipped, bytes, .. } = made;
    println!(
        "{name}: {rules} rules, {indicators} digests of bad files and {exclusions} of good ones in force, {skipped} left out; \
         {bytes} bytes"
    );
    Ok(())
}

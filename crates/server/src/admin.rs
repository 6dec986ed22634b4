//! `baluardo admin`: what is done on the server's own machine, with the state folder in hand.

mod dmarc;
mod packs;
mod vulnerabilities;

use crate::beside::open_house;
use crate::cli::{AdminArgs, AdminCommand, DmarcCommand, PacksCommand, TokenCommand, VulnerabilitiesCommand};
use anyhow::Context as _;
use baluardo_model::TenantId;
use baluardo_model::identity::Actor;
use baluardo_service::identity::{self, NewToken};
use baluardo_service::{House, audit};

/// Carries out one command.
///
/// # Errors
/// What stands in the way, with the remedy.
pub async fn run(args: &AdminArgs) -> anyhow::Result<()> {
    let (house, store) = open_house(&args.state, args.database.as_deref()).await?;
    let done = match &args.command {
        AdminCommand::Token(TokenCommand::Create { tenant, name, scopes, days }) => {
            create_token(&house, tenant.as_deref(), name, scopes, *days).await
        }
        AdminCommand::CheckAudit => check_audit(&house).await,
        AdminCommand::Packs(PacksCommand::Import(import)) => packs::import(&house, import).await,
        AdminCommand::Dmarc(DmarcCommand::Import { paths }) => dmarc::import(&house, paths).await,
        AdminCommand::Vulnerabilities(VulnerabilitiesCommand::Import { from }) => {
            vulnerabilities::import(&house, from).await
        }
    };
    store.close().await;
    done
}

async fn create_token(
    house: &House,
    tenant: Option<&str>,
    name: &str,
    scopes: &[String],
    days: u32,
) -> anyhow::Result<()> {
    let tenant = named_tenant(house, tenant).await?;
    let new = NewToken { tenant, name: name.to_owned(), role: None, scopes: scopes.to_vec(), days };
    let made = identity::create_token(house, &Actor::Platform, &new).await?;
    eprintln!("The token is shown once; it ends in {days} days.");
    println!("{}", made.secret);
    Ok(())
}

/// The tenant of this id; the consortium when none is given.
async fn named_tenant(house: &House, id: Option<&str>) -> anyhow::Result<TenantId> {
    match id {
        Some(id) => id.parse().with_context(|| format!("{id:?} is not the id of a tenant")),
        None => Ok(identity::first_consortium(house).await?.id),
    }
}

async fn check_audit(house: &House) -> anyhow::Result<()> {
    let consortium = identity::first_consortium(house).await?;
    let members = identity::list_tenants(house, &Actor::Platform).await?;
    let mut lines = 0;
    for tenant in std::iter::once(consortium).chain(members) {
        let log = audit::export_audit(house, &Actor::Platform, tenant.id).await?;
        audit::check_chain(&log).with_context(|| format!("the log of {} is not whole", tenant.name))?;
        lines += log.len();
    }
    println!("{lines} lines, every chain whole");
    Ok(())
}

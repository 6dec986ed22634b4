//! A house for mail: one comune that answers for a domain, left on disk for `scripts/bench_milter.py`, which starts the filter on
//! it.

use crate::server::{address, free_port};
use crate::stage::Stage;
use baluardo_model::identity::Actor;
use baluardo_model::mail::{MailPolicy, OnSuspicion};
use baluardo_service::mail;
use std::path::PathBuf;

/// Where, and for which mail.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The folder in which the house's own folder is made.
    #[arg(long)]
    beside: PathBuf,
    /// The domain of the comune.
    #[arg(long)]
    domain: String,
}

/// Makes it, and prints its state folder. Suspicious mail is marked and not held, so that what is measured arrives.
pub(crate) async fn run(args: &Args) -> anyhow::Result<()> {
    let stage = Stage::new(&args.beside)?;
    let open = stage.house(&address(free_port()?), &[]).await?;
    let (house, by) = (&open.house, Actor::Platform);
    let tenant = open.activate("I726").await?.id;
    mail::claim_domain(house, &by, tenant, &args.domain).await?;
    mail::decide_domain(house, &by, tenant, &args.domain, true).await?;
    let policy = MailPolicy { on_suspicion: OnSuspicion::Tag, ..MailPolicy::default() };
    mail::change_mail_policy(house, &by, tenant, &policy).await?;
    open.close().await;
    println!("{}", stage.keep().display());
    Ok(())
}

//! Carries out what the command line asks, and tells how it ended.
//!
//! It stands in the library, not in the binary, because whoever drives an `async fn` compiles all that it awaits.

use crate::cli::{Cli, Command, MailCommand, RulesCommand, SigmaCommand};
use crate::{admin, check_domain, check_mail, demo, milter, run, scan, sigma, simulate};
use std::process::ExitCode;

/// Does what `cli` asks; what failed is said on standard error.
#[must_use]
pub fn execute(cli: Cli) -> ExitCode {
    carry_out(cli.command).unwrap_or_else(|error| {
        eprintln!("baluardo: {error:#}");
        ExitCode::FAILURE
    })
}

fn carry_out(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Run(args) => wait_for(run::run(&args))?.map(|()| ExitCode::SUCCESS),
        Command::Demo(args) => wait_for(demo::run(&args))?,
        Command::Admin(args) => wait_for(admin::run(&args))?.map(|()| ExitCode::SUCCESS),
        Command::Mail(MailCommand::Check(args)) => Ok(check_mail::run(&args)),
        Command::Mail(MailCommand::Domain(args)) => wait_for(check_domain::run(&args))?,
        Command::Mail(MailCommand::Milter(args)) => wait_for(milter::run(&args))?.map(|()| ExitCode::SUCCESS),
        Command::Scan(args) => Ok(scan::run(&args)),
        Command::Rules(RulesCommand::Check(args)) => Ok(scan::check_rules(&args)),
        Command::Sigma(SigmaCommand::Check(args)) => Ok(sigma::check(&args)),
        Command::Sigma(SigmaCommand::Match(args)) => Ok(sigma::match_events(&args)),
        Command::Simulate(args) => simulate::run(&args.folder, &args.style).map(|()| ExitCode::SUCCESS),
    }
}

/// Drives `work` to its end on every core.
fn wait_for<T>(work: impl Future<Output = T>) -> std::io::Result<T> {
    Ok(tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(work))
}

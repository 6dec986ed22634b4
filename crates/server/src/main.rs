//! The binary `baluardo`.

use baluardo_server::cli::{Cli, Command, MailCommand};
use baluardo_server::{admin, check_mail, demo, run, simulate};
use clap::Parser as _;
use std::process::ExitCode;
use tracing_subscriber::filter::LevelFilter;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let level = std::env::var("BALUARDO_LOG").ok().and_then(|word| word.parse().ok()).unwrap_or(LevelFilter::INFO);
    tracing_subscriber::fmt().with_max_level(level).with_writer(std::io::stderr).init();
    match carry_out(cli.command) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("baluardo: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn carry_out(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Run(args) => wait_for(run::run(&args))?.map(|()| ExitCode::SUCCESS),
        Command::Demo(args) => wait_for(demo::run(&args))?,
        Command::Admin(args) => wait_for(admin::run(&args))?.map(|()| ExitCode::SUCCESS),
        Command::Mail(MailCommand::Check(args)) => Ok(check_mail::run(&args)),
        Command::Simulate(args) => simulate::run(&args.folder, &args.style).map(|()| ExitCode::SUCCESS),
    }
}

/// Drives `work` to its end on every core.
fn wait_for<T>(work: impl Future<Output = T>) -> std::io::Result<T> {
    Ok(tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(work))
}

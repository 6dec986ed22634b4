//! The binary `baluardo-agent`.

use baluardo_agent::cli::Cli;
use baluardo_agent::command::execute;
use clap::Parser as _;
use std::process::ExitCode;

fn main() -> ExitCode {
    let cli = Cli::parse();
    tracing_subscriber::fmt().with_writer(std::io::stderr).with_max_level(tracing::Level::INFO).init();
    execute(cli)
}

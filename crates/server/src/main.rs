//! The binary `baluardo`.

use baluardo_server::cli::Cli;
use baluardo_server::command::execute;
use clap::Parser as _;
use std::process::ExitCode;
use tracing_subscriber::filter::LevelFilter;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let level = std::env::var("BALUARDO_LOG").ok().and_then(|word| word.parse().ok()).unwrap_or(LevelFilter::INFO);
    tracing_subscriber::fmt().with_max_level(level).with_writer(std::io::stderr).init();
    execute(cli)
}

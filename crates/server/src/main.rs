//! The binary `baluardo`.

use baluardo_server::cli::Cli;
use baluardo_server::command::execute;
use clap::Parser as _;
use std::process::ExitCode;
use tracing::Level;
use tracing_subscriber::filter::{LevelFilter, filter_fn};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let level = std::env::var("BALUARDO_LOG").ok().and_then(|word| word.parse().ok()).unwrap_or(LevelFilter::INFO);
    // What goes wrong in the DNS is other people's every day, and its library names in the log with whom a comune writes.
    let ours = filter_fn(move |told| {
        level >= LevelFilter::DEBUG || *told.level() == Level::ERROR || !told.target().starts_with("hickory")
    });
    tracing_subscriber::fmt().with_max_level(level).with_writer(std::io::stderr).finish().with(ours).init();
    execute(cli)
}

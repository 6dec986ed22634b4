//! The binary `baluardo-bench`: measures the product from outside, each figure beside a named peer where there is one.
//!
//! `scripts/bench.sh` builds everything in release and runs it; `docs/benchmarks.md` says what the figures mean. It is
//! built beside `baluardo` and `baluardo-agent` and starts those two from its own folder.

mod clamav;
mod console;
mod endpoint;
mod exchange;
mod figures;
mod honest;
mod idle;
mod lines;
mod load;
mod mail_house;
mod nginx;
mod ordinary;
mod overhead;
mod process;
mod ransomware;
mod scan;
mod server;
mod sigma;
mod stage;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Measures Baluardo. Every figure is printed as min, median and max of several runs, then once more as JSON.
#[derive(Debug, Parser)]
#[command(name = "baluardo-bench")]
struct Cli {
    /// What to measure.
    #[command(subcommand)]
    what: What,
}

/// What can be measured.
#[derive(Debug, Subcommand)]
enum What {
    /// Exchanges per second over mutual TLS with SQLite on disk, beside nginx.
    Exchange(exchange::Args),
    /// Memory of the server for each idle agent.
    Lines(lines::Args),
    /// Memory and processor time of the agent and the server at rest, beside ClamAV.
    Idle(idle::Args),
    /// From detection to the console, by the demo.
    Console(console::Args),
    /// Speed of the file scanner, beside yara with the same rules on the same files.
    Scan(scan::Args),
    /// `baluardo scan` as a whole, beside yara and clamscan with the same rules.
    Endpoint(endpoint::Args),
    /// False alarms of our own rules and models over honest files.
    Honest(honest::Args),
    /// The ransomware guard against attacks and honest work of our own writing.
    Ransomware(ransomware::Args),
    /// What a guard costs those who unpack, compile and save documents, beside ClamAV's on-access scanner.
    Overhead(overhead::Args),
    /// Sigma rules: what loads, what is found, how fast, and in how much memory.
    Sigma(sigma::Args),
    /// A comune with a domain, for `scripts/bench_milter.py`.
    #[command(hide = true)]
    MailHouse(mail_house::Args),
    /// One act of them, on a folder made for it.
    #[command(hide = true)]
    Act(ransomware::act::Args),
}

fn main() -> ExitCode {
    baluardo_server::tls::install_provider();
    // Thousands of lines are thousands of descriptors, here as in the server, which raises its own limit.
    let limit = baluardo_agent::platform::limits::raise_open_files();
    let work = async {
        match Cli::parse().what {
            What::Exchange(args) => exchange::run(&args).await,
            What::Lines(args) => lines::run(&args, limit).await,
            What::Idle(args) => idle::run(&args).await,
            What::Console(args) => console::run(&args).await,
            What::Scan(args) => scan::run(&args),
            What::Endpoint(args) => endpoint::run(&args),
            What::Honest(args) => honest::run(&args),
            What::Ransomware(args) => ransomware::run(&args),
            What::Overhead(args) => overhead::run(&args).await,
            What::Sigma(args) => sigma::run(&args),
            What::MailHouse(args) => mail_house::run(&args).await,
            What::Act(args) => ransomware::act::run(&args),
        }
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    match runtime.map_err(anyhow::Error::from).and_then(|runtime| runtime.block_on(work)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("baluardo-bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

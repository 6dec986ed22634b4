//! The binary baluardo-agent: reads the command line, puts the parts together, tells how it ended.

use anyhow::Context as _;
use baluardo_agent::ambient::{SystemChance, SystemClock};
use baluardo_agent::cli::{Cli, Command, GuardArgs, StatusReport, enrol_exit, run_exit};
use baluardo_agent::duty::Duty;
use baluardo_agent::guard::{GuardPlaces, guard};
use baluardo_agent::identity::enrol::enrol;
use baluardo_agent::identity::state_dir::StateDir;
use baluardo_agent::protect::{ProtectSettings, Protection};
use baluardo_agent::report::Report;
use baluardo_agent::run::run;
use baluardo_agent::words::{self, Coded};
use baluardo_model::{Chance, Clock};
use clap::Parser as _;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use tokio::signal::unix::{SignalKind, signal};

fn main() -> ExitCode {
    let cli = Cli::parse();
    tracing_subscriber::fmt().with_writer(std::io::stderr).with_max_level(tracing::Level::INFO).init();
    let done = match cli.command {
        Command::Enrol { state, server, token } => enrol_here(&state, server.as_deref(), &token),
        Command::Run { state } => run_here(&state),
        Command::Guard(args) => guard_here(&args),
        Command::Status { state, json } => status(&state, json),
        Command::Version => {
            println!("baluardo-agent {}", env!("CARGO_PKG_VERSION"));
            Ok(ExitCode::SUCCESS)
        }
    };
    done.unwrap_or_else(|error| {
        eprintln!("baluardo-agent: {error:#}");
        ExitCode::FAILURE
    })
}

fn enrol_here(state: &Path, server: Option<&str>, token: &str) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().context("no runtime")?;
    let enrolled = StateDir::open(state)
        .map_err(Into::into)
        .and_then(|state| runtime.block_on(enrol(token, &state, server, Arc::new(SystemClock), &SystemChance::new())));
    match enrolled {
        Ok(identity) => {
            println!("This computer is enrolled with {} as device {}.", identity.server, identity.device);
            println!("To start protection: baluardo-agent run --state {}", state.display());
            say_in_italian("enrol.done");
            Ok(ExitCode::SUCCESS)
        }
        Err(error) => Ok(failed(&error, enrol_exit(&error))),
    }
}

fn run_here(state: &Path) -> anyhow::Result<ExitCode> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let chance: Arc<dyn Chance> = Arc::new(SystemChance::new());
    let settings = (state.to_path_buf(), Arc::clone(&clock), Arc::clone(&chance));
    let start = move |report: Arc<dyn Report>, policy| {
        let (state_dir, clock, chance) = settings;
        Protection::start(ProtectSettings { state_dir, policy, clock, chance, report })
            .map(|protection| protection as Arc<dyn Duty>)
            .map_err(|e| e.to_string())
    };
    match run(&StateDir::existing(state), clock, chance, Box::new(start), stopped()) {
        Ok(()) => Ok(ExitCode::SUCCESS),
        Err(error) => Ok(failed(&error, run_exit(&error))),
    }
}

fn guard_here(args: &GuardArgs) -> anyhow::Result<ExitCode> {
    const MIB: u64 = 1_048_576;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().context("no runtime")?;
    let places =
        GuardPlaces::check(&args.protect, &args.vault, &args.journal, args.vault_mib * MIB, args.file_mib * MIB)?;
    let ready = |note: &str| {
        if !note.is_empty() {
            eprintln!("baluardo-agent: {note}");
        }
        println!("ready");
    };
    runtime.block_on(guard(&places, Arc::new(SystemClock), Arc::new(SystemChance::new()), ready, stopped()))?;
    Ok(ExitCode::SUCCESS)
}

fn status(state: &Path, json: bool) -> anyhow::Result<ExitCode> {
    match StatusReport::of(&StateDir::existing(state), &SystemClock) {
        Ok(report) => {
            if json {
                println!("{}", serde_json::to_string(&report)?);
            } else {
                print!("{}", report.text());
            }
            Ok(if report.enrolled { ExitCode::SUCCESS } else { ExitCode::from(3) })
        }
        Err(error) => Ok(failed(&error, 1)),
    }
}

/// Says what failed and what to do about it.
fn failed<E: std::error::Error + Coded>(error: &E, code: u8) -> ExitCode {
    eprintln!("baluardo-agent: {error}");
    say_in_italian(error.code());
    ExitCode::from(code)
}

fn say_in_italian(code: &str) {
    let lang = ["LC_ALL", "LC_MESSAGES", "LANG"].iter().find_map(|name| std::env::var(name).ok()).unwrap_or_default();
    if words::is_italian(&lang)
        && let Some(text) = words::italian(code)
    {
        eprintln!("{text}");
    }
}

/// Ends when the operating system or the person at the keyboard asks the agent to stop.
async fn stopped() {
    match (signal(SignalKind::terminate()), signal(SignalKind::interrupt())) {
        (Ok(mut terminate), Ok(mut interrupt)) => {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
        }
        // Without signals of its own the agent is ended by the operating system, which loses nothing.
        _ => std::future::pending().await,
    }
}

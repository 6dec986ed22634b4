//! Carries out what the command line asks: puts the parts together, and tells how it ended.
//!
//! It stands in the library, not in the binary, because whoever drives an `async fn` compiles all that it awaits.

use crate::ambient::{SystemChance, SystemClock};
use crate::cli::{Cli, Command, GuardArgs, StatusReport, enrol_exit, rollback_text, run_exit};
use crate::config::Config;
use crate::desk::{Answer, Ask, Desk, ask};
use crate::duties::Duties;
use crate::duty::Duty;
use crate::evidence::{Wish, collect_to};
use crate::guard::{GuardPlaces, guard};
use crate::hunt::{Hunter, HunterSettings};
use crate::identity::enrol::enrol;
use crate::identity::saved::Identity;
use crate::identity::state_dir::StateDir;
use crate::integrity::{Checked, Places, SelfWatch, WatchSettings, note_program};
use crate::intrusion::{IntrusionSettings, IntrusionWatch};
use crate::inventory::{InventorySettings, InventoryWatch};
use crate::isolation::{Nftables, lift};
use crate::life::{self, Ended, Now};
use crate::lock::locked;
use crate::platform::gather::Root;
use crate::platform::notify::Notifier;
use crate::protect::{ProtectSettings, Protection};
use crate::report::Report;
use crate::run::run;
use crate::stop::{StopError, may_stop, prepare, unlock};
use crate::words::{self, Coded};
use anyhow::Context as _;
use baluardo_model::{Chance, Clock, EvidenceId, Timestamp};
use baluardo_wire::exchange::EventBody;
use std::path::Path;
use std::process::ExitCode;
use std::sync::{Arc, Mutex};
use tokio::signal::unix::{SignalKind, signal};

/// Does what `cli` asks; what failed is said on standard error, in Italian too where the reader's system is Italian.
#[must_use]
pub fn execute(cli: Cli) -> ExitCode {
    let done = match cli.command {
        Command::Enrol { state, server, token } => enrol_here(&state, server.as_deref(), &token),
        Command::Run { state } => run_here(&state),
        Command::Guard(args) => guard_here(&args),
        Command::Status { state, json } => status(&state, json),
        Command::Rejoin { state, code } => Ok(rejoin(&state, &code)),
        Command::Unlock { state, code } => Ok(unlock_here(&state, &code)),
        Command::MayStop { state } => Ok(may_stop_here(&state)),
        Command::Installed { state } => Ok(installed_here(&state)),
        Command::Evidence { state, out, reason, sealed } => Ok(evidence_here(&state, &out, reason, sealed)),
        Command::Rollback { state, folder, to, dry_run } => Ok(rollback(&state, &folder, &to, dry_run)),
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
    let life = Arc::new(Mutex::new(None));
    let begun = Arc::clone(&life);
    let start = move |report: Arc<dyn Report>, checked: Checked, identity: &Identity| {
        let (state_dir, clock, chance) = settings;
        let (server, identity) = (Some(identity.server.clone()), identity.clone());
        let Checked { policy, program, noted_at, .. } = checked;
        let config = Config::load(&StateDir::existing(&state_dir)).map_err(|e| e.to_string())?;
        let watch = IntrusionSettings {
            state_dir: state_dir.clone(),
            policy: policy.intrusion,
            log_files: config.log_files,
            clock: Arc::clone(&clock),
            chance: Arc::clone(&chance),
            report: Arc::clone(&report),
        };
        let inventory = InventorySettings {
            state_dir: state_dir.clone(),
            root: Root::system(),
            clock: Arc::clone(&clock),
            report: Arc::clone(&report),
        };
        let hunts = HunterSettings {
            state_dir: state_dir.clone(),
            root: Root::system(),
            clock: Arc::clone(&clock),
            report: Arc::clone(&report),
        };
        let guard = StateDir::existing(&state_dir);
        let told = (Arc::clone(&report), Arc::clone(&clock), Arc::clone(&chance));
        let protection = Protection::start(ProtectSettings {
            state_dir,
            policy,
            clock,
            chance,
            report,
            server,
            clamd: config.clamd,
        });
        let protection = protection.map_err(|e| e.to_string())?;
        *locked(&begun) = live_on(&guard, &*told.0, &*told.1, &*told.2, (&program, noted_at));
        let desk = Desk::open(&watch.state_dir, Arc::clone(&protection)).map_err(|e| e.to_string())?;
        let (intrusion, inventory) = (IntrusionWatch::start(watch), InventoryWatch::start(inventory));
        let hunter = Hunter::start(hunts);
        let alive = Arc::clone(&protection);
        let own = SelfWatch::start(WatchSettings {
            state: guard,
            places: Places::here(),
            identity,
            program,
            report: told.0,
            clock: told.1,
            chance: told.2,
            alive: Box::new(move || alive.is_alive()),
            notifier: Notifier::from_env(),
        });
        let own = own.map_err(|e| e.to_string())?;
        Ok(Arc::new(Duties { protection, intrusion, inventory, hunter, desk, own }) as Arc<dyn Duty>)
    };
    let folder = StateDir::existing(state);
    match run(&folder, Arc::clone(&clock), chance, Box::new(start), stopped()) {
        Ok(()) => {
            // Only as a service it is everybody's guard; one that somebody runs by hand is theirs to stop.
            let by_hand = std::env::var_os("INVOCATION_ID").is_none();
            let how = if by_hand || may_stop(&folder, &*clock) { Ended::Allowed } else { Ended::Asked };
            if let Some(Err(error)) = locked(&life).take().map(|life| life.end(how)) {
                tracing::warn!("{error}");
            }
            Ok(ExitCode::SUCCESS)
        }
        Err(error) => Ok(failed(&error, run_exit(&error))),
    }
}

/// Notes that a life begins, tells what became of the one before, and sees to the code that lets the agent go. What fails here is told
/// to the log: it keeps nobody from protecting.
fn live_on(
    state: &StateDir,
    report: &dyn Report,
    clock: &dyn Clock,
    chance: &dyn Chance,
    (program, noted_at): (&str, Timestamp),
) -> Option<Now> {
    if let Err(error) = prepare(state, report, chance) {
        tracing::warn!("{error}");
    }
    let (now, past) = match life::begin(state, clock, program, noted_at) {
        Ok(begun) => begun,
        Err(error) => {
            tracing::warn!("{error}");
            return None;
        }
    };
    if let Some(finding) = past.finding(clock.now(), chance)
        && let Err(error) = report.report(EventBody::Finding { finding: Box::new(finding) })
    {
        tracing::warn!("{error}");
    }
    Some(now)
}

fn unlock_here(state: &Path, code: &str) -> ExitCode {
    match unlock(&StateDir::existing(state), code, &SystemClock) {
        Ok(until) => {
            println!("The agent may be stopped and removed until {}.", until.rfc3339());
            say_in_italian("unlock.done");
            ExitCode::SUCCESS
        }
        Err(error) => failed(&error, 1),
    }
}

fn may_stop_here(state: &Path) -> ExitCode {
    if may_stop(&StateDir::existing(state), &SystemClock) {
        return ExitCode::SUCCESS;
    }
    failed(&StopError::Locked, 1)
}

/// Notes the program that was put there; the package says so.
fn installed_here(state: &Path) -> ExitCode {
    match note_program(&StateDir::existing(state), &Places::here(), &SystemClock) {
        Ok(Some(noted)) => {
            println!("This program belongs here from now on: version {noted}.");
            say_in_italian("installed.done");
            ExitCode::SUCCESS
        }
        Ok(None) => ExitCode::SUCCESS,
        Err(error) => failed(&error, 1),
    }
}

fn evidence_here(state: &Path, out: &Path, reason: String, sealed: bool) -> ExitCode {
    let id = EvidenceId::new(SystemClock.now(), &SystemChance::new());
    let wish = Wish { id, finding: None, by: "this computer".to_owned(), reason, sealed };
    match collect_to(&StateDir::existing(state), &SystemClock, &wish, out) {
        Ok(made) => {
            println!("{}: {} parts, {} bytes, SHA-256 {}", out.display(), made.members, made.size, made.sha256);
            ExitCode::SUCCESS
        }
        Err(error) => failed(&error, 1),
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

fn rejoin(state: &Path, code: &str) -> ExitCode {
    match lift(&StateDir::existing(state), code, &Nftables) {
        Ok(()) => {
            println!("This computer has its network back. The server is told by the agent.");
            say_in_italian("rejoin.done");
            ExitCode::SUCCESS
        }
        Err(error) => failed(&error, 1),
    }
}

fn rollback(state: &Path, folder: &Path, to: &str, dry_run: bool) -> ExitCode {
    let Some(moment) = Timestamp::read(to) else {
        eprintln!(
            "baluardo-agent: {to:?} is no time: write it as \"2026-11-22 14:30\" (time of Italy) or 2026-11-22T14:30:00+01:00"
        );
        return ExitCode::from(2);
    };
    // Seen from where it was typed; links are followed by the agent.
    let folder = std::path::absolute(folder).unwrap_or_else(|_| folder.to_path_buf());
    let wish = Ask::Rollback { folder: folder.to_string_lossy().into_owned(), to: moment, dry_run };
    match ask(&StateDir::existing(state), &wish, &SystemClock, &SystemChance::new()) {
        Ok(Answer::Rollback { rollback }) => {
            print!("{}", rollback_text(&rollback));
            ExitCode::from(u8::from(rollback.tally.stuck > 0 && !dry_run))
        }
        Ok(Answer::Refused { why }) => {
            eprintln!("baluardo-agent: {why}");
            say_in_italian("rollback.refused");
            ExitCode::FAILURE
        }
        Err(error) => failed(&error, 1),
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

//! From detection to the console: the demo, again and again, as root and as an ordinary user.

use crate::figures::Figures;
use crate::ordinary::{Programs, User};
use anyhow::Context as _;
use serde::Deserialize;
use std::process::Stdio;

/// How to measure.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// How often the demo is played by each user.
    #[arg(long, default_value_t = 20)]
    runs: usize,
}

/// The demo's last line.
#[derive(Debug, Deserialize)]
struct Outcome {
    malware_blocked: bool,
    ransomware_stopped: bool,
    files_touched: u64,
    files_lost: u64,
    detect_ms: Option<u64>,
    console_ms: Option<u64>,
}

/// Measures and prints; fails in the end when a demo did not hold, which a machine far too busy can do to a user who may
/// not hold files back.
pub(crate) async fn run(args: &Args) -> anyhow::Result<()> {
    let programs = Programs::copy()?;
    let mut figures = Figures::of("console");
    let mut failed = 0;
    for user in User::all() {
        for _ in 0..args.runs {
            let outcome = play(&programs, user).await?;
            if !(outcome.malware_blocked && outcome.ransomware_stopped && outcome.files_lost == 0) {
                println!("a demo {} did not hold: {outcome:?}", user.name());
                failed += 1;
            }
            note(&mut figures, user.name(), &outcome);
        }
    }
    figures.print();
    println!("each demo attacks four times; its times are those of the slowest of the four");
    anyhow::ensure!(failed == 0, "{failed} demos did not hold");
    Ok(())
}

fn note(figures: &mut Figures, name: &str, outcome: &Outcome) {
    for (what, millis) in [("first act to alarm", outcome.detect_ms), ("alarm to console", outcome.console_ms)] {
        if let Some(millis) = millis {
            figures.note(format!("{name}: {what}"), "ms", millis as f64);
        }
    }
    figures.note(format!("{name}: files touched"), "files", outcome.files_touched as f64);
    figures.note(format!("{name}: files lost"), "files", outcome.files_lost as f64);
}

async fn play(programs: &Programs, user: User) -> anyhow::Result<Outcome> {
    let mut command = programs.command("baluardo", user);
    let played = command.args(["demo", "--json"]).stdin(Stdio::null()).output().await?;
    let said = String::from_utf8_lossy(&played.stdout);
    let last = said.lines().last().unwrap_or_default();
    serde_json::from_str(last).with_context(|| {
        format!("the demo {} ended with {:?}: {}", user.name(), played.status, String::from_utf8_lossy(&played.stderr))
    })
}

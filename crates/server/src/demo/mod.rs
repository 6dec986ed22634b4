//! `baluardo demo`: a harmless attack, through the real parts, for a new user to watch.
//!
//! A server with its own database and authority, a comune that asks and is activated, the agent as a process of its own,
//! malware that is none (EICAR and a tagged script), and a ransomware simulator as a process of its own. What is printed
//! was measured from outside: files are compared byte by byte, and the console's knowledge is timed on a real HTTPS line.

mod attack;
mod console;
mod malware;
pub mod office;
mod scene;
mod snapshot;

use crate::cli::DemoArgs;
use attack::{Attack, STYLES};
use scene::Scene;
use serde::Serialize;
use std::process::ExitCode;

/// How many made-up documents the guarded folder holds.
const DOCUMENTS: usize = 60;

/// What the demo found, and its last line with `--json`.
#[derive(Clone, Debug, Serialize)]
struct Outcome {
    /// Both harmless "malware" files were kept from being read, and are in quarantine.
    malware_blocked: bool,
    /// Every simulated attack was stopped before it was through.
    ransomware_stopped: bool,
    /// Files that the attacks changed before they were stopped, all attacks together.
    files_touched: u64,
    /// Files that are not as they were, byte by byte.
    files_lost: u64,
    /// Longest time from an attack's first act to the alarm, in milliseconds; null when one raised no alarm.
    detect_ms: Option<u64>,
    /// Longest time from an alarm to the console's live line, in milliseconds; null when it was not told of one.
    console_ms: Option<u64>,
}

impl Outcome {
    const fn held(&self) -> bool {
        self.malware_blocked && self.ransomware_stopped && self.files_lost == 0
    }
}

/// Plays it. The exit code is 0 only if everything held.
///
/// # Errors
/// When the stage cannot be set; not when an attack gets through, which the outcome tells.
pub async fn run(args: &DemoArgs) -> anyhow::Result<ExitCode> {
    let mut scene = Scene::set(args).await?;
    let outcome = play(&mut scene).await;
    let kept = scene.close(args.keep).await;
    let outcome = outcome?;
    tell(&outcome);
    if let Some(folder) = kept {
        println!("La cartella resta / the folder stays: {}", folder.display());
    }
    if args.json {
        println!("{}", serde_json::to_string(&outcome)?);
    }
    Ok(if outcome.held() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn play(scene: &mut Scene) -> anyhow::Result<Outcome> {
    println!("1. Due file dannosi per finta (EICAR e uno script) / two make-believe malware files");
    let malware = malware::drop_files(scene).await?;
    println!(
        "   {}",
        if malware.blocked { "fermati, in quarantena / stopped, in quarantine" } else { "NON fermati / NOT stopped" }
    );
    malware.missed.iter().for_each(|missed| println!("   ! {missed}"));
    let mut attacks = Vec::new();
    for (number, style) in (2..).zip(STYLES) {
        println!("{number}. Un finto ransomware / make-believe ransomware: {style}");
        let attack = attack::launch(scene, style).await?;
        describe(&attack);
        attacks.push(attack);
    }
    Ok(Outcome {
        malware_blocked: malware.blocked,
        ransomware_stopped: attacks.iter().all(|attack| attack.stopped),
        files_touched: attacks.iter().map(|attack| attack.touched).sum(),
        files_lost: attacks.iter().map(|attack| attack.lost).sum(),
        detect_ms: longest(attacks.iter().map(|attack| attack.detect_ms)),
        console_ms: longest(attacks.iter().map(|attack| attack.console_ms)),
    })
}

fn describe(attack: &Attack) {
    let end = if attack.stopped { "fermato / stopped" } else { "NON fermato / NOT stopped" };
    println!(
        "   {end}; file toccati / touched: {}; perduti / lost: {}; allarme / alarm: {}; console: {}",
        attack.touched,
        attack.lost,
        in_words(attack.detect_ms),
        in_words(attack.console_ms)
    );
    attack.missed.iter().for_each(|missed| println!("   ! {missed}"));
}

fn in_words(millis: Option<u64>) -> String {
    millis.map_or_else(|| "mai / never".to_owned(), |millis| format!("{millis} ms"))
}

/// The longest of all times; none when one of them never came.
fn longest(times: impl Iterator<Item = Option<u64>>) -> Option<u64> {
    times.collect::<Option<Vec<u64>>>()?.into_iter().max()
}

fn tell(outcome: &Outcome) {
    println!();
    if outcome.held() {
        println!("Tutto ha retto: nessun file è andato perduto. / Everything held: no file was lost.");
    } else {
        println!("Qualcosa non ha retto: leggete sopra. / Something did not hold: read above.");
    }
}

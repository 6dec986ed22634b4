//! Honest files held against our own rules and models: whatever `baluardo scan` finds in them is a false alarm.

use anyhow::{Context as _, ensure};
use baluardo_server::demo::office;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// How to measure.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Folders of honest files, such as /usr of a fresh Debian and the packages of Python and Node.
    #[arg(default_value = "/usr")]
    folders: Vec<PathBuf>,
    /// Office files of our own making to scan beside them.
    #[arg(long, default_value_t = 500)]
    documents: usize,
}

/// A line of `baluardo scan --json`.
#[derive(Debug, Deserialize)]
struct Line {
    path: String,
    verdict: String,
    findings: Vec<Found>,
}

#[derive(Debug, Deserialize)]
struct Found {
    engine: String,
    name: String,
    reasons: Vec<String>,
}

/// Counts and prints; each false alarm with its reasons.
///
/// # Errors
/// When there is a false alarm, or the scan fails.
pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    let made = tempfile::Builder::new().prefix("baluardo-honest-").tempdir()?;
    office::fill(made.path(), args.documents)?;
    let own = std::env::current_exe()?.with_file_name("baluardo");
    let mut scan = Command::new(&own);
    scan.args(["scan", "--json"]).args(&args.folders).arg(made.path()).stdout(Stdio::piped());
    let mut child = scan.spawn().with_context(|| format!("{} could not be started", own.display()))?;
    let lines = BufReader::new(child.stdout.take().context("the scan has no voice")?).lines();
    let mut verdicts: BTreeMap<String, u64> = BTreeMap::new();
    for line in lines {
        let line: Line = serde_json::from_str(&line?).context("the scan said what is no line of a verdict")?;
        if !matches!(line.verdict.as_str(), "clean" | "error") {
            println!("false alarm: {} is said to be {}", line.path, line.verdict);
            for found in &line.findings {
                println!("    {} {}: {}", found.engine, found.name, found.reasons.join("; "));
            }
        }
        *verdicts.entry(line.verdict).or_default() += 1;
    }
    child.wait()?;
    let of = |verdict: &str| verdicts.get(verdict).copied().unwrap_or(0);
    let all: u64 = verdicts.values().sum();
    let alarms = all - of("clean") - of("error");
    println!(
        "{all} files and what they hold, {} documents of our own among them: {alarms} false alarms, {} could not be read",
        args.documents,
        of("error")
    );
    ensure!(all > args.documents as u64, "nothing was scanned beside our own documents");
    ensure!(alarms == 0, "{alarms} honest files were taken for something else");
    Ok(())
}

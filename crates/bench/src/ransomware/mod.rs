//! The ransomware guard against attacks and honest work of our own writing: each actor meets fresh made-up documents, a
//! fresh guard (the real `baluardo-agent guard`), and is judged by what lies in the folder afterwards.

pub(crate) mod act;
mod actors;
mod figures;
mod scene;
mod table;

use actors::{ATTACKS, Actor, HONEST};
use anyhow::{Context as _, ensure};
use scene::{Outcome, Scene};
use std::path::PathBuf;
use table::Table;

/// How to measure.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Folder for the scenes; on the file system that is to be measured.
    #[arg(long, default_value = "/var/tmp")]
    folder: PathBuf,
    /// Only actors whose name contains one of these.
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
    /// Made-up documents for each actor.
    #[arg(long, default_value_t = 96)]
    documents: usize,
    /// How often each actor comes.
    #[arg(long, default_value_t = 1)]
    runs: usize,
    /// Attack as root instead of as the user nobody.
    #[arg(long)]
    as_root: bool,
    /// Take the guard's baits away first: attackers that know them are found by what they do alone.
    #[arg(long)]
    without_baits: bool,
    /// Print what the guard said of each actor.
    #[arg(long)]
    verbose: bool,
}

/// Measures and prints.
///
/// # Errors
/// When a scene cannot be set, or when an attack was not stopped, a file lost or honest work disturbed.
pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    let mut table = Table::default();
    for _ in 0..args.runs {
        for (actor, attacks) in ATTACKS.iter().map(|it| (it, true)).chain(HONEST.iter().map(|it| (it, false))) {
            if !args.only.is_empty() && !args.only.iter().any(|part| actor.name.contains(part.as_str())) {
                continue;
            }
            if let Some(tool) = actor.tools.iter().find(|tool| !is_here(tool)) {
                table.skipped(actor, tool);
                continue;
            }
            let outcome = play(args, actor).with_context(|| format!("the scene {} could not be played", actor.name))?;
            table.note(actor, attacks, &outcome);
        }
    }
    table.print();
    ensure!(table.holds(), "not every attack was stopped without loss, or honest work was disturbed");
    Ok(())
}

fn play(args: &Args, actor: &Actor) -> anyhow::Result<Outcome> {
    let scene = Scene::set(&args.folder, args.documents, args.as_root, args.without_baits)?;
    let outcome = scene.play(actor)?;
    if args.verbose {
        println!("{}", scene.said());
    }
    Ok(outcome)
}

fn is_here(tool: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(tool).is_file())
}

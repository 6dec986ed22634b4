//! The agent dies while it puts back what an attack destroyed; its next life goes on where it ended.

use crate::stage::dice::Dice;
use crate::stage::{Stage, names_in, until, until_or};
use baluardo_server::demo::office;
use baluardo_server::simulate::MARKER;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Bytes that a line of the vault's index has at the least, and how long it is quiet when all is kept.
const LINE: u64 = 64;
const SETTLED: std::time::Duration = std::time::Duration::from_secs(1);

/// Documents of the office, and attacks on them.
const DOCUMENTS: usize = 60;
const ATTACKS: u64 = 4;

fn bytes_of(files: &[PathBuf]) -> BTreeMap<PathBuf, Option<Vec<u8>>> {
    files.iter().map(|path| (path.clone(), std::fs::read(path).ok())).collect()
}

/// When the agent last spoke with the server.
fn contact(stage: &Stage) -> Value {
    stage.agent_status()["last_contact"].clone()
}

/// Waits until the agent has a copy of every document. Nobody else may open its vault, but the length of the index, which
/// has a line for each copy, can be seen: it is long enough for all of them, and grows no more.
fn wait_for_copies(index: &Path, documents: u64) {
    let length = || std::fs::metadata(index).map_or(0, |meta| meta.len());
    let (mut last, mut since) = (0, std::time::Instant::now());
    until("the vault is filled", || {
        let now = length();
        if now != last {
            (last, since) = (now, std::time::Instant::now());
        }
        now >= documents * LINE && since.elapsed() > SETTLED
    });
}

/// What is not as it was, for whoever reads that the wait was in vain.
fn amiss(stage: &Stage, before: &BTreeMap<PathBuf, Option<Vec<u8>>>) -> String {
    let now = |path: &PathBuf| std::fs::read(path).ok();
    let mut told = String::new();
    for (path, was) in before.iter().filter(|(path, was)| now(path) != **was) {
        let is = now(path).map_or("gone".to_owned(), |bytes| format!("{} bytes", bytes.len()));
        let was = was.as_ref().map_or(0, Vec::len);
        told += &format!("{}: {is}, was {was} bytes\n", path.display());
    }
    let plans = stage.root.join("agent/restores");
    for name in names_in(&plans, "") {
        let text = std::fs::read_to_string(plans.join(&name)).unwrap_or_default();
        told += &format!("plan {name}: {}\n", text.chars().take(2_000).collect::<String>());
    }
    told + &format!("in the folder: {:?}\n", names_in(&stage.documents, ""))
}

#[test]
fn an_agent_that_dies_while_it_restores_goes_on_in_its_next_life() {
    let mut dice = Dice::from_environment();
    let mut stage = Stage::set();
    let files = office::fill(&stage.documents, DOCUMENTS).unwrap();
    std::fs::write(stage.documents.join(MARKER), "").unwrap();
    let before = bytes_of(&files);
    stage.start_server();
    stage.enrol(&stage.root.join("agent"), stage.comune);
    let mut spoke = contact(&stage);
    stage.agent.start();
    let plans = stage.root.join("agent/restores");
    let plans_now = || if plans.exists() { names_in(&plans, "") } else { BTreeSet::new() };
    for attack in 1..=ATTACKS {
        // An agent that speaks watches already; the server calls it guarded only with the next exchange, a minute later.
        until("the agent speaks", || contact(&stage) != spoke);
        // The agent says so itself only with its next exchange, a minute later.
        wait_for_copies(&stage.root.join("agent/vault/index"), DOCUMENTS as u64);
        let known = plans_now();
        let styles = ["in-place", "rename"];
        let style = styles[usize::try_from(attack).unwrap() % styles.len()];
        let mut attacker = Command::new(env!("CARGO_BIN_EXE_baluardo"))
            .args(["simulate", "--style", style, "--folder"])
            .arg(&stage.documents)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        until("the agent has found the attacker out", || plans_now().len() > known.len());
        dice.rest(500);
        stage.agent.kill();
        spoke = contact(&stage);
        // Whatever the attacker still could, it ends here, and no agent sees it.
        let _ = attacker.kill();
        attacker.wait().unwrap();
        stage.agent.start();
        until_or("every document is back", || bytes_of(&files) == before, || amiss(&stage, &before));
    }
    let kinds =
        |kind: &str| stage.api("GET", &format!("/findings?kind={kind}"))["findings"].as_array().unwrap().clone();
    until("each attack is told", || kinds("ransomware").len() as u64 >= ATTACKS);
    let told: Vec<Value> = kinds("ransomware");
    assert!(told.iter().all(|finding| finding["outcome"]["files_lost"] == 0), "{told:#?}");
    // Its own baits come last, and may still be on their way.
    until("no half-written copy stays", || names_in(&stage.documents, ".baluardo-0").is_empty());
}

//! The agent dies while it puts back what an attack destroyed; its next life goes on where it ended.

use crate::stage::dice::Dice;
use crate::stage::{Stage, names_in, until};
use baluardo_server::demo::office;
use baluardo_server::simulate::MARKER;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// Documents of the office, and attacks on them.
const DOCUMENTS: usize = 60;
const ATTACKS: u64 = 4;

fn bytes_of(files: &[PathBuf]) -> BTreeMap<PathBuf, Option<Vec<u8>>> {
    files.iter().map(|path| (path.clone(), std::fs::read(path).ok())).collect()
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
    stage.agent.start();
    let plans = stage.root.join("agent/restores");
    for attack in 1..=ATTACKS {
        stage.wait_for_guard();
        until("the vault is filled", || {
            stage.agent_status()["coverage_note"].as_str().is_some_and(|note| !note.contains("being filled"))
        });
        let styles = ["in-place", "rename"];
        let style = styles[usize::try_from(attack).unwrap() % styles.len()];
        let mut attacker = Command::new(env!("CARGO_BIN_EXE_baluardo"))
            .args(["simulate", "--style", style, "--folder"])
            .arg(&stage.documents)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        until("the agent has found the attacker out", || plans.exists() && names_in(&plans, "").len() as u64 == attack);
        dice.rest(500);
        stage.agent.kill();
        // Whatever the attacker still could, it ends here, and no agent sees it.
        let _ = attacker.kill();
        attacker.wait().unwrap();
        stage.agent.start();
        until("every document is back", || bytes_of(&files) == before);
    }
    let kinds =
        |kind: &str| stage.api("GET", &format!("/findings?kind={kind}"))["findings"].as_array().unwrap().clone();
    until("each attack is told", || kinds("ransomware").len() as u64 == ATTACKS);
    let told: Vec<Value> = kinds("ransomware");
    assert!(told.iter().all(|finding| finding["outcome"]["files_lost"] == 0), "{told:#?}");
    assert!(names_in(&stage.documents, ".baluardo-0").is_empty(), "no half-written copy stays");
}

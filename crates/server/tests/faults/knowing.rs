//! The real agent tells the real server what its computer is made of, vulnerabilities are imported from a file, and a hunt
//! finds a file, also on a computer that was off when it was asked for.

use crate::stage::{Stage, text, until};
use serde_json::{Value, json};
use std::process::Command;

fn device(stage: &Stage) -> String {
    stage.api("GET", "/devices")[0]["id"].as_str().unwrap().to_owned()
}

fn admin(stage: &Stage, from: &str) -> (bool, String) {
    let state = stage.root.join("server");
    let args = ["admin", "--state", text(&state), "vulnerabilities", "import", from];
    let done = Command::new(env!("CARGO_BIN_EXE_baluardo")).args(args).output().unwrap();
    (done.status.success(), String::from_utf8_lossy(&[done.stdout, done.stderr].concat()).into_owned())
}

#[test]
fn a_computer_tells_what_it_is_made_of_and_its_flaws_are_known() {
    let stage = Stage::ready();
    let path = format!("/devices/{}/inventory", device(&stage));
    until("the inventory is told", || !stage.api("GET", &path)["taken_at"].is_null());
    let told = stage.api("GET", &path);
    let accounts = told["inventory"]["accounts"].as_array().unwrap();
    assert!(accounts.iter().any(|account| account["uid"] == json!(0)), "{accounts:?}");
    assert_eq!(told["feeds"], json!([]));
    let first = told["taken_at"].clone();
    stage.post(&path, &json!({}));
    until("it is told again by order", || stage.api("GET", &path)["taken_at"] != first);

    // Whether this machine is a Debian or not, the import itself tells what it did.
    let release = json!({ "status": "open", "urgency": "high" });
    let packages = told["inventory"]["packages"].as_array().unwrap();
    let source = packages.first().and_then(|one| one["source"].as_str()).unwrap_or("bash").to_owned();
    let releases: serde_json::Map<String, Value> =
        ["bullseye", "bookworm", "trixie", "forky"].iter().map(|name| ((*name).to_owned(), release.clone())).collect();
    let tracker = json!({ source.clone(): { "CVE-2026-10001": { "description": "made up", "releases": releases } } });
    let file = stage.root.join("tracker.json");
    std::fs::write(&file, tracker.to_string()).unwrap();
    let (good, words) = admin(&stage, text(&file));
    assert!(good && words.contains("4 entries read, 4 kept"), "{words}");
    let known = stage.api("GET", "/vulnerabilities");
    assert_eq!(known["feeds"][0]["feed"], json!("debian"));
    let is_debian = told["release"].as_str().unwrap().starts_with("debian:");
    if is_debian && !packages.is_empty() {
        let found = &known["vulnerabilities"][0];
        assert_eq!(
            (&found["id"], &found["source"], &found["devices"]),
            (&json!("CVE-2026-10001"), &json!(source), &json!(1))
        );
    }
    std::fs::write(&file, "<html>").unwrap();
    let (good, words) = admin(&stage, text(&file));
    assert!(!good && words.contains("what was imported before stays"), "{words}");
    assert_eq!(stage.api("GET", "/vulnerabilities"), known);
}

#[test]
fn a_hunt_finds_a_file_and_waits_for_a_computer_that_is_off() {
    let mut stage = Stage::ready();
    std::fs::write(stage.documents.join("zanzibar-1.txt"), "the mark").unwrap();
    let new = |pattern: &str| {
        json!({
            "quarry": { "kind": "file_name", "pattern": pattern }, "folders": [text(&stage.documents)], "reason": "prova",
        })
    };
    let (now, later) = (new("zanzibar-*"), new("ZANZIBAR-?.txt"));
    let hunt = |stage: &Stage, new: &Value| {
        let made = stage.post("/hunts", new);
        format!("/hunts/{}", made["hunt"].as_str().unwrap())
    };
    let first = hunt(&stage, &now);
    until("the hunt is over", || stage.api("GET", &first)["on"][0]["state"] == json!("done"));
    let seen = stage.api("GET", &first);
    assert_eq!(seen["found"].as_array().unwrap().len(), 1, "{seen:#}");
    assert!(seen["found"][0]["what"].as_str().unwrap().ends_with("zanzibar-1.txt"));
    assert!(seen["on"][0]["checked"].as_u64().unwrap() >= 1);

    stage.agent.kill();
    let second = hunt(&stage, &later);
    assert_eq!(stage.api("GET", &second)["on"][0]["state"], json!("waiting"));
    stage.agent.start();
    until("the computer that was off looks too", || stage.api("GET", &second)["on"][0]["state"] == json!("done"));
    assert_eq!(stage.api("GET", &second)["hits"], json!(1));
    let log = stage.api("GET", "/audit");
    assert!(log.to_string().contains("zanzibar-*"), "what was looked for stands in the log");
}

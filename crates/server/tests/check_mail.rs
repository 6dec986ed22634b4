//! `baluardo mail check` as somebody types it.

use std::io::Write as _;
use std::process::{Command, Output, Stdio};

const GOOD: &str = "From: Anna Bianchi <anna.bianchi@comune.prova.it>\nTo: protocollo@comune.prova.it\nSubject: Verbale di ieri\n\nCiao Carla, ti mando il verbale della riunione di ieri.\n";
const BAD: &str = "From: Verifica <info@verifica-utente.example>\nTo: ufficio@comune.prova.it\nSubject: Conferma\n\nPremi il tasto Windows + R, poi Ctrl + V e premi Invio.\n";

fn check(arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_baluardo"))
        .args(["mail", "check"])
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

#[test]
fn a_good_message_from_standard_input_ends_with_nought() {
    let output = check(&["--json", "-"], GOOD);
    let line: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        (line["path"].as_str(), line["verdict"].as_str(), line["class"].as_str()),
        (Some("-"), Some("deliver"), Some("legitimate"))
    );
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn a_folder_and_a_mailbox_are_read_message_by_message() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.eml"), GOOD).unwrap();
    let stamp = "From x@y.it Mon Jan  1 00:00:00 2024\n";
    std::fs::write(folder.path().join("b.mbox"), format!("{stamp}{GOOD}\n{stamp}{BAD}\n")).unwrap();
    let output = check(&["--json", "--lang", "en", folder.path().to_str().unwrap()], "");
    let lines: Vec<serde_json::Value> =
        String::from_utf8(output.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 3);
    assert_eq!(lines[2]["verdict"], "quarantine");
    assert_eq!(lines[2]["class"], "malware");
    assert!(lines[2]["path"].as_str().unwrap().ends_with("b.mbox#2"));
    assert!(lines[2]["reasons"][0]["text"].as_str().unwrap().contains("paste a command"));
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn what_is_missing_is_named_and_the_rest_is_judged() {
    let folder = tempfile::tempdir().unwrap();
    let good = folder.path().join("a.eml");
    std::fs::write(&good, GOOD).unwrap();
    let output = check(&[folder.path().join("none").to_str().unwrap(), good.to_str().unwrap()], "");
    assert!(String::from_utf8_lossy(&output.stderr).contains("none cannot be read"));
    assert!(String::from_utf8_lossy(&output.stdout).contains("1 messaggio\n"));
    assert_eq!(output.status.code(), Some(2));
}

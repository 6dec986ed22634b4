//! The demo that a new user watches, on the real programs: whatever the load of the machine, no file is lost.

use serde_json::Value;
use std::path::Path;
use std::process::Command;

/// Plays the demo in `folder` and answers with the line that it ends with.
fn play(folder: &Path) -> (bool, Value) {
    let output = Command::new(env!("CARGO_BIN_EXE_baluardo"))
        .args(["demo", "--json", "--dir"])
        .arg(folder)
        .output()
        .expect("the demo starts");
    let said = String::from_utf8(output.stdout).expect("the demo writes UTF-8");
    let line = said.lines().last().unwrap_or_else(|| panic!("{}", String::from_utf8_lossy(&output.stderr)));
    let outcome = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error} in {said}"));
    (output.status.success(), outcome)
}

#[test]
fn the_demo_stops_the_malware_and_loses_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let (held, outcome) = play(folder.path());
    assert_eq!(outcome["malware_blocked"], true, "{outcome}");
    assert_eq!(outcome["files_lost"], 0, "{outcome}");
    assert!(outcome["files_touched"].as_u64().is_some_and(|touched| touched > 0), "nothing was attacked: {outcome}");
    // Without the kernel's gate a fast attack may end by itself on a busy machine before it is stopped; the exit code
    // must say so.
    assert_eq!(held, outcome["ransomware_stopped"] == true, "{outcome}");
}

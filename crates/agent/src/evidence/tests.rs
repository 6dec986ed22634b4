//! A package as tar itself reads it, and what becomes of it.

use super::*;
use crate::vault::testing::HandClock;
use std::process::Command;

fn wish() -> Wish {
    Wish {
        id: EvidenceId("00000000-0000-7000-8000-0000000000e1".parse().unwrap()),
        finding: None,
        by: "Maria Rossi".to_owned(),
        reason: "prova".to_owned(),
        sealed: true,
    }
}

#[test]
fn tar_reads_the_package_and_every_digest_of_its_manifest_is_right() {
    let dir = tempfile::tempdir().unwrap();
    let state = StateDir::open(&dir.path().join("state")).unwrap();
    std::fs::create_dir_all(state.file("quarantine")).unwrap();
    let held = "quarantine/00000000-0000-7000-8000-0000000000a1.sealed";
    std::fs::write(state.file(held), b"sealed bytes").unwrap();
    std::fs::write(state.file("quarantine/..\n.sealed"), b"a hostile name").unwrap();
    let clock = HandClock::at(1_795_339_800_000_000);

    let evidence = collect(&state, &clock, &wish()).unwrap();
    assert_eq!(collect(&state, &clock, &wish()).unwrap(), evidence, "it is made once");
    assert_eq!(waiting(&state), std::slice::from_ref(&evidence));
    let out = dir.path().join("out");
    std::fs::create_dir(&out).unwrap();
    let file = package(&state, evidence.id);
    let whole = std::fs::read(&file).unwrap();
    assert_eq!((crate::vault::seal::sha256_hex(&whole), whole.len() as u64), (evidence.sha256, evidence.size));
    let done = Command::new("tar").arg("-xzf").arg(&file).arg("-C").arg(&out).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let manifest: serde_json::Value =
        serde_json::from_slice(&std::fs::read(out.join("manifest.json")).unwrap()).unwrap();
    assert_eq!((&manifest["ordered_by"], &manifest["reason"]), (&"Maria Rossi".into(), &"prova".into()));
    let parts = manifest["parts"].as_array().unwrap();
    assert_eq!(parts.len() as u64 + 1, evidence.members);
    for part in parts {
        let bytes = std::fs::read(out.join(part["name"].as_str().unwrap())).unwrap();
        assert_eq!(crate::vault::seal::sha256_hex(&bytes), part["sha256"].as_str().unwrap(), "{part}");
    }
    let processes = std::fs::read_to_string(out.join("processes.jsonl")).unwrap();
    assert!(processes.contains(&format!("\"pid\":{}", std::process::id())));
    assert_eq!(std::fs::read(out.join(held)).unwrap(), b"sealed bytes");
    assert_eq!(std::fs::read_dir(out.join("quarantine")).unwrap().count(), 2, "the index and what is held");
    forget(&state, evidence.id);
    assert!(waiting(&state).is_empty() && !file.exists());
}

#[test]
fn a_package_for_somebody_here_replaces_no_file() {
    let dir = tempfile::tempdir().unwrap();
    let state = StateDir::open(&dir.path().join("state")).unwrap();
    let out = dir.path().join("taken");
    std::fs::write(&out, b"mine").unwrap();
    assert!(collect_to(&state, &HandClock::at(1), &wish(), &out).is_err());
    assert_eq!(std::fs::read(&out).unwrap(), b"mine");
}

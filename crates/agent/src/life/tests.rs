//! Lives that end well, are killed, stopped or forged.

use super::*;
use crate::vault::testing::{HandClock, Lcg, act_folder, dies_at};

/// When the program was noted.
const NOTED: Timestamp = Timestamp::from_micros(500);

fn state() -> (tempfile::TempDir, StateDir) {
    let dir = tempfile::tempdir().unwrap();
    let state = StateDir::open(dir.path()).unwrap();
    state.write("vault.key", &[7; 32]).unwrap();
    (dir, state)
}

fn start(state: &StateDir, at: i64) -> (Now, Past) {
    begin(state, &HandClock::at(at), "0a", NOTED).unwrap()
}

#[test]
#[ignore = "runs as the child of the test below, which kills it"]
fn act_live() {
    let Some(folder) = act_folder() else { return };
    let _now = start(&StateDir::existing(&folder), 1_000);
    crate::vault::crash::point();
}

#[test]
fn a_life_that_was_killed_is_told_once_and_one_that_was_allowed_to_end_is_not() {
    let (dir, state) = state();
    assert!(dies_at("life::tests::act_live", dir.path(), 0));
    let (now, past) = start(&state, 2_000);
    let Past::Killed { began, pid } = past.clone() else { panic!("{past:?}") };
    assert!(began == Timestamp::from_micros(1_000) && pid != std::process::id());
    let finding = past.finding(Timestamp::from_micros(2_000), &Lcg::new(1)).unwrap();
    assert_eq!((finding.kind.code(), finding.techniques.as_slice()), ("tampering", &["T1562.001".to_owned()][..]));
    now.end(Ended::Allowed).unwrap();
    let (now, past) = start(&state, 3_000);
    assert_eq!((past.clone(), past.finding(Timestamp::from_micros(1), &Lcg::new(1))), (Past::Well, None));
    now.end(Ended::Asked).unwrap();
    assert_eq!(start(&state, 4_000).1, Past::Stopped { began: Timestamp::from_micros(3_000) });
}

#[test]
fn a_power_cut_and_a_package_are_no_tampering() {
    let (_dir, state) = state();
    let (now, first) = start(&state, 1_000);
    assert_eq!(first, Past::First);
    let past = |noted: i64, change: &dyn Fn(&mut Life)| {
        let mut before = now.life.clone();
        change(&mut before);
        judge(&before, &now.life, Timestamp::from_micros(noted))
    };
    assert_eq!(past(500, &|life| life.boot = "another start".to_owned()), Past::Well);
    assert_eq!(past(500, &|life| life.version = "0.0.1".to_owned()), Past::Well);
    assert_eq!(past(500, &|life| life.program = "0b".to_owned()), Past::Well);
    assert_eq!(past(1_001, &|life| life.ended = Some(Ended::Asked)), Past::Well, "the same package again");
    assert!(matches!(past(500, &|life| life.ended = Some(Ended::Asked)), Past::Stopped { .. }));
    assert!(matches!(past(500, &|_| ()), Past::Killed { .. }));
}

#[test]
fn a_life_of_a_version_without_records_is_read_and_one_with_a_record_remembers_it() {
    let (_dir, state) = state();
    let old = r#"{"boot":"b","began":"@","pid":1,"version":"0.0.1","program":"","ended":null}"#;
    let began = serde_json::to_string(&Timestamp::from_micros(1_000)).unwrap();
    let old = old.replace("\"@\"", &began);
    let life: Life = serde_json::from_str(&old).unwrap();
    assert_eq!(serde_json::to_string(&life).unwrap(), old, "its seal holds");
    assert!(!knew_record(&state) && is_whole(&state));
    drop(start(&state, 2_000));
    assert!(knew_record(&state) && is_whole(&state));
}

#[test]
fn what_somebody_else_wrote_into_the_record_is_seen() {
    let (_dir, state) = state();
    drop(start(&state, 1_000));
    let text = state.read(FILE).unwrap().unwrap();
    state.write(FILE, text.replace("\"ended\": null", "\"ended\": \"allowed\"").as_bytes()).unwrap();
    assert!(!is_whole(&state));
    assert_eq!(start(&state, 2_000).1, Past::Forged);
    state.write(FILE, b"{").unwrap();
    assert_eq!(start(&state, 3_000).1, Past::Forged);
}

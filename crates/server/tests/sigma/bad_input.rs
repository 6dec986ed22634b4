//! Rules and events that cannot be used are named, with the remedy, and the rest is used.

use crate::stage::{RULE, put, sigma, start};
use std::path::Path;

fn with_rule(dir: &Path, events: &Path) -> crate::stage::Ran {
    let rules = put(dir, "rules/a.yml", RULE);
    sigma(["match", "--json", "--rules", rules.to_str().unwrap(), events.to_str().unwrap()])
}

#[test]
fn rules_that_fail_are_named_and_the_check_ends_with_1_or_2() {
    let dir = tempfile::tempdir().unwrap();
    put(dir.path(), "some/good.yml", RULE);
    put(dir.path(), "some/condition.yml", RULE.replace("condition: selection", "condition: nowhere"));
    put(dir.path(), "some/text.yml", "title: [");
    put(dir.path(), "some/latin.yml", b"title: \xE8");
    let some = sigma(["check", dir.path().join("some").to_str().unwrap()]);
    assert_eq!(some.code, 1);
    assert!(some.out.contains("4 rule files: 1 rules and 0 correlations compiled, 3 left out"), "{}", some.out);
    for expected in ["names `nowhere`", "text.yml: *: this is not YAML", "latin.yml: *: it is not UTF-8"] {
        assert!(some.out.contains(expected), "{expected} in {}", some.out);
    }
    let none = put(dir.path(), "none/text.yml", "title: [");
    assert_eq!(sigma(["check", none.to_str().unwrap()]).code, 2);
    let nowhere = sigma(["check", dir.path().join("nowhere").to_str().unwrap()]);
    assert_eq!(nowhere.code, 2);
    assert!(nowhere.err.contains("nowhere cannot be reached"), "{}", nowhere.err);
}

#[test]
fn a_bad_line_is_named_and_the_others_are_read() {
    let dir = tempfile::tempdir().unwrap();
    let whoami = start(r"C:\x\whoami.exe");
    let events = put(dir.path(), "e.jsonl", format!("{whoami}no json\n[1]\n\n{whoami}"));
    let ran = with_rule(dir.path(), &events);
    assert_eq!((ran.code, ran.lines().len()), (2, 2), "{}", ran.err);
    assert!(ran.err.contains("event 2: this line is not JSON"), "{}", ran.err);
    assert!(ran.err.contains("event 3: this is JSON, but no event"), "{}", ran.err);
}

#[test]
fn files_of_no_known_form_are_refused_before_anything_is_read() {
    let dir = tempfile::tempdir().unwrap();
    let text = put(dir.path(), "auth.log", "x");
    let ran = with_rule(dir.path(), &text);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("auth.log ends in none of .evtx, .json and .jsonl"), "{}", ran.err);
    let empty = dir.path().join("empty");
    std::fs::create_dir(&empty).unwrap();
    assert!(with_rule(dir.path(), &empty).err.contains("has no file that ends in .evtx"));
    let broken = put(dir.path(), "e.json", "{\"a\":");
    assert!(with_rule(dir.path(), &broken).err.contains("this is not JSON"));
    let wrong = put(dir.path(), "e.evtx", [0_u8; 5000]);
    let ran = with_rule(dir.path(), &wrong);
    assert!(ran.code == 2 && ran.err.contains("this is no Windows event log"), "{}", ran.err);
}

#[test]
fn a_source_that_cannot_be_read_and_rules_that_all_fail_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let events = put(dir.path(), "e.jsonl", start("x"));
    let rules = put(dir.path(), "a.yml", "title: [");
    let arguments = ["match", "--rules", rules.to_str().unwrap(), events.to_str().unwrap()];
    let ran = sigma(arguments);
    assert!(ran.code == 2 && ran.err.contains("none of the rules given with --rules can be used"), "{}", ran.err);
    let ran = sigma(arguments.iter().chain(&["--source", "linux"]));
    assert!(ran.code == 2 && ran.err.contains("`linux` is none of product="), "{}", ran.err);
}

//! What is found, and how it is told.

use crate::stage::{RULE, put, sigma, speaking, start};

const WHOAMI: &str = r"C:\Windows\System32\whoami.exe";
const OTHER: &str = r"C:\Windows\System32\notepad.exe";

#[test]
fn a_match_is_a_line_of_json_with_where_when_and_why() {
    let dir = tempfile::tempdir().unwrap();
    let rules = put(dir.path(), "rules/a.yml", RULE);
    let events = put(dir.path(), "events.jsonl", [start(OTHER), start(WHOAMI)].concat());
    let ran = sigma(["match", "--json", "--rules", rules.to_str().unwrap(), events.to_str().unwrap()]);
    assert_eq!((ran.code, ran.err.as_str()), (1, ""));
    let lines = ran.lines();
    assert_eq!(lines.len(), 1);
    let line = &lines[0];
    assert!(line["path"].as_str().unwrap().ends_with("events.jsonl"));
    assert_eq!((line["event"].as_u64(), line["at"].as_str()), (Some(2), Some("2026-01-02T03:04:05.123Z")));
    assert_eq!(line["rule"]["id"], "11111111-2222-3333-4444-555555555555");
    assert_eq!((&line["rule"]["level"], &line["rule"]["tags"][0]), (&"high".into(), &"attack.t1033".into()));
    assert_eq!(line["fields"]["Image"], WHOAMI);
}

#[test]
fn people_are_told_in_their_language_with_a_summary() {
    let dir = tempfile::tempdir().unwrap();
    let rules = put(dir.path(), "a.yml", RULE);
    let events = put(dir.path(), "e.json", format!("[{},{}]", start(WHOAMI), start(OTHER)));
    let arguments = ["match", "--rules", rules.to_str().unwrap(), events.to_str().unwrap()];
    let english = sigma(arguments);
    assert!(english.out.contains("HIGH Somebody asks who he is [T1033]"), "{}", english.out);
    assert!(english.out.contains("2 events of 1 files"), "{}", english.out);
    let italian = speaking("it_IT.UTF-8", arguments);
    assert!(italian.out.contains("HIGH Qualcuno chiede chi è [T1033]"), "{}", italian.out);
    assert!(italian.out.contains("2 eventi di 1 file"), "{}", italian.out);
}

#[test]
fn nothing_found_is_0() {
    let dir = tempfile::tempdir().unwrap();
    let rules = put(dir.path(), "a.yml", RULE);
    let events = put(dir.path(), "e.jsonl", start(OTHER));
    let ran = sigma(["match", "--json", "--rules", rules.to_str().unwrap(), events.to_str().unwrap()]);
    assert_eq!((ran.code, ran.out.as_str(), ran.err.as_str()), (0, "", ""));
}

#[test]
fn without_rules_those_that_every_agent_carries_are_used() {
    let dir = tempfile::tempdir().unwrap();
    let line = |second: u64| {
        let message = "Failed password for anna from 203.0.113.9 port 4022 ssh2";
        let at = (1_767_610_800 + second) * 1_000_000;
        format!(
            "{}\n",
            serde_json::json!({"MESSAGE": message, "SYSLOG_IDENTIFIER": "sshd", "__REALTIME_TIMESTAMP": at.to_string()})
        )
    };
    let events = put(dir.path(), "journal.jsonl", (0..10).map(line).collect::<String>());
    let ran = sigma(["match", "--json", events.to_str().unwrap()]);
    assert_eq!(ran.code, 1, "{}", ran.err);
    let lines = ran.lines();
    let last = lines.last().unwrap();
    assert_eq!(last["rule"]["title"], "Many passwords tried on one account by SSH");
    assert_eq!(last["joined"]["count"], 10);
    assert_eq!(last["joined"]["group"]["SourceIp"], "203.0.113.9");
}

#[test]
fn events_that_do_not_say_where_they_come_from_are_told_so_and_can_be_told_for() {
    let dir = tempfile::tempdir().unwrap();
    let rules = put(dir.path(), "a.yml", RULE);
    let event = serde_json::json!({"Image": WHOAMI}).to_string();
    let events = put(dir.path(), "e.json", event);
    let run = |source: &[&str]| {
        let fixed = ["match", "--json", "--rules", rules.to_str().unwrap(), events.to_str().unwrap()];
        sigma(fixed.iter().chain(source))
    };
    let unknown = run(&[]);
    assert_eq!(unknown.code, 1);
    assert!(unknown.err.contains("1 events do not say where they come from"), "{}", unknown.err);
    assert_eq!(run(&["--source", "product=linux,category=process_creation"]).code, 0);
    let right = run(&["--source", "product=windows,category=process_creation"]);
    assert_eq!(right.code, 1);
    assert!(!right.err.contains("where they come from"), "{}", right.err);
}

#[test]
fn rules_are_counted_and_those_of_other_platforms_can_be_left_aside() {
    let dir = tempfile::tempdir().unwrap();
    put(dir.path(), "rules/a.yml", RULE);
    put(dir.path(), "rules/deep/b.yaml", RULE.replace("product: windows", "product: linux"));
    put(dir.path(), "rules/README.md", "no rule");
    let folder = dir.path().join("rules");
    let all = sigma(["check", folder.to_str().unwrap()]);
    assert_eq!(all.code, 0, "{}", all.out);
    assert_eq!(all.out, "2 rule files: 2 rules and 0 correlations compiled, 0 left out\n");
    let linux = sigma(["check", "--product", "Linux", folder.to_str().unwrap()]);
    assert_eq!(linux.out, "2 rule files: 1 rules and 0 correlations compiled, 0 left out\n");
}

//! Somebody tries passwords on two comuni: each agent reads its own log, and the consortium sees one campaign.

use crate::stage::device::{AT, Device, id};
use crate::stage::{Stage, until};
use baluardo_model::Clock as _;
use baluardo_server::ambient::SystemClock;
use serde_json::{Value, json};
use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::Path;

const SOURCE: &str = "203.0.113.9";
const OTHER: &str = "198.51.100.7";

/// So many refused passwords, as sshd and syslog write them.
fn refuse(log: &Path, times: usize, source: &str) {
    let mut file = OpenOptions::new().append(true).open(log).unwrap();
    for _ in 0..times {
        let at = SystemClock.now().rfc3339();
        writeln!(file, "{at} pc sshd[812]: Failed password for anna from {source} port 4022 ssh2").unwrap();
    }
}

fn intrusions(stage: &Stage) -> Vec<Value> {
    stage.api("GET", "/findings?kind=intrusion")["findings"].as_array().unwrap().clone()
}

fn sources(findings: &[Value]) -> Vec<&str> {
    let mut sources: Vec<&str> =
        findings.iter().map(|finding| finding["intrusion"]["source"].as_str().unwrap()).collect();
    sources.sort_unstable();
    sources
}

/// What an agent next door tells of the same source.
fn told_next_door() -> Value {
    let intrusion = json!({
        "rule": "6e1f2a5c-2f0b-4d0a-9c43-0f5b6d1c7a04", "title": "Many accounts tried", "title_it": "Molti account",
        "source": SOURCE, "accounts": ["root"], "count": 6, "last_at": AT, "fields": [],
    });
    json!({ "kind": "finding", "finding": {
        "id": id(1), "kind": "intrusion", "severity": "high", "detected_at": AT, "path": SOURCE, "sha256": null,
        "reasons": [], "processes": [], "techniques": ["T1110.003"], "files_touched": 0, "files_lost": 0, "steps": [],
        "intrusion": intrusion,
    } })
}

#[test]
fn passwords_tried_on_two_comuni_are_one_finding_for_each_and_one_campaign_for_their_consortium() {
    let mut stage = Stage::set();
    stage.start_server();
    stage.enrol(&stage.root.join("agent"), stage.comune);
    let log = stage.root.join("auth.log");
    File::create(&log).unwrap();
    let config = json!({ "log_files": [log] }).to_string();
    std::fs::write(stage.root.join("agent/config.json"), config).unwrap();
    stage.agent.start();
    stage.wait_for_guard();

    refuse(&log, 40, SOURCE);
    until("the finding is told", || !intrusions(&stage).is_empty());
    let found = intrusions(&stage);
    assert_eq!((found.len(), sources(&found)), (1, vec![SOURCE]), "{found:#?}");
    assert_eq!(found[0]["intrusion"]["title_it"], "Molte password provate via SSH su un account");
    let story = stage.api("GET", &format!("/findings/{}", found[0]["id"].as_str().unwrap()));
    assert_eq!(story["techniques"], json!(["T1110.001"]));

    stage.agent.kill();
    refuse(&log, 10, OTHER);
    std::fs::rename(&log, stage.root.join("auth.log.1")).unwrap();
    File::create(&log).unwrap();
    stage.agent.start();
    until("what happened while the agent was dead is told", || intrusions(&stage).len() > 1);
    assert_eq!(sources(&intrusions(&stage)), [OTHER, SOURCE], "nothing was judged twice");

    assert_eq!(stage.campaigns(), [Value::Null; 0], "each address tried one device");
    let neighbour = stage.neighbour();
    Device::enrol(&stage, neighbour).tell(1, &[told_next_door()]);
    let campaigns = stage.campaigns();
    assert_eq!(campaigns.len(), 1, "{campaigns:#?}");
    assert_eq!((&campaigns[0]["source"], &campaigns[0]["devices"]), (&json!(SOURCE), &json!(2)));
    assert_eq!(campaigns[0]["members"].as_array().unwrap().len(), 2);
    assert_eq!(stage.api("GET", "/campaigns"), json!([]), "a comune does not learn that one other was tried");
}

//! What travels between agent and server, field by field: names, digests and counts, and nothing in which a file's bytes
//! could travel. A new field or a new kind fails here first, and has to be thought about.

use baluardo_model::Timestamp;
use baluardo_model::evidence::Evidence;
use baluardo_model::fleet::{Coverage, OrderKind, OrderOutcome, Policy, Rejoined};
use baluardo_model::hunt::{Hunt, HuntHit, HuntState, Quarry};
use baluardo_model::intrusion::{EventField, Intrusion};
use baluardo_model::inventory::{
    Account, Backup, Disk, Encryption, Hardware, Inventory, Port, Service, System, Update, Updates,
};
use baluardo_model::package::Package;
use baluardo_model::protection::{
    Finding, FindingKind, ProcessSeen, QuarantineItem, QuarantineState, Reason, Severity, Step, StepKind,
};
use baluardo_model::rollback::{Moment, Rollback, RollbackStage, RollbackTally, Stuck};
use baluardo_wire::exchange::{Event, EventBody, ExchangeRequest, Gone, Status};
use baluardo_wire::packed::pack;
use serde_json::Value;
use std::collections::BTreeSet;

const AT: Timestamp = Timestamp::from_micros(1);

fn id<T: std::str::FromStr<Err: std::fmt::Debug>>() -> T {
    "00000000-0000-7000-8000-000000000001".parse().unwrap()
}

fn step() -> Step {
    Step { at: AT, kind: StepKind::Detected, detail: "path".to_owned(), files: 1 }
}

/// An inventory with one entry of each kind.
fn inventory() -> Inventory {
    let text = || "x".to_owned();
    let disk = Disk { name: text(), model: text(), bytes: 1, removable: true };
    let update = Update { name: text(), installed: text(), available: text(), security: true };
    let port = Port { protocol: text(), address: text(), port: 1, program: text(), user: text() };
    let package = Package { name: text(), version: text(), arch: text(), source: text(), source_version: text() };
    Inventory {
        hardware: Hardware { disks: vec![disk], ..Hardware::default() },
        system: System { booted_at: Some(AT), ..System::default() },
        encryption: vec![Encryption { mount: text(), device: text(), encrypted: Some(true) }],
        backups: vec![Backup { tool: text(), trace: text(), last_at: AT }],
        updates: Some(Updates { lists_at: Some(AT), waiting: 1, security: 1, updates: vec![update] }),
        services: vec![Service { name: text(), enabled: true, running: true }],
        ports: vec![port],
        accounts: vec![Account { name: text(), uid: 1, login: true, admin: vec![text()] }],
        packages: vec![package],
        notes: vec![text()],
    }
}

#[test]
fn an_inventory_holds_names_and_numbers_of_things_only() {
    let mut found = BTreeSet::new();
    fields(&serde_json::to_value(inventory()).unwrap(), &mut found);
    let known = "accounts address admin arch available backups booted_at bytes codename cpu cpus device disks enabled encrypted \
        encryption hardware id installed kernel last_at lists_at login memory_bytes model mount name notes packages port ports program \
        protocol removable running security serial services source source_version system tool trace uid updates user vendor version waiting";
    assert_eq!(found, known.split_whitespace().map(str::to_owned).collect());
}

fn rollback() -> Rollback {
    let text = || "t".to_owned();
    Rollback {
        id: id(),
        folder: text(),
        to: AT,
        stage: RollbackStage::Done,
        tally: RollbackTally::default(),
        acted: 1,
        aside: text(),
        stuck: vec![Stuck { path: text(), why: text() }],
        open: vec![text()],
        moments: vec![Moment { at: AT, documents: 1 }],
        note: text(),
    }
}

fn evidence() -> Evidence {
    Evidence {
        id: id(),
        finding: Some(id()),
        by: "b".to_owned(),
        reason: "r".to_owned(),
        collected_at: AT,
        size: 1,
        sha256: "0".repeat(64),
        members: 1,
    }
}

/// One event of each kind.
fn events() -> Vec<EventBody> {
    let text = |text: &str| text.to_owned();
    let intrusion = Intrusion {
        rule: text("r"),
        title: text("t"),
        title_it: text("t"),
        source: Some(std::net::Ipv4Addr::LOCALHOST.into()),
        accounts: vec![text("a")],
        count: 1,
        last_at: AT,
        fields: vec![EventField { name: text("n"), value: text("v") }],
    };
    let finding = Finding {
        id: id(),
        kind: FindingKind::Malware,
        severity: Severity::High,
        detected_at: AT,
        path: "path".to_owned(),
        sha256: Some("0".repeat(64)),
        reasons: vec![Reason { engine: "e".to_owned(), rule: "r".to_owned(), detail: "d".to_owned() }],
        processes: vec![ProcessSeen { pid: 1, parent: 1, exe: "x".to_owned(), cmdline: "c".to_owned(), uid: 1 }],
        techniques: vec!["T1486".to_owned()],
        files_touched: 1,
        files_lost: 1,
        steps: vec![step()],
        intrusion: Some(Box::new(intrusion)),
    };
    let (path, sha256) = ("path".to_owned(), "0".repeat(64));
    let item = QuarantineItem { id: id(), finding: id(), path, sha256, size: 1, taken_at: AT };
    let hit = HuntHit { what: text("w"), detail: text("d") };
    let events = vec![
        EventBody::Finding { finding: Box::new(finding) },
        EventBody::FindingStep { finding: id(), step: step(), files_touched: 1, files_lost: 1 },
        EventBody::Quarantined { item },
        EventBody::QuarantineChanged { item: id(), state: QuarantineState::Held },
        EventBody::OrderEnded { order: id(), outcome: OrderOutcome::Done, note: "n".to_owned() },
        EventBody::Isolated { until: AT, code: "c".to_owned(), finding: Some(id()) },
        EventBody::Rejoined { how: Rejoined::Expired },
        EventBody::Inventory { taken_at: AT, packed: pack(&inventory()).unwrap() },
        EventBody::HuntTold { hunt: id(), state: HuntState::Done, checked: 1, hits: vec![hit], note: text("n") },
        EventBody::Rollback { rollback: Box::new(rollback()) },
        EventBody::EvidenceCollected { evidence: Box::new(evidence()) },
        EventBody::StopCode { code: "c".to_owned() },
    ];
    for event in &events {
        // A new kind does not compile until it stands here, and then above.
        match event {
            EventBody::Finding { .. }
            | EventBody::FindingStep { .. }
            | EventBody::Quarantined { .. }
            | EventBody::QuarantineChanged { .. }
            | EventBody::OrderEnded { .. }
            | EventBody::Isolated { .. }
            | EventBody::Rejoined { .. }
            | EventBody::Inventory { .. }
            | EventBody::HuntTold { .. }
            | EventBody::Rollback { .. }
            | EventBody::EvidenceCollected { .. }
            | EventBody::StopCode { .. } => {}
        }
    }
    events
}

/// The names of all fields, at every depth.
fn fields(value: &Value, into: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => object.iter().for_each(|(name, inner)| {
            into.insert(name.clone());
            fields(inner, into);
        }),
        Value::Array(array) => array.iter().for_each(|inner| fields(inner, into)),
        _ => {}
    }
}

#[test]
fn no_message_of_the_wire_carries_bytes_of_a_file() {
    let status = Status {
        agent_version: "v".to_owned(),
        coverage: Coverage::None,
        coverage_note: "n".to_owned(),
        policy_version: 1,
        backlog: 1,
    };
    let events: Vec<Event> = (1..).zip(events()).map(|(seq, body)| Event { seq, at: AT, body }).collect();
    let gone = Some(Gone { after: 1, until: 2 });
    let request = ExchangeRequest { protocol: 1, sent_at: AT, status, events, gone };
    let mut found = BTreeSet::new();
    fields(&serde_json::to_value(&request).unwrap(), &mut found);
    let known = "accounts acted after agent_version aside at backlog body by changed checked cmdline code collected_at \
        count coverage coverage_note detail detected_at documents engine events evidence exe fields files \
        files_lost files_touched finding folder gone hits how hunt id intrusion item kind last_at members moments \
        name note open order outcome packed parent path pid policy_version processes protocol reason reasons \
        returned rollback rule same sent_at seq severity sha256 size source stage state status step steps stuck \
        taken_at tally techniques title title_it to uid until value what why";
    assert_eq!(found, known.split_whitespace().map(str::to_owned).collect());
}

#[test]
fn no_order_brings_content() {
    let quarry = Quarry::Package { name: "n".to_owned(), from: Some("1".to_owned()), before: Some("2".to_owned()) };
    let orders = [
        OrderKind::ApplyPolicy { policy: Box::new(Policy::starting()) },
        OrderKind::ReleaseQuarantine { item: id() },
        OrderKind::DeleteQuarantine { item: id() },
        OrderKind::Scan { folders: vec!["/srv".to_owned()] },
        OrderKind::Restore { finding: id() },
        OrderKind::Isolate { until: AT },
        OrderKind::Rejoin {},
        OrderKind::TakeInventory {},
        OrderKind::Hunt { hunt: Box::new(Hunt { id: id(), quarry, folders: vec!["/srv".to_owned()], until: AT }) },
        OrderKind::StopHunt { hunt: id() },
        OrderKind::AllowStop { until: AT },
        OrderKind::CollectEvidence {
            evidence: id(),
            finding: Some(id()),
            reason: "r".to_owned(),
            by: "b".to_owned(),
            sealed: false,
        },
        OrderKind::PreviewRollback { rollback: id(), folder: "/srv".to_owned(), to: AT },
        OrderKind::RollBack { rollback: id(), folder: "/srv".to_owned(), to: AT },
    ];
    let mut found = BTreeSet::new();
    for order in &orders {
        match order {
            OrderKind::ApplyPolicy { .. }
            | OrderKind::ReleaseQuarantine { .. }
            | OrderKind::DeleteQuarantine { .. }
            | OrderKind::Scan { .. }
            | OrderKind::Restore { .. }
            | OrderKind::Isolate { .. }
            | OrderKind::Rejoin {}
            | OrderKind::TakeInventory {}
            | OrderKind::Hunt { .. }
            | OrderKind::StopHunt { .. }
            | OrderKind::AllowStop { .. }
            | OrderKind::CollectEvidence { .. }
            | OrderKind::PreviewRollback { .. }
            | OrderKind::RollBack { .. } => {}
        }
        let mut of_this = BTreeSet::new();
        fields(&serde_json::to_value(order).unwrap(), &mut of_this);
        assert!(of_this.remove("kind"));
        found.insert(format!("{}: {}", order.code(), of_this.into_iter().collect::<Vec<_>>().join(" ")));
    }
    let policy = "bad_sha256 collect_evidence good_sha256 guard_folders hold_suspicious intrusion isolate_hours \
        max_file_bytes odd_from odd_sundays odd_until packs policy respond scan_folders superseded_hours vault_bytes \
        verdict_ms version watch";
    let known = [
        "allow_stop: until".to_owned(),
        format!("apply_policy: {policy}"),
        "collect_evidence: by evidence finding reason sealed".to_owned(),
        "delete_quarantine: item".to_owned(),
        "hunt: before folders from hunt id name quarry until".to_owned(),
        "isolate: until".to_owned(),
        "preview_rollback: folder rollback to".to_owned(),
        "rejoin: ".to_owned(),
        "roll_back: folder rollback to".to_owned(),
        "release_quarantine: item".to_owned(),
        "restore: finding".to_owned(),
        "scan: folders".to_owned(),
        "stop_hunt: hunt".to_owned(),
        "take_inventory: ".to_owned(),
    ];
    assert_eq!(
        found,
        known.into_iter().collect(),
        "an order says what to do here, and names no place to send anything to"
    );
}

#[test]
fn no_order_is_answered_with_more_than_an_outcome_and_a_note() {
    let outcomes = [OrderOutcome::Done, OrderOutcome::Failed, OrderOutcome::Refused];
    for outcome in outcomes {
        let ended = EventBody::OrderEnded { order: id::<baluardo_model::OrderId>(), outcome, note: String::new() };
        let mut found = BTreeSet::new();
        fields(&serde_json::to_value(&ended).unwrap(), &mut found);
        assert_eq!(found.into_iter().collect::<Vec<_>>(), ["kind", "note", "order", "outcome"]);
    }
}

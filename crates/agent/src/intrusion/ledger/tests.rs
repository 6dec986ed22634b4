//! The stories of findings that grow.

use super::*;

const SEED: &[u8] = b"this device";

fn at(seconds: u64) -> Timestamp {
    Timestamp::from_micros(1_795_352_400_000_000).plus(Duration::from_secs(seconds))
}

fn sighting(source: &str, account: &str, seconds: u64) -> Sighting {
    Sighting {
        rule: "r".to_owned(),
        title: "Many passwords".to_owned(),
        title_it: "Molte password".to_owned(),
        severity: Severity::High,
        techniques: vec!["T1110".to_owned()],
        source: source.parse().ok(),
        account: Some(account.to_owned()),
        about: source.to_owned(),
        count: 10,
        at: at(seconds),
        fields: Vec::new(),
        processes: Vec::new(),
    }
}

fn count(finding: &Finding) -> u64 {
    finding.intrusion.as_ref().unwrap().count
}

#[test]
fn a_hundred_thousand_tries_are_one_finding_that_grows() {
    let mut ledger = Ledger::default();
    let mut told = Vec::new();
    // Ten tries a second for nearly three hours; ten make one match.
    for second in 0..10_000 {
        told.extend(ledger.take(sighting("203.0.113.9", "anna", second), at(second), SEED));
    }
    told.extend(ledger.due(at(10_000 + 3_600)));
    assert!(told.iter().all(|finding| finding.id == told[0].id), "one finding");
    assert_eq!(told.last().map(count), Some(100_000));
    assert!(told.len() < 12, "told {} times", told.len());
}

#[test]
fn a_growth_that_nobody_adds_to_is_told_when_it_is_due() {
    let mut ledger = Ledger::default();
    assert!(ledger.take(sighting("203.0.113.9", "anna", 0), at(0), SEED).is_some());
    assert_eq!(ledger.next_due(at(0)), None);
    assert!(ledger.take(sighting("203.0.113.9", "root", 5), at(5), SEED).is_none());
    assert_eq!(ledger.next_due(at(5)), Some(Duration::from_secs(55)));
    assert!(ledger.due(at(59)).is_empty());
    let due = ledger.due(at(60));
    assert_eq!(due.len(), 1);
    assert_eq!(due[0].intrusion.as_ref().unwrap().accounts, ["anna", "root"]);
    assert_eq!(ledger.next_due(at(60)), None);
}

#[test]
fn what_begins_again_after_a_rest_is_another_finding() {
    let mut ledger = Ledger::default();
    let first = ledger.take(sighting("203.0.113.9", "anna", 0), at(0), SEED).unwrap();
    let second = ledger.take(sighting("203.0.113.9", "anna", 3_600), at(3_600), SEED).unwrap();
    assert_ne!(first.id, second.id);
}

#[test]
fn the_same_events_after_a_death_are_the_same_finding_and_another_devices_are_not() {
    let tell = |seed: &[u8]| Ledger::default().take(sighting("203.0.113.9", "anna", 0), at(0), seed).unwrap();
    let kept = serde_json::to_string(&Ledger::default()).unwrap();
    let mut again: Ledger = serde_json::from_str(&kept).unwrap();
    assert_eq!(again.take(sighting("203.0.113.9", "anna", 0), at(9), SEED).unwrap().id, tell(SEED).id);
    assert_ne!(tell(b"another").id, tell(SEED).id);
}

#[test]
fn ten_thousand_sources_are_a_few_findings_and_one_for_the_rest() {
    let mut ledger = Ledger::default();
    let mut told = Vec::new();
    for number in 0_u32..10_000 {
        let source = std::net::Ipv4Addr::from(0xCB00_7100 + number).to_string();
        told.extend(ledger.take(sighting(&source, "anna", 1), at(1), SEED));
    }
    assert_eq!(told.len(), NEW_IN_AN_HOUR as usize + 1);
    let rest = told.last().unwrap();
    assert_eq!((rest.path.as_str(), rest.intrusion.as_ref().unwrap().source), ("*", None));
    let due = ledger.due(at(61));
    assert_eq!(due.iter().map(count).sum::<u64>(), (10_000 - u64::from(NEW_IN_AN_HOUR)) * 10);
    assert!(ledger.open.len() <= MOST);
}

//! What several matches mean together.

use crate::stage::{at, detector, rule, start};
use baluardo_detect::sigma::{Detector, Event};

fn named(name: &str, detection: &str) -> String {
    format!("{}name: {name}\n", rule(detection))
}

fn correlation(body: &str) -> String {
    let body: String = body.lines().map(|line| format!("  {line}\n")).collect();
    format!("title: C\nname: c\ncorrelation:\n{body}")
}

/// A detector with the rule `failed` (Outcome: failure), the rule `opened` (Outcome: success) and these correlations.
fn joined(bodies: &[&str]) -> Detector {
    let mut texts = vec![
        named("failed", "sel:\n  Outcome: failure\ncondition: sel"),
        named("opened", "sel:\n  Outcome: success\ncondition: sel"),
    ];
    texts.extend(bodies.iter().map(|body| correlation(body)));
    let (detector, report) = detector(&texts.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(report.skipped, []);
    assert_eq!([report.compiled, report.correlations], [2, bodies.len()]);
    detector
}

fn event(outcome: &str, user: &str, from: &str, seconds: i64) -> Event {
    at(start(&[("Outcome", outcome), ("User", user), ("Ip", from)]), seconds)
}

#[track_caller]
fn titles(detector: &mut Detector, event: &Event) -> Vec<String> {
    detector.observe(event).iter().map(|found| found.rule.title.to_string()).collect()
}

#[test]
fn so_many_matches_of_one_group_within_the_time_are_told_once() {
    let mut detector = joined(&["type: event_count\nrules: failed\ngroup-by: Ip\ntimespan: 1m\ncondition:\n  gte: 3"]);
    assert!(titles(&mut detector, &event("failure", "a", "1", 0)).is_empty(), "the single match stays silent");
    assert!(titles(&mut detector, &event("failure", "a", "2", 1)).is_empty());
    assert!(titles(&mut detector, &event("failure", "b", "1", 2)).is_empty());
    let third = event("failure", "c", "1", 60);
    let found = detector.observe(&third);
    let joined = found.first().and_then(|found| found.joined.clone()).expect("three within a minute");
    assert_eq!(joined.group, [(String::from("Ip"), String::from("1"))]);
    assert_eq!((joined.count, joined.since), (3, event("", "", "", 0).at.unwrap()));
    assert!(titles(&mut detector, &event("failure", "c", "1", 61)).is_empty(), "it begins anew");
}

#[test]
fn matches_that_lie_too_far_apart_are_not_counted_together() {
    let mut detector = joined(&["type: event_count\nrules: failed\ngroup-by: Ip\ntimespan: 1m\ncondition:\n  gt: 2"]);
    for seconds in [0, 40, 80, 120, 160] {
        assert!(titles(&mut detector, &event("failure", "a", "1", seconds)).is_empty());
    }
}

#[test]
fn different_values_are_counted() {
    let body = "type: value_count\nrules: failed\ngroup-by: Ip\ntimespan: 5m\ncondition:\n  gte: 3\n  field: User";
    let mut detector = joined(&[body]);
    for user in ["a", "a", "b", "a", "b"] {
        assert!(titles(&mut detector, &event("failure", user, "1", 0)).is_empty());
    }
    assert_eq!(titles(&mut detector, &event("failure", "c", "1", 1)), ["C"]);
}

#[test]
fn rules_come_together_in_any_order_or_in_theirs() {
    let body = |kind: &str| format!("type: {kind}\nrules:\n  - failed\n  - opened\ngroup-by: User\ntimespan: 1m");
    let mut together = joined(&[&body("temporal")]);
    assert!(titles(&mut together, &event("success", "a", "1", 0)).is_empty());
    assert!(titles(&mut together, &event("failure", "b", "1", 1)).is_empty());
    assert_eq!(titles(&mut together, &event("failure", "a", "1", 2)), ["C"]);
    let mut ordered = joined(&[&body("temporal_ordered")]);
    assert!(titles(&mut ordered, &event("success", "a", "1", 0)).is_empty());
    assert!(titles(&mut ordered, &event("failure", "a", "1", 1)).is_empty());
    assert_eq!(titles(&mut ordered, &event("success", "a", "1", 2)), ["C"]);
    assert!(titles(&mut ordered, &event("failure", "a", "1", 3)).is_empty());
    assert!(titles(&mut ordered, &event("success", "a", "1", 70)).is_empty(), "a minute is over");
}

#[test]
fn single_matches_are_told_too_where_that_is_asked_for() {
    let body = "type: event_count\nrules: failed\ngroup-by: Ip\ntimespan: 1m\ngenerate: true\ncondition:\n  gte: 2";
    let mut detector = joined(&[body]);
    assert_eq!(titles(&mut detector, &event("failure", "a", "1", 0)), ["T"]);
    assert_eq!(titles(&mut detector, &event("failure", "a", "1", 1)), ["T", "C"]);
}

#[test]
fn a_correlation_can_join_correlations() {
    let many = "type: event_count\nrules: failed\ngroup-by: User\ntimespan: 1m\ncondition:\n  gte: 2";
    let after = "type: temporal_ordered\nrules: [many, opened]\ngroup-by: User\ntimespan: 5m";
    let texts = [
        named("failed", "sel:\n  Outcome: failure\ncondition: sel"),
        named("opened", "sel:\n  Outcome: success\ncondition: sel"),
        correlation(after).replace("title: C\nname: c", "title: After\nname: after"),
        correlation(many).replace("title: C\nname: c", "title: Many\nname: many"),
    ];
    let (mut detector, report) = detector(&texts.each_ref().map(String::as_str));
    assert_eq!(report.skipped, [], "the order of the files does not matter");
    assert!(titles(&mut detector, &event("success", "a", "1", 0)).is_empty());
    assert!(titles(&mut detector, &event("failure", "a", "1", 1)).is_empty());
    assert_eq!(titles(&mut detector, &event("failure", "a", "1", 2)), ["Many"]);
    assert_eq!(titles(&mut detector, &event("success", "a", "1", 3)), ["After"]);
}

#[test]
fn aliases_name_one_field_of_several_rules() {
    let body = "type: temporal\nrules: [failed, other]\ngroup-by: who\ntimespan: 1m\naliases:\n  who:\n    failed: User\n    other: Account";
    let texts = [
        named("failed", "sel:\n  Outcome: failure\ncondition: sel"),
        named("other", "sel:\n  Account: '*'\ncondition: sel"),
        correlation(body),
    ];
    let (mut detector, _) = detector(&texts.each_ref().map(String::as_str));
    assert!(titles(&mut detector, &event("failure", "anna", "1", 0)).is_empty());
    assert!(titles(&mut detector, &at(start(&[("Account", "berto")]), 1)).is_empty());
    assert_eq!(titles(&mut detector, &at(start(&[("Account", "anna")]), 2)), ["C"]);
}

#[test]
fn an_event_without_a_time_or_a_shared_field_is_not_correlated() {
    let mut detector = joined(&["type: event_count\nrules: failed\ngroup-by: Ip\ntimespan: 1m\ncondition:\n  gte: 1"]);
    assert!(titles(&mut detector, &start(&[("Outcome", "failure"), ("Ip", "1")])).is_empty());
    assert!(titles(&mut detector, &at(start(&[("Outcome", "failure")]), 0)).is_empty());
    assert_eq!(titles(&mut detector, &event("failure", "a", "1", 0)), ["C"]);
}

#[test]
fn a_flood_of_groups_takes_bounded_memory() {
    let mut detector = joined(&["type: event_count\nrules: failed\ngroup-by: Ip\ntimespan: 1h\ncondition:\n  gte: 2"]);
    for number in 0..20_000 {
        detector.observe(&event("failure", "a", &number.to_string(), number / 10));
    }
    assert!(detector.remembered() <= 4_096, "{}", detector.remembered());
    assert_eq!(titles(&mut detector, &event("failure", "a", "19999", 2_000)), ["C"], "the newest are still known");
}

#[test]
fn what_cannot_be_correlated_is_named() {
    let base = named("failed", "sel:\n  Outcome: failure\ncondition: sel");
    let bodies = [
        ("type: event_count\nrules: nobody\ntimespan: 1m\ncondition:\n  gte: 1", "`nobody`"),
        ("type: event_count\nrules: failed\ntimespan: soon\ncondition:\n  gte: 1", "`timespan: soon`"),
        ("type: event_count\nrules: failed\ntimespan: 1m", "says no number"),
        ("type: event_count\nrules: failed\ntimespan: 1m\ncondition:\n  lt: 3", "when the time is over"),
        ("type: event_count\nrules: failed\ntimespan: 1m\ncondition:\n  gte: 99999999", "more than 10000"),
        ("type: value_count\nrules: failed\ntimespan: 1m\ncondition:\n  gte: 3", "name of a field"),
        ("type: value_median\nrules: failed\ntimespan: 1m\ncondition:\n  gte: 3", "`value_median` is not known"),
        ("type: temporal\nrules: c\ntimespan: 1m", "names it in turn"),
    ];
    for (body, expected) in bodies {
        let (_, report) = detector(&[&base, &correlation(body)]);
        let reason = &report.skipped.first().expect("left out").reason;
        assert!(reason.contains(expected), "{reason}");
    }
}

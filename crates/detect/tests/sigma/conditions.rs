//! Conditions, keywords, log sources, and rules that cannot be used.

use crate::stage::{detector, fulfilled, refused, rule, start, with};
use baluardo_detect::sigma::{Event, RulesBuilder, Source};

const PARTS: &str = "sel_a:\n  A: 1\nsel_b:\n  B: 1\nother:\n  C: 1\n_hidden:\n  D: 1\ncondition: ";

fn holds(condition: &str, fields: &[(&'static str, &str)]) -> bool {
    fulfilled(&format!("{PARTS}{condition}"), fields)
}

#[test]
fn parts_are_joined_by_and_or_and_not() {
    let (a, b, c) = (("A", "1"), ("B", "1"), ("C", "1"));
    assert!(holds("sel_a and sel_b", &[a, b]) && !holds("sel_a and sel_b", &[a]));
    assert!(holds("sel_a or sel_b", &[b]) && !holds("sel_a or sel_b", &[c]));
    assert!(holds("sel_a and not sel_b", &[a]) && !holds("sel_a and not sel_b", &[a, b]));
    assert!(holds("not sel_a", &[b]) && !holds("not sel_a", &[a]));
    assert!(holds("sel_a or sel_b and other", &[a]) && !holds("(sel_a or sel_b) and other", &[a]));
    assert!(holds("not (sel_a and (sel_b or not other))", &[a, c]));
    assert!(!holds("not (sel_a and (sel_b or not other))", &[a]));
}

#[test]
fn quantities_count_parts_by_their_names() {
    let (a, b, c, d) = (("A", "1"), ("B", "1"), ("C", "1"), ("D", "1"));
    assert!(holds("1 of sel_*", &[b]) && !holds("1 of sel_*", &[c]));
    assert!(holds("all of sel_*", &[a, b]) && !holds("all of sel_*", &[a, c]));
    assert!(holds("1 of them", &[c]) && !holds("1 of them", &[d]), "what begins with _ is hidden from `them`");
    assert!(holds("all of them", &[a, b, c]) && !holds("all of them", &[a, b]));
    assert!(holds("sel_a and not 1 of sel_b*", &[a]) && !holds("sel_a and not 1 of sel_b*", &[a, b]));
}

#[test]
fn several_conditions_are_alternatives() {
    let detection = "a:\n  A: 1\nb:\n  B: 1\ncondition:\n  - a\n  - b";
    assert!(fulfilled(detection, &[("B", "1")]) && !fulfilled(detection, &[("C", "1")]));
}

#[test]
fn a_list_of_maps_is_one_of_them_and_a_map_all_of_its_lines() {
    let detection = "sel:\n  - A: 1\n    B: 1\n  - C: 1\ncondition: sel";
    assert!(fulfilled(detection, &[("C", "1")]) && fulfilled(detection, &[("A", "1"), ("B", "1")]));
    assert!(!fulfilled(detection, &[("A", "1")]));
}

#[test]
fn keywords_are_looked_for_in_every_field() {
    let detection = "keywords:\n  - 'evil thing'\n  - 'b?d*end'\ncondition: keywords";
    assert!(fulfilled(detection, &[("A", "x"), ("Unknown", "an EVIL THING here")]));
    assert!(fulfilled(detection, &[("A", "a bad one at the end.")]) && !fulfilled(detection, &[("A", "evil")]));
    let all = "keywords:\n  '|all':\n    - one\n    - two\ncondition: keywords";
    assert!(fulfilled(all, &[("A", "two"), ("B", "one")]) && !fulfilled(all, &[("A", "two")]));
    let expression = "keywords:\n  '|re': 'x\\d'\ncondition: keywords";
    assert!(fulfilled(expression, &[("A", "no"), ("B", "x7")]));
}

#[test]
fn a_rule_meets_only_events_of_its_log_source() {
    let (mut detector, _) = detector(&[&rule("sel:\n  A: 1\ncondition: sel"), &rule("sel:\n  A:\ncondition: sel")]);
    let linux = Source { product: Some("linux".into()), categories: vec!["process_creation".into()], services: vec![] };
    assert_eq!(detector.observe(&start(&[("A", "1")])).len(), 1);
    assert_eq!(detector.observe(&with(linux.clone(), &[("A", "1")])).len(), 0);
    assert_eq!(detector.observe(&start(&[("B", "1")])).len(), 1, "the second asks for nothing that is there");
    assert_eq!(detector.observe(&with(linux, &[("B", "1")])).len(), 0);
    assert_eq!(detector.observe(&with(Source::default(), &[("A", "1")])).len(), 1, "nothing is known of it");
}

#[test]
fn only_the_rules_of_one_platform_can_be_kept() {
    let of = |product: &str| format!("title: T\nlogsource:\n  {product}\ndetection:\n  s:\n    A: 1\n  condition: s\n");
    let mut builder = RulesBuilder::only_for("linux");
    for product in ["product: linux", "product: windows", "category: webserver"] {
        builder.add(product, &of(product));
    }
    let (rules, report) = builder.finish();
    assert_eq!([rules.len(), report.compiled, report.files], [2, 2, 3]);
    assert_eq!(report.skipped, []);
}

#[test]
fn what_a_rule_says_of_itself_is_kept() {
    let text = rule("sel:\n  A: 1\ncondition: sel");
    let text = format!(
        "{text}id: abc\nlevel: critical\ntitle_it: Titolo\ntags:\n  - attack.initial-access\n  - attack.t1110.001\n"
    );
    let (mut detector, _) = detector(&[&text]);
    let found = detector.observe(&start(&[("A", "1")]));
    let rule = found.first().expect("it is fulfilled").rule;
    assert_eq!([&*rule.id, &*rule.title, &*rule.title_it, &*rule.file], ["abc", "T", "Titolo", "0.yml"]);
    assert_eq!([rule.level.code(), &rule.technique().unwrap()], ["critical", "T1110.001"]);
}

#[test]
fn what_cannot_be_used_is_named_and_the_rest_is_in_force() {
    let good = rule("sel:\n  A: 1\ncondition: sel");
    let texts = [
        format!("{good}---\n{}", rule("sel:\n  A: 1\ncondition: nothing")),
        String::from("title: [\n"),
        String::from("just: a map\n"),
        String::from("title: N\ndetection:\n  s:\n    A: 1\n  condition: s\n"),
        rule("sel:\n  A: 1\ncondition: sel | count() > 5"),
        rule("sel:\n  A: 1\ncondition: 1 of x_*"),
        rule("sel:\n  A: 1"),
    ];
    let (_, report) = detector(&texts.each_ref().map(String::as_str));
    assert_eq!([report.files, report.compiled], [7, 1]);
    let reasons: Vec<&str> = report.skipped.iter().map(|skipped| skipped.reason.as_str()).collect();
    let expected = [
        "names `nothing`",
        "not YAML",
        "neither `detection` nor `correlation`",
        "`logsource` names no product",
        "correlation rule",
        "nothing is named so",
        "no `condition`",
    ];
    assert_eq!(reasons.len(), expected.len(), "{reasons:?}");
    for (reason, expected) in reasons.iter().zip(expected) {
        assert!(reason.contains(expected), "{reason}");
    }
    assert!(refused("sel:\n  A|expand: '%x%'\ncondition: not sel").contains("waits"));
}

#[test]
fn one_detector_takes_many_events_without_mixing_them() {
    let (mut detector, _) = detector(&[
        &rule("sel:\n  A|contains: aaa\n  B|re: '^x+$'\ncondition: sel"),
        &rule("sel:\n  A|contains: bbb\ncondition: sel"),
    ]);
    let mut count = |fields: &[(&'static str, &str)]| detector.observe(&start(fields)).len();
    assert_eq!(count(&[("A", "aaa"), ("B", "xx")]), 1);
    assert_eq!(count(&[("A", "aaa"), ("B", "xy")]), 0);
    assert_eq!(count(&[("B", "xx")]), 0);
    assert_eq!(count(&[("A", "aaabbb"), ("B", "xx")]), 2);
    assert_eq!(count(&[]), 0);
    let empty: Event = start(&[]);
    assert_eq!(detector.observe(&empty).len(), 0);
}

//! Rules and events for the stories.

use baluardo_detect::sigma::{Detector, Event, RulesBuilder, RulesReport, Source};
use baluardo_model::Timestamp;
use std::sync::Arc;

/// A rule of process starts on Windows with this detection (lines at no indent).
pub(crate) fn rule(detection: &str) -> String {
    let detection: String = detection.lines().map(|line| format!("  {line}\n")).collect();
    format!("title: T\nlogsource:\n  product: windows\n  category: process_creation\ndetection:\n{detection}")
}

/// Rules in force, and what became of them.
pub(crate) fn detector(texts: &[&str]) -> (Detector, RulesReport) {
    let mut builder = RulesBuilder::default();
    for (number, text) in texts.iter().enumerate() {
        builder.add(&format!("{number}.yml"), text);
    }
    let (rules, report) = builder.finish();
    (Detector::new(Arc::new(rules)), report)
}

/// A process start on Windows with these fields.
pub(crate) fn start(fields: &[(&'static str, &str)]) -> Event {
    let source = Source {
        product: Some("windows".into()),
        categories: vec!["process_creation".into()],
        services: vec!["sysmon".into()],
    };
    with(source, fields)
}

/// An event with these fields.
pub(crate) fn with(source: Source, fields: &[(&'static str, &str)]) -> Event {
    let mut event = Event::new(source, None);
    for (name, value) in fields {
        event.put(*name, *value);
    }
    event
}

/// The same event at so many seconds.
pub(crate) fn at(mut event: Event, seconds: i64) -> Event {
    event.at = Some(Timestamp::from_micros(1_767_000_000_000_000 + seconds * 1_000_000));
    event
}

/// Whether a rule with this detection is fulfilled by a process start with these fields.
#[track_caller]
pub(crate) fn fulfilled(detection: &str, fields: &[(&'static str, &str)]) -> bool {
    let (mut detector, report) = detector(&[&rule(detection)]);
    assert_eq!(report.skipped, [], "the rule is in force");
    !detector.observe(&start(fields)).is_empty()
}

/// Whether the line alone is fulfilled by this command line.
#[track_caller]
pub(crate) fn line(line: &str, command: &str) -> bool {
    fulfilled(&format!("sel:\n  {line}\ncondition: sel"), &[("CommandLine", command)])
}

/// Why a rule with this detection is left out.
#[track_caller]
pub(crate) fn refused(detection: &str) -> String {
    let (_, report) = detector(&[&rule(detection)]);
    assert_eq!(report.compiled, 0, "the rule is left out");
    report.skipped.into_iter().next().expect("a reason").reason
}

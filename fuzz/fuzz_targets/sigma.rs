//! Any text is rules or words; rules in force hold any event, and hold it the same way twice. A line of syslog is any line.
#![no_main]

use baluardo_detect::sigma::{Detector, Places, RulesBuilder, Source, logs, note_hour};
use baluardo_model::Timestamp;
use baluardo_model::intrusion::IntrusionPolicy;
use libfuzzer_sys::fuzz_target;
use std::sync::Arc;

fuzz_target!(|input: (&str, &str)| {
    let (text, events) = input;
    let mut builder = RulesBuilder::default();
    builder.add("fuzz.yml", text);
    let (rules, _) = builder.finish();
    let mut detector = Detector::new(Arc::new(rules));
    let mut places = Places::default();
    for line in events.lines().take(16) {
        if let Some(read) = logs::of_line(line, Timestamp::from_micros(1_795_352_400_000_000)) {
            assert!(read.times > 0 && read.event.at.is_some());
            detector.observe(&read.event);
        }
        let value = serde_json::from_str(line).unwrap_or_else(|_| serde_json::json!({ "MESSAGE": line, "SYSLOG_IDENTIFIER": "sshd" }));
        let mut event = logs::of_json(&value, &Source::default());
        places.note(&mut event);
        note_hour(&IntrusionPolicy::default(), &mut event);
        let single = |found: &[baluardo_detect::sigma::Match<'_>]| found.iter().filter(|one| one.joined.is_none()).count();
        let first = single(&detector.observe(&event));
        assert_eq!(first, single(&detector.observe(&event)));
    }
});

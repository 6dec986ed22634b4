//! Whatever bytes come, rules and logs end in matches or in words.

use crate::stage::{detector, rule, start};
use baluardo_detect::evtx;
use baluardo_detect::sigma::{Source, logs};
use proptest::prelude::*;

/// A chunk with one record of these bytes.
fn chunk(xml: &[u8]) -> Vec<u8> {
    let mut chunk = vec![0; 512];
    chunk[..8].copy_from_slice(b"ElfChnk\0");
    let size = (xml.len() as u32 + 28).to_le_bytes();
    chunk.extend(0x2A2A_u32.to_le_bytes());
    chunk.extend(size);
    chunk.extend([0; 16]);
    chunk.extend(xml);
    chunk.extend(size);
    let end = (chunk.len() as u32).to_le_bytes();
    chunk[48..52].copy_from_slice(&end);
    chunk
}

proptest! {
    #[test]
    fn any_record_is_an_event_or_words(
        xml in prop::collection::vec(prop_oneof![0_u8..0x10, Just(0x41), Just(0x21), any::<u8>()], 0..400),
    ) {
        let read: Vec<_> = evtx::records(&chunk(&xml)).collect();
        prop_assert_eq!(read.len(), 1);
        for value in read.into_iter().flatten() {
            prop_assert!(logs::of_json(&value, &Source::default()).fields().count() <= 512);
        }
    }

    #[test]
    fn any_rule_is_in_force_or_left_out_in_words(
        key in "[A-Za-z]{0,3}(\\|[a-z0-9]{1,12}){0,3}",
        value in "[ -~è]{0,30}",
        condition in "(not |\\(|\\)|sel|1 of |all of |them|sel\\*| and | or ){0,8}",
    ) {
        let value = serde_json::to_string(&value).unwrap();
        let text = rule(&format!("sel:\n  '{key}': {value}\ncondition: '{condition}'"));
        let (mut detector, report) = detector(&[&text]);
        prop_assert_eq!(report.compiled + report.skipped.len(), 1, "{:?}", report);
        prop_assert!(report.skipped.iter().all(|skipped| !skipped.reason.is_empty()));
        let event = start(&[("A", "x"), ("CommandLine", "whoami")]);
        let first = detector.observe(&event).len();
        prop_assert_eq!(detector.observe(&event).len(), first);
    }
}

//! Any bytes as a message: MIME, headers, HTML, links, attachments and the weighing.
#![no_main]

use baluardo_mail::{Language, judge, split_mbox};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    for message in split_mbox(bytes) {
        let verdict = judge(message, Language::English);
        assert!((0.0..=1.0).contains(&verdict.score));
    }
});

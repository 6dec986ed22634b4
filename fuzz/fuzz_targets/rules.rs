//! Any text can be offered as rules and as an indicator: what is wrong with it is said, and nothing breaks.
#![no_main]

use baluardo_detect::indicators::parse_line;
use baluardo_detect::scan::{RuleSource, Scanner};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let _ = parse_line(text);
    let source = RuleSource { name: String::from("fuzz.yar"), text: text.to_owned() };
    let (_, report) = Scanner::with_rules(&[], [source]).unwrap();
    assert_eq!(report.files, 1);
});

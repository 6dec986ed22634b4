//! DMARC reports, packed or not: any bytes give reports or words, and what is read is bounded.
#![no_main]

use baluardo_mail::dmarc::{MOST_ROWS, reports};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    for report in reports(bytes).into_iter().flatten() {
        assert!(report.rows.len() <= MOST_ROWS);
        assert!(report.begin <= report.end);
        assert!(!report.domain.is_empty() && report.domain.len() <= 253);
    }
});

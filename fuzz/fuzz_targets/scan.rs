//! Any file can be scanned, and the verdict is coherent.
#![no_main]

use baluardo_detect::scan::Scanner;
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;
use std::time::Duration;

static SCANNER: LazyLock<Scanner> = LazyLock::new(|| Scanner::new(&["00".repeat(32)]).unwrap());

fuzz_target!(|bytes: &[u8]| {
    let verdict = SCANNER.scan(bytes, Duration::from_millis(200));
    assert_eq!(verdict.sha256.len(), 64);
    assert!(!verdict.is_bad() || !verdict.reasons.is_empty());
});

//! What senders and the DNS write of proof: any bytes give authors, results and records, and what is written of them says no more
//! than what was found.
#![no_main]

use baluardo_mail::{AuthResults, Authentic, Proof, Signed, authors, is_sound_spf, is_spf};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    assert!(authors(bytes).len() <= 20);
    assert!(!is_sound_spf(bytes) || is_spf(bytes));
    drop(AuthResults::read(bytes));
    let text = String::from_utf8_lossy(bytes).into_owned();
    let signed = Signed { domain: text.clone(), selector: text.clone(), proof: Proof::Fail };
    let found = Authentic { author: text.clone(), sender: text, dkim: vec![signed], ..Authentic::default() };
    let header = found.header("mx.example");
    assert!(header.split('\n').skip(1).all(|line| line.starts_with('\t')) && !header.contains('\r'));
    let read = AuthResults::read(header.as_bytes()).expect("what we write can be read");
    assert!(read.findings.len() == 4 && !read.findings.iter().any(|finding| finding.result == "pass"));
});

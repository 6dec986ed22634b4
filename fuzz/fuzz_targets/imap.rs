//! Bytes of a mail server: whatever they are, answers are gathered within bounds and read, however the bytes come.
#![no_main]

use baluardo_mail::imap::{Gather, Response, code_words};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut gather = Gather::new(4_096);
    let step = usize::from(bytes.first().copied().unwrap_or(1)).max(1);
    for piece in bytes.chunks(step) {
        gather.room().extend_from_slice(piece);
        while let Ok(Some(answer)) = gather.whole() {
            assert!(answer.len() <= bytes.len());
            match Response::read(&answer) {
                Response::Fetch(found) => assert!(found.body.is_none_or(|body| body.len() < answer.len())),
                Response::Done { code, .. } => drop(code_words(&code, "CAPABILITY")),
                _ => {}
            }
        }
    }
});

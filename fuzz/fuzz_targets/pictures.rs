//! Any bytes as pictures and documents of a message: PNG, GIF, PDF, and the codes in them.
#![no_main]

use baluardo_mail::{Language, Letter, judge};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    // As they are, and with the beginnings that open each reader.
    for (kind, head) in [
        ("image/png", b"\x89PNG\r\n\x1A\n".as_slice()),
        ("image/gif", b"GIF89a"),
        ("application/pdf", b"%PDF-1.4\n"),
        ("application/pdf", b""),
    ] {
        let mut message =
            format!("From: a@b.it\nContent-Type: multipart/mixed; boundary=\"=_x\"\n\n--=_x\nContent-Type: {kind}; name=\"a\"\n\n").into_bytes();
        message.extend_from_slice(head);
        message.extend_from_slice(bytes);
        assert!(Letter::read(&message).links.len() <= 200);
        assert!((0.0..=1.0).contains(&judge(&message, Language::English).score));
    }
});

//! Certified mail: any bytes as an envelope, and as the data of a provider.
#![no_main]

use baluardo_mail::pec::{Certificate, PecMessage};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let message = PecMessage::read(bytes);
    assert!(message.inner.is_none_or(|inner| inner.len() <= bytes.len()));
    if let Some(data) = Certificate::read(bytes) {
        assert!(data.subject.chars().count() <= 1_000 && data.recipients.len() <= 100);
    }
});

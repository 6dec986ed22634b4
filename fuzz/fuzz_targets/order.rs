//! No bytes make an agent obey: without the server's key every order is refused.
#![no_main]

use baluardo_model::Timestamp;
use baluardo_wire::order::SignedOrder;
use libfuzzer_sys::fuzz_target;

/// The public key of RFC 8032's first test in base64 without padding; no fuzzer finds a signature that fits it.
const KEY: &str = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo";

fuzz_target!(|input: (String, String, String, i64)| {
    let (body, signature, key, now) = input;
    let device = "00000000-0000-7000-8000-0000000000aa".parse().unwrap();
    let order = SignedOrder { body, signature };
    assert!(order.open(KEY, device, Timestamp::from_micros(now)).is_err());
    // With a key of the attacker's own making the call must end, well or badly, without a panic.
    let _ = order.open(&key, device, Timestamp::from_micros(now));
});

//! Any body is a message or an error; what is a message survives being written again.
#![no_main]

use baluardo_wire::enrol::EnrolRequest;
use baluardo_wire::exchange::ExchangeRequest;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|body: &[u8]| {
    if let Ok(message) = serde_json::from_slice::<ExchangeRequest>(body) {
        let again = serde_json::to_vec(&message).unwrap();
        assert_eq!(serde_json::from_slice::<ExchangeRequest>(&again).unwrap(), message);
    }
    if let Ok(message) = serde_json::from_slice::<EnrolRequest>(body) {
        let again = serde_json::to_vec(&message).unwrap();
        assert_eq!(serde_json::from_slice::<EnrolRequest>(&again).unwrap(), message);
    }
});

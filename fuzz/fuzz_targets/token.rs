//! Any line is a token or a clear error; what is a token survives being written again.
#![no_main]

use baluardo_wire::token::EnrolToken;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|line: &str| {
    if let Ok(token) = EnrolToken::from_line(line) {
        assert_eq!(EnrolToken::from_line(&token.to_line()), Ok(token));
    }
});

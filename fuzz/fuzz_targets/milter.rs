//! Packets of the milter protocol: any bytes give a command or words, and what is read stands within them.
#![no_main]

use baluardo_mail::milter::Command;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    match Command::read(bytes) {
        Ok(Command::Macros(macros)) => drop(macros.get("i")),
        Ok(Command::Header { name, value }) => assert!(name.len() + value.len() + 3 <= bytes.len()),
        Ok(Command::Connect { host, address }) => {
            assert!(host.len() + address.map_or(0, <[u8]>::len) < bytes.len());
        }
        Ok(_) | Err(_) => {}
    }
});

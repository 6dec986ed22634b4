//! Windows event logs: any chunk gives records or words; and with the marks of a chunk and a record in place, so that the
//! binary XML is reached.
#![no_main]

use baluardo_detect::evtx::records;
use baluardo_detect::sigma::{Source, logs};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = records(bytes).count();
    let mut chunk = vec![0; 512];
    chunk[..8].copy_from_slice(b"ElfChnk\0");
    let size = u32::try_from(bytes.len() + 28).unwrap();
    chunk.extend(0x2A2A_u32.to_le_bytes());
    chunk.extend(size.to_le_bytes());
    chunk.extend([0; 16]);
    chunk.extend(bytes);
    chunk.extend(size.to_le_bytes());
    let end = u32::try_from(chunk.len()).unwrap();
    chunk[48..52].copy_from_slice(&end.to_le_bytes());
    for value in records(&chunk).flatten() {
        let _ = logs::of_json(&value, &Source::default()).fields().count();
    }
});

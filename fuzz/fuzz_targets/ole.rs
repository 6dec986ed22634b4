//! Compound files and their macros: the fuzzer's bytes become the tables and sectors after a header that is right, so that
//! the chains are reached and not only the header's checks.
#![no_main]

use baluardo_detect::unpack::{Limits, Room, walk};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut file = vec![0; 512];
    file[..8].copy_from_slice(&[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1]);
    file[30..34].copy_from_slice(&[9, 0, 6, 0]);
    file[48] = 1;
    file[57] = 0x10;
    file[60..64].copy_from_slice(&[2, 0, 0, 0]);
    file[68..72].copy_from_slice(&[0xFE, 0xFF, 0xFF, 0xFF]);
    file[76..512].fill(0xFF);
    file[76..80].copy_from_slice(&[0; 4]);
    file.extend(bytes);
    let limits = Limits { depth: 4, parts: 200, total: 4 << 20, part: 1 << 20, ratio: 200, harmless: 1 << 19 };
    let mut room = Room::new(limits, &|| false);
    let mut total = 0;
    walk(&file, &mut room, &mut |inside, part| total += if inside.is_some() { part.len() } else { 0 });
    assert!(total <= 3 * limits.total, "{total}");
});

//! Any file can be opened, and what comes out keeps to the limits. The first byte chooses how the rest begins, so that every
//! opener is reached from an empty corpus.
#![no_main]

use baluardo_detect::unpack::{Limits, Room, walk};
use libfuzzer_sys::fuzz_target;

const HEADS: [&[u8]; 11] = [
    b"",
    b"PK\x03\x04\x14\0\0\0\x08\0",
    b"\x1F\x8B\x08\0\0\0\0\0\0\x03",
    b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1",
    b"\x4C\0\0\0\x01\x14\x02\0\0\0\0\0\xC0\0\0\0\0\0\0\x46",
    b"%PDF-1.7\n1 0 obj\n<< /Filter /FlateDecode >>\nstream\n",
    b"<html><script>",
    b"From: a@b.example\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=q\r\n\r\n--q\r\n",
    b"PK\x05\x06",
    b"\x01\xFF\xB0\0Attribut",
    b"ISO",
];

fuzz_target!(|bytes: &[u8]| {
    let Some((choice, rest)) = bytes.split_first() else { return };
    let head = HEADS[usize::from(*choice) % HEADS.len()];
    let mut file = [head, rest].concat();
    if head == b"ISO" {
        let mut image = vec![0; 16 * 2048];
        image.extend(b"\x01CD001");
        image.extend(rest);
        file = image;
    }
    let limits = Limits { depth: 4, parts: 200, total: 4 << 20, part: 1 << 20, ratio: 200, harmless: 1 << 19 };
    let (mut parts, mut total) = (0, 0);
    let mut room = Room::new(limits, &|| false);
    walk(&file, &mut room, &mut |inside, part| {
        parts += usize::from(inside.is_some());
        total += if inside.is_some() { part.len() } else { 0 };
    });
    assert!(parts <= limits.parts);
    assert!(total <= 3 * limits.total, "{total}");
    let _ = room.leave();
});

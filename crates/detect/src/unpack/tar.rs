//! tar: ustar, and GNU's and POSIX's long names (POSIX.1-2017, "pax").

use super::Part;
use super::read::{find, name, piece};
use super::room::Room;

const BLOCK: usize = 512;

/// Whether a header stands at the beginning: by its magic, or by its sum for the oldest form.
pub(super) fn is_tar(bytes: &[u8]) -> bool {
    bytes.len() >= BLOCK && sum_fits(piece(bytes, 0, BLOCK))
}

/// Opens every regular file.
pub(super) fn open(bytes: &[u8], room: &mut Room<'_>, part: &mut Part<'_>) {
    let mut at = 0;
    let mut long = None;
    while at < bytes.len() {
        let header = piece(bytes, at, BLOCK);
        if header.len() < BLOCK || !sum_fits(header) {
            return;
        }
        let length = number(piece(header, 124, 12));
        let data = piece(bytes, at + BLOCK, length);
        match header.get(156) {
            Some(b'L') => long = Some(name(data)),
            Some(b'x') => long = pax_path(data),
            Some(b'0' | 0 | b'7') => {
                let called = long.take().unwrap_or_else(|| short_name(header));
                let data = piece(data, 0, room.part_most());
                if !room.count(data.len()) {
                    return;
                }
                part(room, &called, data);
                if room.is_closed() {
                    return;
                }
            }
            _ => long = None,
        }
        let padded = length.div_ceil(BLOCK).saturating_mul(BLOCK);
        at = at.saturating_add(BLOCK).saturating_add(padded);
    }
}

/// Whether the header's own sum is right, which nothing but a header has by chance.
fn sum_fits(header: &[u8]) -> bool {
    let told = number(piece(header, 148, 8));
    let sum: usize = header
        .iter()
        .enumerate()
        .map(|(at, byte)| if (148..156).contains(&at) { usize::from(b' ') } else { usize::from(*byte) })
        .sum();
    told == sum && header.first().is_some_and(|first| *first != 0)
}

/// A number in octal digits, or in GNU's binary form.
fn number(field: &[u8]) -> usize {
    match field.first() {
        Some(first) if first & 0x80 != 0 => field
            .iter()
            .skip(1)
            .fold(0_usize, |number, byte| number.saturating_mul(256).saturating_add(usize::from(*byte))),
        _ => field
            .iter()
            .skip_while(|byte| **byte == b' ')
            .take_while(|byte| (b'0'..=b'7').contains(*byte))
            .fold(0_usize, |number, byte| number.saturating_mul(8).saturating_add(usize::from(byte - b'0'))),
    }
}

fn short_name(header: &[u8]) -> String {
    let own = name(piece(header, 0, 100));
    let folder = if piece(header, 257, 5) == b"ustar" { name(piece(header, 345, 155)) } else { String::new() };
    if folder.is_empty() { own } else { format!("{folder}/{own}") }
}

/// The path in a pax header's records (`LENGTH path=NAME\n`).
fn pax_path(records: &[u8]) -> Option<String> {
    let begin = find(records, b" path=", 0)? + 6;
    let rest = records.get(begin..)?;
    let end = rest.iter().position(|byte| *byte == b'\n')?;
    Some(name(piece(rest, 0, end)))
}

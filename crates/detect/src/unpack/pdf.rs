//! PDF: the streams that are packed with DEFLATE, among them scripts and embedded files. (ISO 32000-2, 7.3.8, 7.4.)

use super::read::{find, piece};
use super::room::Room;
use super::{Part, inflate};

/// How far before a stream its dictionary is looked for, in bytes.
const REACH: usize = 2048;

/// Shows every packed stream, by its number in the file.
pub(super) fn open(bytes: &[u8], room: &mut Room<'_>, part: &mut Part<'_>) {
    let (mut at, mut number) = (0, 0);
    while let Some(word) = find(bytes, b"stream", at) {
        at = word + 6;
        let before = piece(bytes, word.saturating_sub(REACH), word - word.saturating_sub(REACH));
        if before.ends_with(b"end") {
            continue;
        }
        number += 1;
        let dictionary = before
            .windows(3)
            .rposition(|three| three == b"obj")
            .map_or(before, |obj| before.get(obj..).unwrap_or_default());
        if find(dictionary, b"/FlateDecode", 0).is_none()
            && find(dictionary, b"/Fl ", 0).is_none()
            && !has_hex_name(dictionary)
        {
            continue;
        }
        let data = match bytes.get(at..) {
            Some([b'\r', b'\n', ..]) => at + 2,
            Some([b'\n' | b'\r', ..]) => at + 1,
            _ => at,
        };
        let out = inflate::zlib(bytes.get(data..).unwrap_or_default(), room);
        at = data.saturating_add(out.used).max(at);
        if !out.bytes.is_empty() {
            part(room, &format!("stream {number}"), &out.bytes);
        }
        if room.is_closed() {
            return;
        }
    }
}

/// Whether a filter's name is written with `#46` for `F` and so on, which only hides.
fn has_hex_name(dictionary: &[u8]) -> bool {
    find(dictionary, b"/Filter", 0)
        .is_some_and(|at| piece(dictionary, at, 60).windows(3).any(|three| matches!(three, [b'#', b'4'..=b'7', _])))
}

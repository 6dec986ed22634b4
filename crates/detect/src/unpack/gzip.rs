//! gzip (RFC 1952), with one member or several.

use super::read::{le16, name, piece};
use super::room::Room;
use super::{Part, inflate};

/// Bytes after a member: checksum and length.
const TRAILER: usize = 8;

/// Opens all members as one part, as gunzip does.
pub(super) fn open(bytes: &[u8], room: &mut Room<'_>, part: &mut Part<'_>) {
    let mut at = 0;
    let mut whole = Vec::new();
    let mut called = None;
    while let Some((data, file_name)) = header(bytes, at) {
        called = called.or(file_name);
        let out = inflate::raw(bytes.get(data..).unwrap_or_default(), room);
        whole.extend_from_slice(&out.bytes);
        at = data.saturating_add(out.used).saturating_add(TRAILER);
        if !out.ended || whole.len() >= room.part_most() || room.is_closed() {
            break;
        }
    }
    part(room, called.as_deref().unwrap_or("content"), &whole);
}

/// Where the data of the member at `at` begins, and its file's name.
fn header(bytes: &[u8], at: usize) -> Option<(usize, Option<String>)> {
    let member = bytes.get(at..)?;
    let [0x1F, 0x8B, 8, flags] = *member.first_chunk::<4>()? else { return None };
    let mut next = 10;
    if flags & 4 != 0 {
        next += 2 + usize::from(le16(member, next)?);
    }
    let text = |from: usize| member.get(from..)?.iter().position(|byte| *byte == 0);
    let mut called = None;
    if flags & 8 != 0 {
        let length = text(next)?;
        called = Some(name(piece(member, next, length))).filter(|name| !name.is_empty());
        next += length + 1;
    }
    if flags & 16 != 0 {
        next += text(next)? + 1;
    }
    if flags & 2 != 0 {
        next += 2;
    }
    Some((at.checked_add(next)?, called))
}

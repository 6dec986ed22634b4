//! Zip archives, and what is one by another name: docx, xlsx, odt, jar, apk.
//!
//! The directory at the end is believed for names and places; where it is missing or cut, the entries are looked for
//! by their own headers from the beginning. (PKWARE, "APPNOTE.TXT", 6.3.10.)

use super::read::{find, le16, le32, name, piece, size32};
use super::room::Room;
use super::{Part, inflate};

const ENTRY: &[u8] = b"PK\x01\x02";
const LOCAL: &[u8] = b"PK\x03\x04";
const END: &[u8] = b"PK\x05\x06";

/// How far from its end a file's directory may be announced.
const REACH: usize = 22 + 65_535;

/// One file of the archive.
struct Entry<'a> {
    name: &'a [u8],
    flags: u16,
    method: u16,
    packed: &'a [u8],
}

/// Whether something else (a program, a picture) ends in a zip archive.
pub(super) fn has_directory(bytes: &[u8]) -> bool {
    directory(bytes).is_some()
}

/// Where the first entry of the directory stands, how many there are, and how many bytes stand before the archive.
fn directory(bytes: &[u8]) -> Option<(usize, usize, usize)> {
    let from = bytes.len().saturating_sub(REACH);
    let near = bytes.get(from..)?;
    let end = from + near.windows(4).rposition(|four| four == END)?;
    let count = usize::from(le16(bytes, end + 10)?);
    let (length, told) = (size32(bytes, end + 12)?, size32(bytes, end + 16)?);
    let begin = end.checked_sub(length)?;
    let before = begin.checked_sub(told)?;
    (count == 0 || piece(bytes, begin, 4) == ENTRY).then_some((begin, count, before))
}

/// Opens every file that is stored or deflated.
pub(super) fn open(bytes: &[u8], room: &mut Room<'_>, part: &mut Part<'_>) {
    match directory(bytes) {
        Some((mut at, count, before)) => {
            for _ in 0..count {
                let Some((entry, next)) = by_directory(bytes, at, before) else { break };
                if !take(&entry, room, part) {
                    return;
                }
                at = next;
            }
        }
        None => by_headers(bytes, room, part),
    }
}

/// The entry at a place of the directory, and where the next one stands.
fn by_directory(bytes: &[u8], at: usize, before: usize) -> Option<(Entry<'_>, usize)> {
    if piece(bytes, at, 4) != ENTRY {
        return None;
    }
    let flags = le16(bytes, at + 8)?;
    let method = le16(bytes, at + 10)?;
    let packed = size32(bytes, at + 20)?;
    let lengths = [28, 30, 32].map(|field| le16(bytes, at + field).map_or(0, usize::from));
    let local = size32(bytes, at + 42)?.checked_add(before)?;
    let name = piece(bytes, at + 46, lengths[0]);
    let own = [26, 28].map(|field| le16(bytes, local.saturating_add(field)).map_or(0, usize::from));
    let data = local.checked_add(30 + own[0] + own[1])?;
    let next = at + 46 + lengths.iter().sum::<usize>();
    Some((Entry { name, flags, method, packed: piece(bytes, data, packed) }, next))
}

/// Entries as they lie, for archives without a directory.
fn by_headers(bytes: &[u8], room: &mut Room<'_>, part: &mut Part<'_>) {
    let mut at = 0;
    while let Some(begin) = find(bytes, LOCAL, at) {
        let field = |offset| le16(bytes, begin + offset);
        let (Some(flags), Some(method)) = (field(6), field(8)) else { return };
        let (Some(name_length), Some(extra)) = (field(26), field(28)) else { return };
        let told = le32(bytes, begin + 18).and_then(|length| usize::try_from(length).ok()).unwrap_or(0);
        let data = begin + 30 + usize::from(name_length) + usize::from(extra);
        // A length of 0 may mean that it follows the data: then all that is left is offered.
        let length = if told == 0 && method == 8 { bytes.len().saturating_sub(data) } else { told };
        let name = piece(bytes, begin + 30, usize::from(name_length));
        let entry = Entry { name, flags, method, packed: piece(bytes, data, length) };
        if !take(&entry, room, part) {
            return;
        }
        at = if told == 0 { data.max(begin + 4) } else { data.saturating_add(told) };
    }
}

/// Opens one entry; false when nothing more may be opened.
fn take(entry: &Entry<'_>, room: &mut Room<'_>, part: &mut Part<'_>) -> bool {
    let name = name(entry.name);
    if name.ends_with('/') {
        return !room.is_closed();
    }
    if entry.flags & 1 != 0 {
        room.refuse("encrypted", &format!("{name} is locked with a password and was not opened"), false);
        return true;
    }
    match entry.method {
        0 => {
            let most = room.part_most();
            let bytes = piece(entry.packed, 0, most);
            if room.count(bytes.len()) {
                part(room, &name, bytes);
            }
        }
        8 => {
            let out = inflate::raw(entry.packed, room);
            part(room, &name, &out.bytes);
        }
        other => room.refuse("method", &format!("{name} is packed by method {other}, which is not opened"), false),
    }
    !room.is_closed()
}

//! Images of discs: ISO 9660, with Joliet's names where there are such. (ECMA-119.)

use super::Part;
use super::read::{name, piece, size32};
use super::room::Room;

const SECTOR: usize = 2048;

/// Folders and files looked at.
const RECORDS: usize = 20_000;

/// Whether a volume is described where it must be.
pub(super) fn is_iso(bytes: &[u8]) -> bool {
    piece(bytes, 16 * SECTOR + 1, 5) == b"CD001"
}

/// Shows every file, by its path.
pub(super) fn open(bytes: &[u8], room: &mut Room<'_>, part: &mut Part<'_>) {
    let descriptors =
        || (16..48).map(|sector| piece(bytes, sector * SECTOR, SECTOR)).filter(|found| piece(found, 1, 5) == b"CD001");
    let joliet = descriptors().find(|found| found.first() == Some(&2) && piece(found, 88, 2) == b"%/");
    let Some(volume) = joliet.or_else(|| descriptors().find(|found| found.first() == Some(&1))) else { return };
    let Some((begin, length)) = extent(piece(volume, 156, 34)) else { return };
    let mut folders = vec![(String::new(), begin, length)];
    let mut seen = vec![begin];
    let mut left = RECORDS;
    while let Some((folder, begin, length)) = folders.pop() {
        for record in records(piece(bytes, begin, length)) {
            let Some(fewer) = left.checked_sub(1) else { return };
            left = fewer;
            let Some((begin, length)) = extent(record) else { continue };
            let called = record_name(record, joliet.is_some());
            let path = if folder.is_empty() { called } else { format!("{folder}/{called}") };
            if record.get(25).is_some_and(|flags| flags & 2 != 0) {
                if !seen.contains(&begin) {
                    seen.push(begin);
                    folders.push((path, begin, length));
                }
                continue;
            }
            let content = piece(bytes, begin, length.min(room.part_most()));
            if !room.count(content.len()) {
                return;
            }
            part(room, &path, content);
            if room.is_closed() {
                return;
            }
        }
    }
}

/// Where a record's content begins and how long it is, in bytes.
fn extent(record: &[u8]) -> Option<(usize, usize)> {
    Some((size32(record, 2)?.checked_mul(SECTOR)?, size32(record, 10)?))
}

/// The records of a folder, without itself and the one above. None crosses the end of a sector.
fn records(folder: &[u8]) -> impl Iterator<Item = &[u8]> {
    folder.chunks(SECTOR).flat_map(|sector| {
        let mut at = 0;
        std::iter::from_fn(move || {
            let length = usize::from(*sector.get(at)?);
            let record = piece(sector, at, length);
            at += length;
            (length >= 34).then_some(record)
        })
        .filter(|record| !matches!((record.get(32), record.get(33)), (Some(1), Some(0 | 1))))
    })
}

fn record_name(record: &[u8], wide: bool) -> String {
    let raw = piece(record, 33, record.get(32).map_or(0, |length| usize::from(*length)));
    let text = if wide {
        let (pairs, _) = raw.as_chunks::<2>();
        let units = pairs.iter().map(|pair| u16::from_be_bytes(*pair));
        char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
    } else {
        name(raw)
    };
    text.split(';').next().unwrap_or_default().trim_end_matches('.').to_owned()
}

//! Zip, 7z and gzip: do the directories point where something is?

use super::{Sample, Shape, crc32, le16, le32, sound_if};

/// The record with which a zip ends.
const END: &[u8] = b"PK\x05\x06";

/// No zip has a longer end record: 22 bytes and a comment of 65,535.
const END_REACH: usize = 22 + 65_535;

/// How many entries of a zip are followed.
const ENTRIES: u16 = 256;

/// Follows the central directory as far as the sample reaches and looks for each entry's local header.
pub(super) fn zip(sample: &Sample<'_>) -> Shape {
    let end = sample.end();
    let reach = end.get(end.len().saturating_sub(END_REACH)..).unwrap_or_default();
    let Some(record) = reach.windows(END.len()).rposition(|window| window == END).and_then(|at| reach.get(at..)) else {
        return Shape::Broken;
    };
    let (Some(entries), Some(start)) = (le16(record, 10), le32(record, 16)) else {
        return Shape::Broken;
    };
    if start == u32::MAX {
        // Zip64 keeps its numbers elsewhere; that it ends as a zip does is enough.
        return Shape::Sound;
    }
    let mut offset = u64::from(start);
    for _ in 0..entries.min(ENTRIES) {
        let Some(entry) = sample.at(offset, 46) else {
            return sound_if(offset < sample.len());
        };
        match follow(sample, entry) {
            Some(length) => offset += length,
            None => return Shape::Broken,
        }
    }
    Shape::Sound
}

/// The length of a directory entry, if it is one and its local header stands where it says.
fn follow(sample: &Sample<'_>, entry: &[u8]) -> Option<u64> {
    if !entry.starts_with(b"PK\x01\x02") {
        return None;
    }
    let local = u64::from(le32(entry, 42)?);
    if sample.covers(local) && sample.at(local, 4).is_some_and(|magic| magic != b"PK\x03\x04") {
        return None;
    }
    Some(46 + u64::from(le16(entry, 28)?) + u64::from(le16(entry, 30)?) + u64::from(le16(entry, 32)?))
}

/// The start header carries its own checksum.
pub(super) fn seven_zip(sample: &Sample<'_>) -> Shape {
    let fits = sample.head().get(12..32).zip(le32(sample.head(), 8)).is_some_and(|(body, sum)| crc32(body) == sum);
    sound_if(fits)
}

/// Reserved flags are zero and the operating system byte is one that RFC 1952 names.
pub(super) fn gzip(sample: &Sample<'_>) -> Shape {
    let (flags, system) = (sample.head().get(3), sample.head().get(9));
    sound_if(flags.is_some_and(|flags| flags & 0xE0 == 0) && system.is_some_and(|id| *id <= 13 || *id == 255))
}

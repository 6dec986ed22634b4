//! Compound files: doc, xls, ppt, msg, and the `vbaProject.bin` of newer documents. (Microsoft, \[MS-CFB\].)

use super::Part;
use super::read::{find, le16, piece, size32, utf16};
use super::room::Room;
use super::vba;

/// The first eight bytes.
pub(super) const MAGIC: &[u8] = &[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1];

/// Sectors from here on are no sectors: end of chain, free, and the like.
const LAST_SECTOR: u32 = 0xFFFF_FFFA;

/// Bytes of a directory entry.
const ENTRY: usize = 128;

/// Entries looked at.
const ENTRIES: usize = 10_000;

/// A compound file with its tables read.
struct Ole<'a> {
    bytes: &'a [u8],
    sector: usize,
    fat: Vec<u32>,
    mini_fat: Vec<u32>,
    mini: Vec<u8>,
    mini_most: usize,
}

/// Shows every stream, and the source of every macro in one.
pub(super) fn open(bytes: &[u8], room: &mut Room<'_>, part: &mut Part<'_>) {
    let Some((ole, directory)) = Ole::read(bytes) else {
        return room.refuse("damaged", "its tables cannot be read", false);
    };
    let entries: Vec<&[u8]> = directory.chunks_exact(ENTRY).take(ENTRIES).collect();
    for (at, entry) in entries.iter().enumerate() {
        // 2 is a stream; 1 a folder, 5 the root.
        if entry.get(66) != Some(&2) {
            continue;
        }
        let name = path(&entries, at, entry);
        let (Some(begin), Some(length)) = (le32_at(entry, 116), size32(entry, 120)) else { continue };
        let content = ole.stream(begin, length.min(room.part_most()));
        if !room.count(content.len()) {
            return;
        }
        part(room, &name, &content);
        // The macro's source begins with its first attribute, three bytes after the container's mark.
        if let Some(source) = find(&content, b"\0Attribut", 0).and_then(|mark| mark.checked_sub(3)) {
            let text = vba::decompress(content.get(source..).unwrap_or_default(), room.part_most());
            if !room.count(text.len()) {
                return;
            }
            part(room, &format!("{name}.vba"), &text);
        }
        if room.is_closed() {
            return;
        }
    }
}

/// The stream's name, with its folder's where one can be told: the directory is a tree whose upper end is not written down
/// at the leaf, and macros are told well enough by their own name.
fn path(entries: &[&[u8]], at: usize, entry: &[u8]) -> String {
    let own = entry_name(entry);
    let folder = entries.iter().take(at).rev().find(|above| above.get(66) == Some(&1)).map(|above| entry_name(above));
    match folder {
        Some(folder) if !folder.is_empty() => format!("{folder}/{own}"),
        _ => own,
    }
}

fn entry_name(entry: &[u8]) -> String {
    let length = le16(entry, 64).map_or(0, usize::from).min(64).saturating_sub(2);
    // Some names begin with a control character, which says nothing to people.
    utf16(piece(entry, 0, length)).trim_start_matches(|c: char| c.is_control()).to_owned()
}

fn le32_at(bytes: &[u8], at: usize) -> Option<u32> {
    super::read::le32(bytes, at)
}

impl<'a> Ole<'a> {
    /// Reads the tables; gives the directory too.
    fn read(bytes: &'a [u8]) -> Option<(Self, Vec<u8>)> {
        let shift = le16(bytes, 30)?;
        if !(7..=16).contains(&shift) || le16(bytes, 32)? != 6 {
            return None;
        }
        let mut ole = Ole {
            bytes,
            sector: 1 << shift,
            fat: Vec::new(),
            mini_fat: Vec::new(),
            mini: Vec::new(),
            mini_most: size32(bytes, 56)?,
        };
        ole.fat = ole.read_fat()?;
        let directory = ole.chain(le32_at(bytes, 48)?, ENTRIES * ENTRY);
        ole.mini_fat = numbers(&ole.chain(le32_at(bytes, 60)?, bytes.len()));
        let root = directory.get(..ENTRY)?;
        ole.mini = ole.chain(le32_at(root, 116)?, size32(root, 120)?.min(bytes.len()));
        Some((ole, directory))
    }

    /// The table of sectors: its own sectors are listed in the header, and further ones in a chain.
    fn read_fat(&self) -> Option<Vec<u32>> {
        let most = self.bytes.len() / self.sector + 1;
        let mut listed = numbers(self.bytes.get(76..512)?);
        let mut next = le32_at(self.bytes, 68)?;
        for _ in 0..most {
            if next >= LAST_SECTOR {
                break;
            }
            let mut more = numbers(self.at(next));
            let Some(after) = more.pop() else { break };
            listed.extend(more);
            next = after;
        }
        let sectors = listed.into_iter().filter(|sector| *sector < LAST_SECTOR).take(most);
        Some(sectors.flat_map(|sector| numbers(self.at(sector))).take(most).collect())
    }

    fn at(&self, sector: u32) -> &'a [u8] {
        let begin = usize::try_from(sector).ok().and_then(|sector| sector.checked_add(1)?.checked_mul(self.sector));
        begin.map_or(&[], |begin| piece(self.bytes, begin, self.sector))
    }

    /// The bytes of a chain of sectors, `most` at the most. A chain that bites its tail ends by its length.
    fn chain(&self, first: u32, most: usize) -> Vec<u8> {
        let mut content = Vec::new();
        let mut sector = first;
        while sector < LAST_SECTOR && content.len() < most {
            let piece = self.at(sector);
            if piece.is_empty() || content.len() > self.bytes.len() {
                break;
            }
            content.extend_from_slice(piece);
            let Some(next) = usize::try_from(sector).ok().and_then(|at| self.fat.get(at)) else { break };
            sector = *next;
        }
        content.truncate(most);
        content
    }

    /// The bytes of a stream: short ones lie in the root's own, in pieces of 64.
    fn stream(&self, first: u32, length: usize) -> Vec<u8> {
        if length >= self.mini_most {
            return self.chain(first, length);
        }
        let mut content = Vec::new();
        let mut sector = first;
        while sector < LAST_SECTOR && content.len() < length {
            let Some(at) = usize::try_from(sector).ok() else { break };
            let piece = piece(&self.mini, at.saturating_mul(64), 64);
            let Some(next) = self.mini_fat.get(at) else { break };
            if piece.is_empty() {
                break;
            }
            content.extend_from_slice(piece);
            sector = *next;
        }
        content.truncate(length);
        content
    }
}

fn numbers(bytes: &[u8]) -> Vec<u32> {
    let (fours, _) = bytes.as_chunks::<4>();
    fours.iter().map(|four| u32::from_le_bytes(*four)).collect()
}

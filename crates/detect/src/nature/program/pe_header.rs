//! Where things stand in a Windows program: headers, sections, the way from addresses to places. (Microsoft, PE Format.)

use super::bytes::{Reader, piece};

/// Sections read.
const SECTIONS: usize = 96;

/// A section as its header tells it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Section<'a> {
    pub(super) name: &'a [u8],
    pub(super) size: usize,
    pub(super) address: usize,
    pub(super) raw: usize,
    pub(super) place: usize,
    pub(super) rights: u32,
    pub(super) bytes: &'a [u8],
}

/// A program's outline.
#[derive(Clone, Debug)]
pub(super) struct Outline<'a> {
    pub(super) reader: Reader<'a>,
    /// Where the file header begins.
    pub(super) file: usize,
    /// Where the optional header begins.
    pub(super) optional: usize,
    /// 64 bits.
    pub(super) wide: bool,
    pub(super) sections: Vec<Section<'a>>,
}

impl<'a> Outline<'a> {
    /// Reads the headers; nothing when the bytes are no Windows program.
    pub(super) fn read(bytes: &'a [u8]) -> Option<Self> {
        if !bytes.starts_with(b"MZ") {
            return None;
        }
        let reader = Reader { bytes, big: false };
        let start = reader.word(0x3C, false)?;
        if piece(bytes, start, 4) != b"PE\0\0" {
            return None;
        }
        let file = start + 4;
        let optional = file + 20;
        let wide = match reader.u16(optional)? {
            0x10B => false,
            0x20B => true,
            _ => return None,
        };
        let count = usize::from(reader.u16(file + 2)?).min(SECTIONS);
        let table = optional + usize::from(reader.u16(file + 16)?);
        let sections = (0..count).map_while(|number| section(reader, table + number * 40)).collect();
        Some(Self { reader, file, optional, wide, sections })
    }

    /// A number of the optional header, whose tail is further back in 64-bit programs: `narrow` and `wide` are the places.
    pub(super) fn optional_u32(&self, at: usize) -> Option<u32> {
        self.reader.u32(self.optional + at)
    }

    /// Address and size of a data directory.
    pub(super) fn directory(&self, number: usize) -> Option<(usize, usize)> {
        let tail = if self.wide { 112 } else { 96 };
        let count = self.reader.word(self.optional + tail - 4, false)?;
        let at = self.optional + tail + number * 8;
        let found = (self.reader.word(at, false)?, self.reader.word(at + 4, false)?);
        (number < count && found != (0, 0)).then_some(found)
    }

    /// The place in the file of an address.
    pub(super) fn place(&self, address: usize) -> Option<usize> {
        let within = |section: &&Section<'_>| {
            address >= section.address && address - section.address < section.size.max(section.raw)
        };
        let section = self.sections.iter().find(within)?;
        section.place.checked_add(address - section.address)
    }

    /// A name that ends with NUL.
    pub(super) fn name(&self, at: usize) -> &'a [u8] {
        piece(self.reader.bytes, at, 64).split(|byte| *byte == 0).next().unwrap_or_default()
    }
}

fn section(reader: Reader<'_>, at: usize) -> Option<Section<'_>> {
    let rights = reader.u32(at + 36)?;
    let (raw, place) = (reader.word(at + 16, false)?, reader.word(at + 20, false)?);
    let name = piece(reader.bytes, at, 8).split(|byte| *byte == 0).next().unwrap_or_default();
    Some(Section {
        name,
        size: reader.word(at + 8, false)?,
        address: reader.word(at + 12, false)?,
        raw,
        place,
        rights,
        bytes: piece(reader.bytes, place, raw),
    })
}

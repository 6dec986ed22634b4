//! Whether a file's structure fits its kind. This finds encryption that leaves the first bytes alone.

mod archive;
mod media;
mod office;

use super::kind::{self, ContentKind};
use super::{Sample, Shape};

/// Checks what the sample lets be checked.
pub(super) fn check(kind: ContentKind, sample: &Sample<'_>) -> Shape {
    match kind {
        ContentKind::Text => Shape::Sound,
        ContentKind::Script => sound_if(kind::is_text(sample)),
        ContentKind::Pdf => office::pdf(sample),
        ContentKind::Ole => office::ole(sample),
        ContentKind::Zip | ContentKind::Ooxml | ContentKind::Odf => archive::zip(sample),
        ContentKind::SevenZip => archive::seven_zip(sample),
        ContentKind::Gzip => archive::gzip(sample),
        ContentKind::Xz => sound_if(sample.end().ends_with(b"YZ")),
        ContentKind::Bzip2 => sound_if(sample.head().get(4..10) == Some(b"\x31\x41\x59\x26\x53\x59".as_slice())),
        ContentKind::Png => media::png(sample),
        ContentKind::Jpeg => media::jpeg(sample),
        ContentKind::Gif => media::gif(sample),
        ContentKind::Mp4 => media::mp4(sample),
        ContentKind::Empty
        | ContentKind::Tiff
        | ContentKind::Riff
        | ContentKind::Zstd
        | ContentKind::Rar
        | ContentKind::Sqlite
        | ContentKind::Signed
        | ContentKind::GitPack
        | ContentKind::Elf
        | ContentKind::Pe
        | ContentKind::Unknown => Shape::Unchecked,
    }
}

/// Whether the first entry of a zip is encrypted (bit 0 of its flags).
pub(super) fn asks_for_password(kind: ContentKind, sample: &Sample<'_>) -> bool {
    let zip = matches!(kind, ContentKind::Zip | ContentKind::Ooxml | ContentKind::Odf);
    zip && sample.head().starts_with(b"PK\x03\x04") && le16(sample.head(), 6).is_some_and(|flags| flags & 1 == 1)
}

/// Sound or broken.
const fn sound_if(fits: bool) -> Shape {
    if fits { Shape::Sound } else { Shape::Broken }
}

/// A little-endian number of two bytes.
fn le16(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at.checked_add(2)?)?.try_into().ok()?))
}

/// A little-endian number of four bytes.
fn le32(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?))
}

/// A big-endian number of four bytes.
fn be32(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?))
}

/// CRC-32 as zip, gzip, 7z and PNG use it (ISO 3309).
fn crc32(bytes: &[u8]) -> u32 {
    const TABLE: [u32; 16] = nibbles();
    let mut crc = u32::MAX;
    for byte in bytes {
        for nibble in [byte & 15, byte >> 4] {
            let at = usize::from((crc as u8 ^ nibble) & 15);
            crc = (crc >> 4) ^ TABLE.get(at).copied().unwrap_or_default();
        }
    }
    !crc
}

/// The table for four bits at a time: small enough to stay in a cache line.
const fn nibbles() -> [u32; 16] {
    let mut table = [0_u32; 16];
    let mut at = 0;
    let mut rest: &mut [u32] = &mut table;
    while let [slot, tail @ ..] = rest {
        let mut value: u32 = at;
        let mut bit = 0;
        while bit < 4 {
            value = if value & 1 == 1 { (value >> 1) ^ 0xEDB8_8320 } else { value >> 1 };
            bit += 1;
        }
        *slot = value;
        at += 1;
        rest = tail;
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_the_one_of_the_standard() {
        // The check value that every catalogue of CRCs gives for CRC-32/ISO-HDLC.
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
    }
}

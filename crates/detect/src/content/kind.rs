//! What kind of file it is, told by its bytes and never by its name.

use super::Sample;
use serde::{Deserialize, Serialize};

/// A recognised kind of content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ContentKind {
    /// No bytes.
    Empty,
    /// Text: UTF-8, UTF-16 or one of the eight-bit alphabets of western Europe.
    Text,
    /// Text that names its interpreter in its first line.
    Script,
    /// PDF.
    Pdf,
    /// A zip archive that is no office document.
    Zip,
    /// Office Open XML: docx, xlsx, pptx.
    Ooxml,
    /// Open Document Format: odt, ods, odp.
    Odf,
    /// Compound file: doc, xls, ppt, msg, and password-protected Office Open XML.
    Ole,
    /// PNG picture.
    Png,
    /// JPEG picture.
    Jpeg,
    /// GIF picture.
    Gif,
    /// TIFF picture, and the raw formats built on it.
    Tiff,
    /// RIFF: webp, wav, avi.
    Riff,
    /// ISO base media: mp4, mov, m4a, heic.
    Mp4,
    /// gzip.
    Gzip,
    /// 7-Zip.
    SevenZip,
    /// xz.
    Xz,
    /// bzip2.
    Bzip2,
    /// Zstandard.
    Zstd,
    /// RAR.
    Rar,
    /// SQLite database.
    Sqlite,
    /// CMS in DER: a document signed as `.p7m` (`CAdES`), which Italian offices exchange daily.
    Signed,
    /// A git pack or its index: dense, and made by git's own housekeeping.
    GitPack,
    /// Linux program or library.
    Elf,
    /// Windows program or library.
    Pe,
    /// None of these.
    Unknown,
}

impl ContentKind {
    /// Whether the bytes were recognised as something.
    #[must_use]
    pub const fn is_known(self) -> bool {
        !matches!(self, Self::Unknown | Self::Empty)
    }

    /// Whether people make and miss such files. Programs and git's own files are not meant.
    #[must_use]
    pub const fn is_document(self) -> bool {
        !matches!(self, Self::Unknown | Self::Empty | Self::Elf | Self::Pe | Self::GitPack)
    }

    /// Whether it only wraps other files in compressed form.
    #[must_use]
    pub const fn is_archive(self) -> bool {
        matches!(self, Self::Zip | Self::Gzip | Self::SevenZip | Self::Xz | Self::Bzip2 | Self::Zstd | Self::Rar)
    }
}

/// Beginnings that settle the kind by themselves.
const MAGIC: &[(&[u8], ContentKind)] = &[
    (b"%PDF-", ContentKind::Pdf),
    (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", ContentKind::Ole),
    (b"\x89PNG\r\n\x1A\n", ContentKind::Png),
    (b"\xFF\xD8\xFF", ContentKind::Jpeg),
    (b"GIF87a", ContentKind::Gif),
    (b"GIF89a", ContentKind::Gif),
    (b"II*\0", ContentKind::Tiff),
    (b"MM\0*", ContentKind::Tiff),
    (b"RIFF", ContentKind::Riff),
    (b"\x1F\x8B\x08", ContentKind::Gzip),
    (b"7z\xBC\xAF\x27\x1C", ContentKind::SevenZip),
    (b"\xFD7zXZ\0", ContentKind::Xz),
    (b"BZh", ContentKind::Bzip2),
    (b"\x28\xB5\x2F\xFD", ContentKind::Zstd),
    (b"Rar!\x1A\x07", ContentKind::Rar),
    (b"SQLite format 3\0", ContentKind::Sqlite),
    (b"PACK\0\0\0\x02", ContentKind::GitPack),
    (b"\xFFtOc\0\0\0\x02", ContentKind::GitPack),
    (b"\x7FELF", ContentKind::Elf),
];

/// Object identifiers 1.2.840.113549.1.7.*, with which every CMS message begins after its outer length.
const CMS: &[u8] = b"\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07";

/// Names the kind of a sample.
pub(super) fn recognise(sample: &Sample<'_>) -> ContentKind {
    let head = sample.head();
    if sample.is_empty() || head.is_empty() {
        return ContentKind::Empty;
    }
    if let Some((_, kind)) = MAGIC.iter().find(|(magic, _)| head.starts_with(magic)) {
        return *kind;
    }
    if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") {
        return zip_kind(sample);
    }
    if head.get(4..8) == Some(b"ftyp".as_slice()) {
        return ContentKind::Mp4;
    }
    if head.first() == Some(&0x30) && head.get(2..19).is_some_and(|start| find(start, CMS).is_some()) {
        return ContentKind::Signed;
    }
    if head.starts_with(b"MZ") && is_pe(head) {
        return ContentKind::Pe;
    }
    if head.starts_with(b"#!") {
        return ContentKind::Script;
    }
    if is_text(sample) { ContentKind::Text } else { ContentKind::Unknown }
}

/// Whether every piece of the sample reads as text.
pub(super) fn is_text(sample: &Sample<'_>) -> bool {
    let head = sample.head();
    if is_utf16(head) {
        return true;
    }
    sample.pieces().all(|(_, piece)| is_text_piece(piece))
}

/// Where `needle` first stands in `hay`.
pub(super) fn find(hay: &[u8], needle: &[u8]) -> Option<usize> {
    let first = needle.first()?;
    let mut from = 0;
    loop {
        let rest = hay.get(from..)?;
        let at = from + rest.iter().position(|byte| byte == first)?;
        if hay.get(at..)?.starts_with(needle) {
            return Some(at);
        }
        from = at + 1;
    }
}

/// Zip, or one of the document formats that live in zips. They put their telling entry first.
fn zip_kind(sample: &Sample<'_>) -> ContentKind {
    let start = sample.head().get(..sample.head().len().min(4_096)).unwrap_or_default();
    if find(start, b"mimetypeapplication/vnd.oasis.opendocument").is_some() {
        return ContentKind::Odf;
    }
    // Every Office Open XML package has this part; it stands in the first entry or in the directory at the end.
    let end = sample.end();
    let directory = end.get(end.len().saturating_sub(64 * 1_024)..).unwrap_or_default();
    let parts = b"[Content_Types].xml";
    let office = find(start, parts).or_else(|| find(directory, parts)).is_some();
    if office { ContentKind::Ooxml } else { ContentKind::Zip }
}

/// A DOS header that points to a PE header; text that merely begins with MZ does not.
fn is_pe(head: &[u8]) -> bool {
    let Some(at) = head.get(60..64).and_then(|bytes| bytes.try_into().ok()).map(u32::from_le_bytes) else {
        return false;
    };
    usize::try_from(at).is_ok_and(|at| head.get(at..).is_some_and(|rest| rest.starts_with(b"PE\0\0")))
}

/// UTF-16, by its mark or because every second byte of western text is zero.
fn is_utf16(head: &[u8]) -> bool {
    let start = head.get(..head.len().min(4_096)).unwrap_or_default();
    let (units, _) = start.as_chunks::<2>();
    let reads = |unit: fn([u8; 2]) -> u16| {
        let plain = units.iter().filter(|pair| matches!(unit(**pair), 9 | 10 | 13 | 32..=0x24F)).count();
        !units.is_empty() && plain * 10 >= units.len() * 9
    };
    match start {
        [0xFF, 0xFE, ..] => reads(u16::from_le_bytes),
        [0xFE, 0xFF, ..] => reads(u16::from_be_bytes),
        _ => {
            let zeros = start.iter().filter(|byte| **byte == 0).count();
            zeros * 5 >= start.len() * 2 && (reads(u16::from_le_bytes) || reads(u16::from_be_bytes))
        }
    }
}

/// One piece: UTF-8 (a character cut by the edge of the piece is forgiven), or eight-bit text without control bytes.
fn is_text_piece(piece: &[u8]) -> bool {
    let control = |byte: &u8| matches!(byte, 0..=8 | 11 | 14..=26 | 28..=31 | 127);
    let controls = piece.iter().filter(|byte| control(byte)).count();
    if controls * 200 > piece.len() {
        return false;
    }
    let cut = piece.iter().take(3).take_while(|byte| (0x80..0xC0).contains(*byte)).count();
    let body = piece.get(cut..).unwrap_or_default();
    match std::str::from_utf8(body) {
        Ok(_) => true,
        Err(error) if error.error_len().is_none() => error.valid_up_to() > 0,
        Err(_) => {
            let high = piece.iter().filter(|byte| **byte >= 0x80).count();
            controls == 0 && high * 100 <= piece.len() * 15
        }
    }
}

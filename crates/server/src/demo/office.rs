//! Made-up office files: the kinds that a municipal office keeps, with valid headers and text of no meaning.

use std::io;
use std::path::{Path, PathBuf};

/// Folders of a small comune's file share.
const OFFICES: [&str; 4] = ["Protocollo", "Anagrafe", "Tributi", "Ragioneria"];

/// Words that made-up documents are filled with.
const WORDS: [&str; 24] = [
    "la",
    "giunta",
    "delibera",
    "di",
    "approvare",
    "il",
    "verbale",
    "della",
    "seduta",
    "del",
    "comune",
    "ufficio",
    "tributi",
    "protocollo",
    "anagrafe",
    "bilancio",
    "impegno",
    "spesa",
    "capitolo",
    "contratto",
    "servizio",
    "cittadino",
    "istanza",
    "determina",
];

/// Writes `count` files below `folder` and returns their paths.
///
/// # Errors
/// What the system says.
pub fn fill(folder: &Path, count: usize) -> io::Result<Vec<PathBuf>> {
    let mut dice = Dice(0x5eed);
    let mut paths = Vec::with_capacity(count);
    for (number, office) in (0..count).zip(OFFICES.iter().cycle()) {
        let dir = folder.join(office);
        std::fs::create_dir_all(&dir)?;
        let text = prose(&mut dice, 400 + 37 * (number % 90));
        let (name, bytes) = document(number, &text, &mut dice);
        let path = dir.join(name);
        std::fs::write(&path, bytes)?;
        paths.push(path);
    }
    Ok(paths)
}

fn document(number: usize, text: &str, dice: &mut Dice) -> (String, Vec<u8>) {
    match number % 6 {
        0 => (format!("Delibera_{number:03}_2026.docx"), docx(text)),
        1 => (format!("Verbale seduta {number:03}.odt"), odt(text)),
        2 => (format!("Avviso_{number:03}.pdf"), pdf(text)),
        3 => (format!("Ruolo {number:03}.csv"), csv(dice)),
        4 => (format!("Nota {number:03}.txt"), text.as_bytes().to_vec()),
        _ => (format!("Foto sopralluogo {number:03}.jpg"), jpeg(dice)),
    }
}

/// A small generator (splitmix64): made-up files need variety, not secrecy.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

fn prose(dice: &mut Dice, words: usize) -> String {
    let mut text = String::new();
    for n in 0..words {
        let word = WORDS[usize::try_from(dice.roll() % WORDS.len() as u64).unwrap_or(0)];
        text.push_str(word);
        text.push(if n % 14 == 13 { '\n' } else { ' ' });
    }
    text
}

fn csv(dice: &mut Dice) -> Vec<u8> {
    let mut text = String::from("codice;cognome;importo;scadenza\n");
    for row in 0..150 {
        let cents = dice.roll() % 90_000;
        text.push_str(&format!("C{row:05};Rossi{row};{},{:02};16/06/2026\n", cents / 100, cents % 100));
    }
    text.into_bytes()
}

fn docx(text: &str) -> Vec<u8> {
    let types = r#"<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>"#;
    let body = format!(
        r#"<?xml version="1.0"?><w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:body></w:document>"#
    );
    zip(&[("[Content_Types].xml", types.as_bytes()), ("word/document.xml", body.as_bytes())])
}

fn odt(text: &str) -> Vec<u8> {
    let content = format!(
        r#"<?xml version="1.0"?><office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:text><text:p>{text}</text:p></office:text></office:body></office:document-content>"#
    );
    zip(&[("mimetype", b"application/vnd.oasis.opendocument.text"), ("content.xml", content.as_bytes())])
}

fn pdf(text: &str) -> Vec<u8> {
    let stream: String = text.lines().map(|line| format!("({line}) Tj T*\n")).collect();
    format!(
        "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n3 0 obj<</Type/Page/Parent 2 0 R/Contents 4 0 R>>endobj\n4 0 obj<</Length {}>>stream\n{stream}endstream endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n",
        stream.len()
    )
    .into_bytes()
}

fn jpeg(dice: &mut Dice) -> Vec<u8> {
    let mut bytes = vec![0xff, 0xd8, 0xff, 0xe0, 0x00, 0x10];
    bytes.extend_from_slice(b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0");
    for _ in 0..4_000 {
        // In a picture's data an 0xff is always followed by a zero.
        for byte in dice.roll().to_le_bytes() {
            bytes.push(byte);
            if byte == 0xff {
                bytes.push(0);
            }
        }
    }
    bytes.extend_from_slice(&[0xff, 0xd9]);
    bytes
}

/// A ZIP file whose parts are stored without compression.
fn zip(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut file = Vec::new();
    let mut directory = Vec::new();
    for (name, data) in parts {
        let offset = u32::try_from(file.len()).unwrap_or(0);
        let size = u32::try_from(data.len()).unwrap_or(0).to_le_bytes();
        let name_len = u16::try_from(name.len()).unwrap_or(0).to_le_bytes();
        // Version, flags, method, time, date; then checksum, packed size, size, length of name, length of extra.
        let mut head = vec![20, 0, 0, 0, 0, 0, 0, 0, 0x21, 0x5a];
        head.extend_from_slice(&crc32(data).to_le_bytes());
        head.extend_from_slice(&size);
        head.extend_from_slice(&size);
        head.extend_from_slice(&name_len);
        head.extend_from_slice(&[0, 0]);
        file.extend_from_slice(b"PK\x03\x04");
        file.extend_from_slice(&head);
        file.extend_from_slice(name.as_bytes());
        file.extend_from_slice(data);
        directory.extend_from_slice(b"PK\x01\x02\x14\0");
        directory.extend_from_slice(&head);
        directory.extend_from_slice(&[0; 10]);
        directory.extend_from_slice(&offset.to_le_bytes());
        directory.extend_from_slice(name.as_bytes());
    }
    let count = u16::try_from(parts.len()).unwrap_or(0).to_le_bytes();
    let start = u32::try_from(file.len()).unwrap_or(0).to_le_bytes();
    let length = u32::try_from(directory.len()).unwrap_or(0).to_le_bytes();
    file.extend_from_slice(&directory);
    file.extend_from_slice(b"PK\x05\x06\0\0\0\0");
    file.extend_from_slice(&count);
    file.extend_from_slice(&count);
    file.extend_from_slice(&length);
    file.extend_from_slice(&start);
    file.extend_from_slice(&[0, 0]);
    file
}

/// The checksum of ZIP (ISO 3309), bit by bit: these files are few and small.
fn crc32(data: &[u8]) -> u32 {
    !data.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| if sum & 1 == 1 { (sum >> 1) ^ 0xedb8_8320 } else { sum >> 1 })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_that_of_the_standard() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
    }

    #[test]
    fn every_kind_of_file_is_written_with_its_own_header() {
        let dir = tempfile::tempdir().unwrap();
        let paths = fill(dir.path(), 12).unwrap();
        assert_eq!(paths.len(), 12);
        for path in paths {
            let head = std::fs::read(&path).unwrap();
            let expected: &[u8] = match path.extension().and_then(|e| e.to_str()).unwrap() {
                "docx" | "odt" => b"PK\x03\x04",
                "pdf" => b"%PDF-",
                "jpg" => &[0xff, 0xd8, 0xff],
                "csv" => b"codice;",
                _ => b"",
            };
            assert!(head.starts_with(expected), "{}", path.display());
        }
    }

    #[test]
    fn python_reads_the_zip_files_that_we_write() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.docx");
        std::fs::write(&path, docx("prova")).unwrap();
        let check = std::process::Command::new("python3").args(["-m", "zipfile", "-t"]).arg(&path).output();
        match check {
            Ok(output) => assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout)),
            Err(error) => println!("skipped: python3 is not here ({error})"),
        }
    }
}

//! Makes real files: small, valid specimens of each format, and bytes as a cipher would make them.

/// Bytes that cannot be told from random ones (xorshift64*), the same for the same seed.
pub(crate) fn random(seed: u64, len: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut bytes = Vec::with_capacity(len + 8);
    while bytes.len() < len {
        state ^= state >> 12;
        state ^= state << 25;
        state ^= state >> 27;
        bytes.extend_from_slice(&state.wrapping_mul(0x2545_F491_4F6C_DD1D).to_be_bytes());
    }
    bytes.truncate(len);
    bytes
}

/// The file as a stream cipher would leave it.
pub(crate) fn encrypt(seed: u64, bytes: &[u8]) -> Vec<u8> {
    bytes.iter().zip(random(seed ^ 0xC0FFEE, bytes.len())).map(|(byte, key)| byte ^ key).collect()
}

/// Only every other piece of `piece` bytes encrypted, the first piece too if `first`.
pub(crate) fn encrypt_partly(seed: u64, bytes: &[u8], piece: usize, first: bool) -> Vec<u8> {
    let cipher = encrypt(seed, bytes);
    let odd = usize::from(!first);
    let pick = |(at, (plain, secret)): (usize, (&u8, &u8))| if (at / piece) % 2 == odd { *secret } else { *plain };
    bytes.iter().zip(&cipher).enumerate().map(pick).collect()
}

/// Italian prose of about `len` bytes.
pub(crate) fn text(seed: u64, len: usize) -> Vec<u8> {
    const WORDS: &[&str] = &[
        "comune",
        "delibera",
        "giunta",
        "ufficio",
        "anagrafe",
        "tributi",
        "il",
        "della",
        "per",
        "con",
        "servizio",
        "protocollo",
        "città",
        "cittadino",
        "richiesta",
        "entro",
        "giorni",
        "responsabile",
        "atto",
        "è",
        "allegato",
    ];
    let dice = random(seed, len);
    let mut prose = String::new();
    for die in dice {
        prose.push_str(WORDS[usize::from(die) % WORDS.len()]);
        prose.push(if die % 11 == 0 { '\n' } else { ' ' });
        if prose.len() >= len {
            break;
        }
    }
    prose.into_bytes()
}

/// CRC-32 (ISO 3309), bit by bit.
pub(crate) fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { (crc >> 1) ^ 0xEDB8_8320 } else { crc >> 1 })
    })
}

/// A DEFLATE stream of literals in the fixed code (RFC 1951, 3.2.6): valid, if not small.
pub(crate) fn deflate(bytes: &[u8]) -> Vec<u8> {
    let (mut out, mut hold, mut held) = (Vec::new(), 0_u64, 0_u32);
    let mut put = |code: u64, bits: u32| {
        hold |= code << held;
        held += bits;
        while held >= 8 {
            out.push(hold as u8);
            hold >>= 8;
            held -= 8;
        }
    };
    put(0b011, 3);
    let reversed = |code: u32, bits: u32| u64::from(code.reverse_bits() >> (32 - bits));
    for byte in bytes {
        match byte {
            0..=143 => put(reversed(0x30 + u32::from(*byte), 8), 8),
            _ => put(reversed(0x190 + u32::from(*byte) - 144, 9), 9),
        }
    }
    put(0, 7);
    put(0, 7);
    out
}

/// A gzip file.
pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut file = b"\x1F\x8B\x08\0\0\0\0\0\0\x03".to_vec();
    file.extend(deflate(bytes));
    file.extend(crc32(bytes).to_le_bytes());
    file.extend((bytes.len() as u32).to_le_bytes());
    file
}

/// A zip of stored entries.
pub(crate) fn zip(entries: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let (mut file, mut directory) = (Vec::new(), Vec::new());
    for (name, body) in entries {
        let at = file.len() as u32;
        let mut common = vec![20, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        common.extend(crc32(body).to_le_bytes());
        common.extend((body.len() as u32).to_le_bytes());
        common.extend((body.len() as u32).to_le_bytes());
        common.extend((name.len() as u16).to_le_bytes());
        common.extend([0, 0]);
        file.extend(b"PK\x03\x04");
        file.extend(&common);
        file.extend(name.bytes());
        file.extend(body);
        directory.extend(b"PK\x01\x02\x14\0");
        directory.extend(&common);
        directory.extend([0; 10]);
        directory.extend(at.to_le_bytes());
        directory.extend(name.bytes());
    }
    let (start, count) = (file.len() as u32, entries.len() as u16);
    file.extend(&directory);
    file.extend(b"PK\x05\x06\0\0\0\0");
    file.extend(count.to_le_bytes());
    file.extend(count.to_le_bytes());
    file.extend((directory.len() as u32).to_le_bytes());
    file.extend(start.to_le_bytes());
    file.extend([0, 0]);
    file
}

/// A Word document of some size; its parts are dense, as compressed ones are.
pub(crate) fn docx(seed: u64, len: usize) -> Vec<u8> {
    zip(&[
        ("[Content_Types].xml", b"<?xml version=\"1.0\"?><Types/>".to_vec()),
        ("word/document.xml", random(seed, len / 2)),
        ("word/styles.xml", random(seed + 1, len / 4)),
        ("word/media/image1.jpeg", random(seed + 2, len / 4)),
    ])
}

/// A text in the Open Document Format.
pub(crate) fn odt(seed: u64, len: usize) -> Vec<u8> {
    zip(&[
        ("mimetype", b"application/vnd.oasis.opendocument.text".to_vec()),
        ("content.xml", random(seed, len)),
        ("META-INF/manifest.xml", b"<manifest/>".to_vec()),
    ])
}

/// A zip of pictures or whatever else is dense.
pub(crate) fn plain_zip(seed: u64, len: usize) -> Vec<u8> {
    zip(&[("dati/a.bin", random(seed, len / 2)), ("dati/b.bin", random(seed + 9, len / 2))])
}

/// A PDF with text streams and a classic cross-reference table.
pub(crate) fn pdf(seed: u64, len: usize) -> Vec<u8> {
    let mut file = b"%PDF-1.4\n%\xE2\xE3\xCF\xD3\n".to_vec();
    let mut offsets = Vec::new();
    let pages = 8;
    for number in 1..=pages {
        offsets.push(file.len());
        let body = text(seed + number, len / pages as usize);
        file.extend(format!("{number} 0 obj\n<< /Length {} >>\nstream\n", body.len()).bytes());
        file.extend(body);
        file.extend(b"\nendstream\nendobj\n");
    }
    let table = file.len();
    file.extend(format!("xref\n0 {}\n0000000000 65535 f \n", pages + 1).bytes());
    for offset in offsets {
        file.extend(format!("{offset:010} 00000 n \n").bytes());
    }
    file.extend(format!("trailer\n<< /Size {} >>\nstartxref\n{table}\n%%EOF\n", pages + 1).bytes());
    file
}

/// A picture as a camera writes it: markers, then dense data with stuffed FF bytes.
pub(crate) fn jpeg(seed: u64, len: usize) -> Vec<u8> {
    let mut file = b"\xFF\xD8\xFF\xE0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0".to_vec();
    file.extend(b"\xFF\xDB\0\x43\0");
    file.extend([16; 64]);
    file.extend(b"\xFF\xC0\0\x0B\x08\0\x40\0\x40\x01\x01\x11\0");
    file.extend(b"\xFF\xDA\0\x08\x01\x01\0\0\x3F\0");
    for byte in random(seed, len) {
        file.push(byte);
        if byte == 0xFF {
            file.push(0);
        }
    }
    file.extend(b"\xFF\xD9");
    file
}

/// A PNG of one stored zlib block after the other.
pub(crate) fn png(seed: u64, len: usize) -> Vec<u8> {
    let mut file = b"\x89PNG\r\n\x1A\n".to_vec();
    let mut chunk = |name: &[u8; 4], body: &[u8]| {
        let named = [name.as_slice(), body].concat();
        file.extend((body.len() as u32).to_be_bytes());
        file.extend(&named);
        file.extend(crc32(&named).to_be_bytes());
    };
    chunk(b"IHDR", b"\0\0\0\x40\0\0\0\x40\x08\x02\0\0\0");
    for (number, piece) in random(seed, len).chunks(8_192).enumerate() {
        chunk(b"IDAT", &[[number as u8].as_slice(), piece].concat());
    }
    chunk(b"IEND", b"");
    file
}

/// An old Word document: a compound file with text in its sectors.
pub(crate) fn doc(seed: u64, len: usize) -> Vec<u8> {
    let mut file = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1".to_vec();
    file.resize(512, 0);
    file[24..32].copy_from_slice(&[0x3E, 0, 3, 0, 0xFE, 0xFF, 9, 0]);
    file[48..52].copy_from_slice(&1_u32.to_le_bytes());
    file.extend([0xFD; 512]);
    file.extend("Root Entry".bytes().flat_map(|letter| [letter, 0]));
    file.resize(1_536, 0);
    file.extend(text(seed, len));
    file
}

/// An SQLite database with text in its pages.
pub(crate) fn sqlite(seed: u64, len: usize) -> Vec<u8> {
    let mut file = b"SQLite format 3\0\x10\0\x01\x01\0\x40\x20\x20".to_vec();
    file.resize(100, 0);
    file.extend(text(seed, len));
    file
}

/// A 7z archive with a valid start header and dense content.
pub(crate) fn seven_zip(seed: u64, len: usize) -> Vec<u8> {
    let mut file = b"7z\xBC\xAF\x27\x1C\0\x04".to_vec();
    let start = [(len as u64).to_le_bytes(), 32_u64.to_le_bytes(), [7; 8]].concat();
    file.extend(crc32(&start[..20]).to_le_bytes());
    file.extend(&start[..20]);
    file.extend(random(seed, len));
    file
}

/// A git pack.
pub(crate) fn git_pack(seed: u64, len: usize) -> Vec<u8> {
    [b"PACK\0\0\0\x02\0\0\0\x09".to_vec(), random(seed, len)].concat()
}

/// One document of each kind that offices keep, with its extension.
pub(crate) fn office_file(number: u64) -> (&'static str, Vec<u8>) {
    let len = 12_000 + (number as usize % 7) * 5_000;
    match number % 8 {
        0 => ("docx", docx(number, len)),
        1 => ("pdf", pdf(number, len)),
        2 => ("jpg", jpeg(number, len)),
        3 => ("txt", text(number, len)),
        4 => ("odt", odt(number, len)),
        5 => ("doc", doc(number, len)),
        6 => ("png", png(number, len)),
        _ => ("csv", text(number + 3, len)),
    }
}

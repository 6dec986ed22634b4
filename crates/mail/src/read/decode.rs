//! Transfer encodings and charsets, each with a bound on what comes out.

/// The first line without its end, and what follows it.
pub(super) fn line(bytes: &[u8]) -> (&[u8], &[u8]) {
    let end = bytes.iter().position(|byte| *byte == b'\n');
    let (line, rest) = end.map_or((bytes, [].as_slice()), |at| {
        (bytes.get(..at).unwrap_or_default(), bytes.get(at + 1..).unwrap_or_default())
    });
    (line.strip_suffix(b"\r").unwrap_or(line), rest)
}

/// Base64, foreign characters passed over, at most `most` bytes.
pub(super) fn base64(bytes: &[u8], most: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(most.min(bytes.len() / 4 * 3 + 3));
    let (mut held, mut bits) = (0_u32, 0_u32);
    for byte in bytes {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            b'=' => {
                (held, bits) = (0, 0);
                continue;
            }
            _ => continue,
        };
        held = held << 6 | u32::from(value);
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            out.push(u8::try_from(held >> bits & 0xFF).unwrap_or_default());
            if out.len() >= most {
                break;
            }
        }
    }
    out
}

/// The last `most` bytes of a base64 text.
pub(super) fn base64_tail(bytes: &[u8], most: usize) -> Vec<u8> {
    let wanted = most / 3 * 4;
    let from = bytes.len().saturating_sub(wanted + wanted / 30);
    let mut letters: Vec<u8> =
        bytes.get(from..).unwrap_or_default().iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let extra = letters.len() % 4;
    letters.drain(..extra);
    base64(&letters, most)
}

/// Quoted-printable; what is no escape stays. At most `most` bytes.
pub(super) fn quoted(bytes: &[u8], most: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len().min(most));
    let mut at = 0;
    while let Some(byte) = bytes.get(at).filter(|_| out.len() < most) {
        at += 1;
        if *byte != b'=' {
            out.push(*byte);
            continue;
        }
        let pair = bytes.get(at).and_then(|high| hex(*high)).zip(bytes.get(at + 1).and_then(|low| hex(*low)));
        if let Some((high, low)) = pair {
            out.push(high << 4 | low);
            at += 2;
        } else if bytes.get(at) == Some(&b'\n') {
            at += 1;
        } else if bytes.get(at..at + 2) == Some(b"\r\n".as_slice()) {
            at += 2;
        } else {
            out.push(b'=');
        }
    }
    out
}

/// `%41` and the like.
pub(crate) fn percent(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        at += 1;
        let pair = bytes.get(at).and_then(|high| hex(*high)).zip(bytes.get(at + 1).and_then(|low| hex(*low)));
        match pair {
            Some((high, low)) if *byte == b'%' => {
                out.push(high << 4 | low);
                at += 2;
            }
            _ => out.push(*byte),
        }
    }
    out
}

fn hex(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

/// Bytes of a named charset as text. UTF-8, UTF-16 and the western one-byte sets are read; of others the ASCII part.
pub(super) fn charset(bytes: &[u8], name: &str) -> String {
    let name = name.to_ascii_lowercase();
    if name.starts_with("utf-16") {
        let big = name.ends_with("be") || bytes.starts_with(&[0xFE, 0xFF]);
        let (pairs, _) = bytes.as_chunks::<2>();
        let units = pairs.iter().map(|pair| if big { u16::from_be_bytes(*pair) } else { u16::from_le_bytes(*pair) });
        return char::decode_utf16(units)
            .map(|unit| unit.unwrap_or('\u{FFFD}'))
            .filter(|unit| *unit != '\u{FEFF}')
            .collect();
    }
    if name == "windows-1251" || name == "cp1251" {
        return bytes.iter().map(|byte| cyrillic(*byte)).collect();
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) if name.starts_with("iso-8859") || name.starts_with("windows-125") => {
            bytes.iter().map(|byte| western(*byte)).collect()
        }
        Err(_) => guess(bytes),
    }
}

/// UTF-8 where it is valid, else Windows-1252, which is what unmarked western mail is.
pub(super) fn guess(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(error) if error.error_len().is_none() => String::from_utf8_lossy(bytes).into_owned(),
        Err(_) => bytes.iter().map(|byte| western(*byte)).collect(),
    }
}

/// Windows-1252.
fn western(byte: u8) -> char {
    match byte {
        0x80 => '€',
        0x85 => '…',
        0x91 | 0x92 => '’',
        0x93 | 0x94 => '"',
        0x96 | 0x97 => '-',
        0x95 => '•',
        0x81..=0x9F => ' ',
        other => char::from(other),
    }
}

/// Windows-1251: letters only.
fn cyrillic(byte: u8) -> char {
    match byte {
        0xC0..=0xFF => char::from_u32(0x410 + u32::from(byte) - 0xC0).unwrap_or(' '),
        0xA8 => 'Ё',
        0xB8 => 'ё',
        0x00..=0x7F => char::from(byte),
        _ => ' ',
    }
}

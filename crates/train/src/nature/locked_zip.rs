//! Zip archives under the password that malware collections agree on, opened in memory. (PKWARE APPNOTE.TXT, 6.1.)

/// What every collection locks its samples with.
const PASSWORD: &[u8] = b"infected";

/// Largest file written out, in bytes.
const LARGEST: usize = 16 * 1024 * 1024;

/// The three keys.
struct Keys([u32; 3]);

impl Keys {
    fn new() -> Self {
        let mut keys = Self([0x1234_5678, 0x2345_6789, 0x3456_7890]);
        for byte in PASSWORD {
            keys.take(*byte);
        }
        keys
    }

    fn take(&mut self, byte: u8) {
        let [first, second, third] = &mut self.0;
        *first = crc(*first, byte);
        *second = second.wrapping_add(*first & 0xFF).wrapping_mul(134_775_813).wrapping_add(1);
        *third = crc(*third, (*second >> 24) as u8);
    }

    fn open(&mut self, byte: u8) -> u8 {
        let word = self.0[2] | 2;
        let plain = byte ^ (word.wrapping_mul(word ^ 1) >> 8) as u8;
        self.take(plain);
        plain
    }
}

fn crc(value: u32, byte: u8) -> u32 {
    let mut value = value ^ u32::from(byte);
    for _ in 0..8 {
        value = if value & 1 == 1 { value >> 1 ^ 0xEDB8_8320 } else { value >> 1 };
    }
    value
}

fn le(bytes: &[u8], at: usize, length: usize) -> Option<usize> {
    let piece = bytes.get(at..at + length)?;
    Some(piece.iter().rev().fold(0, |sum, byte| sum << 8 | usize::from(*byte)))
}

/// Names and bytes of what is inside, locked or not; damaged entries are left out.
pub(crate) fn open(zip: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    let Some(end) = zip.windows(4).rposition(|four| four == b"PK\x05\x06") else { return found };
    let mut at = le(zip, end + 16, 4).unwrap_or(zip.len());
    while zip.get(at..at + 4) == Some(b"PK\x01\x02") {
        let (Some(name), Some(extra), Some(comment)) = (le(zip, at + 28, 2), le(zip, at + 30, 2), le(zip, at + 32, 2))
        else {
            break;
        };
        let title = String::from_utf8_lossy(zip.get(at + 46..at + 46 + name).unwrap_or_default()).into_owned();
        if let Some(bytes) = entry(zip, at) {
            found.push((title, bytes));
        }
        at += 46 + name + extra + comment;
    }
    found
}

fn entry(zip: &[u8], at: usize) -> Option<Vec<u8>> {
    let (flags, method) = (le(zip, at + 8, 2)?, le(zip, at + 10, 2)?);
    let (packed, place) = (le(zip, at + 20, 4)?, le(zip, at + 42, 4)?);
    let begin = place + 30 + le(zip, place + 26, 2)? + le(zip, place + 28, 2)?;
    let bytes = zip.get(begin..begin.checked_add(packed)?)?;
    let plain = if flags & 1 == 1 {
        let mut keys = Keys::new();
        let opened: Vec<u8> = bytes.iter().map(|byte| keys.open(*byte)).collect();
        opened.get(12..)?.to_vec()
    } else {
        bytes.to_vec()
    };
    match method {
        0 => Some(plain),
        8 => miniz_oxide::inflate::decompress_to_vec_with_limit(&plain, LARGEST).ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_locked_entry_opens_with_the_common_password() {
        // "hello", stored, locked by these very rules backwards.
        let mut keys = Keys::new();
        let mut locked = Vec::new();
        for plain in b"0123456789abhello" {
            let word = keys.0[2] | 2;
            locked.push(plain ^ (word.wrapping_mul(word ^ 1) >> 8) as u8);
            keys.take(*plain);
        }
        let mut keys = Keys::new();
        let opened: Vec<u8> = locked.iter().map(|byte| keys.open(*byte)).collect();
        assert_eq!(opened.get(12..), Some(b"hello".as_slice()));
        assert_eq!(crc(0xFFFF_FFFF, b'1') ^ 0xFFFF_FFFF, 0x83DC_EFB7, "CRC-32 of \"1\"");
    }
}

//! The compression of macro sources. (Microsoft, \[MS-OVBA\], 2.4.1.)

use super::read::{le16, piece};

/// Bytes that one chunk gives at most.
const CHUNK: usize = 4096;

/// Writes out a compressed container; nothing when it is none. Damaged ones give what stands before the damage.
pub(super) fn decompress(container: &[u8], most: usize) -> Vec<u8> {
    let mut text = Vec::new();
    if container.first() != Some(&1) {
        return text;
    }
    let mut at = 1;
    while let Some(header) = le16(container, at) {
        if header >> 12 & 7 != 3 || text.len() >= most {
            break;
        }
        let length = usize::from(header & 0x0FFF) + 1;
        let chunk = piece(container, at + 2, length);
        if header & 0x8000 == 0 {
            text.extend_from_slice(piece(chunk, 0, CHUNK));
        } else {
            unpack(chunk, &mut text);
        }
        at += 2 + length;
    }
    text.truncate(most);
    text
}

/// One compressed chunk: a flag byte, then eight literals or copies, again and again.
fn unpack(chunk: &[u8], text: &mut Vec<u8>) {
    let begin = text.len();
    let mut at = 0;
    while let Some(flags) = chunk.get(at) {
        at += 1;
        for bit in 0..8 {
            if text.len() - begin >= CHUNK {
                return;
            }
            if flags >> bit & 1 == 0 {
                let Some(byte) = chunk.get(at) else { return };
                text.push(*byte);
                at += 1;
            } else {
                let Some(token) = le16(chunk, at) else { return };
                at += 2;
                if !copy(token, begin, text) {
                    return;
                }
            }
        }
    }
}

/// A copy of what was written: how many of the token's bits are distance depends on how much was.
fn copy(token: u16, begin: usize, text: &mut Vec<u8>) -> bool {
    let written = text.len() - begin;
    let bits = (4..12).find(|bits| 1_usize << bits >= written).unwrap_or(12);
    let distance = usize::from(token >> (16 - bits)) + 1;
    let length = usize::from(token & (0xFFFF >> bits)) + 3;
    let Some(mut from) = text.len().checked_sub(distance).filter(|from| *from >= begin) else { return false };
    for _ in 0..length.min(CHUNK) {
        let Some(byte) = text.get(from).copied() else { return false };
        text.push(byte);
        from += 1;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_of_the_specification_come_out() {
        // [MS-OVBA] 3.2.1 and 3.2.3.
        let plain = [
            0x01, 0x19, 0xB0, 0x00, 0x61, 0x62, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x00, 0x69, 0x6A, 0x6B, 0x6C, 0x6D,
            0x6E, 0x6F, 0x70, 0x00, 0x71, 0x72, 0x73, 0x74, 0x75, 0x76, 0x2E,
        ];
        assert_eq!(decompress(&plain, 1000), b"abcdefghijklmnopqrstuv.");
        let most = [0x01, 0x03, 0xB0, 0x02, 0x61, 0x45, 0x00];
        assert_eq!(decompress(&most, 1000), vec![b'a'; 73]);
        assert_eq!(decompress(b"no container", 1000), b"");
        assert_eq!(decompress(&most[..6], 1000), b"a", "what stands before the damage");
    }
}

//! PNG, JPEG, GIF and MP4: do chunks follow chunks?

use super::super::kind::find;
use super::{Sample, Shape, be32, crc32, sound_if};

/// Walks the chunks of the head; those that lie in it wholly must have the checksum they carry.
pub(super) fn png(sample: &Sample<'_>) -> Shape {
    let head = sample.head();
    let mut at = 8_usize;
    loop {
        let Some(name) = head.get(at.saturating_add(4)..at.saturating_add(8)) else {
            // The chunk is longer than the head: the end must still be a PNG's.
            return sound_if(!sample.is_whole() && find(sample.end(), b"IEND\xAE\x42\x60\x82").is_some());
        };
        let Some(length) = be32(head, at).and_then(|length| usize::try_from(length).ok()) else {
            return Shape::Broken;
        };
        if !name.iter().all(u8::is_ascii_alphabetic) {
            return Shape::Broken;
        }
        let end = at.saturating_add(8).saturating_add(length);
        if let (Some(body), Some(sum)) = (head.get(at.saturating_add(4)..end), be32(head, end))
            && crc32(body) != sum
        {
            return Shape::Broken;
        }
        if name == b"IEND" {
            return Shape::Sound;
        }
        at = end.saturating_add(4);
    }
}

/// Walks the segments up to the picture data. In picture data a byte FF is always followed by 00 or a marker, so bytes
/// that were encrypted in its midst betray themselves.
pub(super) fn jpeg(sample: &Sample<'_>) -> Shape {
    let head = sample.head();
    let mut at = 2_usize;
    let data = loop {
        match (head.get(at), head.get(at.saturating_add(1))) {
            (Some(0xFF), Some(0xFF)) => at += 1,
            (Some(0xFF), Some(marker)) => {
                let Some(length) = head.get(at + 2..at + 4).and_then(|two| two.try_into().ok()) else {
                    return Shape::Broken;
                };
                let next = at + 2 + usize::from(u16::from_be_bytes(length));
                if *marker == 0xDA {
                    break next;
                }
                at = next;
            }
            (Some(_), _) => return Shape::Broken,
            // The segments are longer than the head (large colour profiles, previews): nothing can be said.
            (None, _) => return if sample.is_whole() { Shape::Broken } else { Shape::Unchecked },
        }
    };
    let (mut marks, mut bad) = (0_usize, 0_usize);
    for (offset, piece) in sample.pieces() {
        let scan = if offset == 0 { piece.get(data..).unwrap_or_default() } else { piece };
        let (seen, wrong) = stuffing(scan);
        marks += seen;
        bad += wrong;
    }
    sound_if(bad <= 2 + marks / 4)
}

/// Bytes FF in picture data up to its end, and how many of them are followed by something that cannot be there.
fn stuffing(scan: &[u8]) -> (usize, usize) {
    let (mut marks, mut bad) = (0, 0);
    for pair in scan.array_windows::<2>() {
        match pair {
            [0xFF, 0xD9] => break,
            [0xFF, next] => {
                marks += 1;
                bad += usize::from((0x01..0xC0).contains(next));
            }
            _ => {}
        }
    }
    (marks, bad)
}

/// A GIF ends with a semicolon; some writers pad it with zeros.
pub(super) fn gif(sample: &Sample<'_>) -> Shape {
    sound_if(sample.end().iter().rev().find(|byte| **byte != 0) == Some(&0x3B))
}

/// Follows the outermost boxes as far as the sample reaches.
pub(super) fn mp4(sample: &Sample<'_>) -> Shape {
    let mut at = 0_u64;
    for _ in 0..64 {
        if at == sample.len() {
            return Shape::Sound;
        }
        let Some(header) = sample.at(at, 8) else {
            return if at < sample.len() { Shape::Unchecked } else { Shape::Broken };
        };
        if !header.iter().skip(4).all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b' ' | 0xA9)) {
            return Shape::Broken;
        }
        at = match be32(header, 0) {
            Some(0) => return Shape::Sound,
            Some(1) => match sample.at(at.saturating_add(8), 8).and_then(|long| long.try_into().ok()) {
                Some(long) => at.saturating_add(u64::from_be_bytes(long).max(16)),
                None => return Shape::Unchecked,
            },
            Some(short) if short >= 8 => at.saturating_add(u64::from(short)),
            _ => return Shape::Broken,
        };
    }
    Shape::Sound
}

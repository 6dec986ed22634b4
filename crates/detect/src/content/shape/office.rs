//! PDF and compound files: are the tables where the file says they are?

use super::super::kind::find;
use super::{Sample, Shape, le16, le32, sound_if};

/// The end of a PDF is looked for in this many last bytes, as readers do (ISO 32000-1, annex H.3).
const PDF_TAIL: usize = 2_048;

/// How many entries of a cross-reference table are followed.
const OBJECTS: usize = 64;

/// The last `startxref` must point to a table or an object, and a table's entries to objects.
pub(super) fn pdf(sample: &Sample<'_>) -> Shape {
    let end = sample.end();
    let tail = end.get(end.len().saturating_sub(PDF_TAIL)..).unwrap_or_default();
    if find(tail, b"%%EOF").is_none() {
        return Shape::Broken;
    }
    let word = b"startxref".as_slice();
    let Some(at) = tail.windows(word.len()).rposition(|window| window == word) else {
        return Shape::Broken;
    };
    let Some(target) = number(tail.get(at + word.len()..).unwrap_or_default()) else {
        return Shape::Broken;
    };
    if target >= sample.len() {
        return Shape::Broken;
    }
    match sample.at(target, 4) {
        None => Shape::Unchecked,
        Some(b"xref") => sound_if(table_fits(sample, target)),
        Some(start) => sound_if(start.first().is_some_and(u8::is_ascii_digit)),
    }
}

/// The first number in the text, after white space.
fn number(text: &[u8]) -> Option<u64> {
    let mut digits = text.iter().skip_while(|byte| byte.is_ascii_whitespace()).take_while(|b| b.is_ascii_digit());
    let first = digits.next()?;
    digits
        .take(18)
        .try_fold(u64::from(first - b'0'), |sum, digit| sum.checked_mul(10)?.checked_add(u64::from(digit - b'0')))
}

/// Whether nine of ten entries in use point to something that begins with a number, as `12 0 obj` does.
fn table_fits(sample: &Sample<'_>, table: u64) -> bool {
    let (mut followed, mut wrong) = (0_usize, 0_usize);
    let mut at = table;
    let mut line = Vec::with_capacity(20);
    while followed < OBJECTS {
        let Some([byte]) = sample.at(at, 1) else { break };
        at += 1;
        if !matches!(byte, b'\n' | b'\r') && line.len() < 32 {
            line.push(*byte);
            continue;
        }
        if line.starts_with(b"trailer") {
            break;
        }
        if line.len() >= 18 && line.get(17) == Some(&b'n') {
            let target = number(&line).unwrap_or(u64::MAX);
            if let Some([first]) = sample.at(target, 1) {
                followed += 1;
                wrong += usize::from(!first.is_ascii_digit() && !first.is_ascii_whitespace());
            }
        }
        line.clear();
    }
    wrong * 10 <= followed
}

/// The header's fixed fields, and the root of the directory where the sample reaches it. Sectors in between are not
/// followed, so a good header is not called sound.
pub(super) fn ole(sample: &Sample<'_>) -> Shape {
    let head = sample.head();
    let (order, shift) = (le16(head, 28), le16(head, 30));
    if order != Some(0xFFFE) || !matches!(shift, Some(9 | 12)) {
        return Shape::Broken;
    }
    let root = le32(head, 48).zip(shift).map(|(sector, shift)| (u64::from(sector) + 1) << shift);
    match root.and_then(|offset| sample.at(offset, 8)) {
        Some(name) if name != b"R\0o\0o\0t\0" => Shape::Broken,
        _ => Shape::Unchecked,
    }
}

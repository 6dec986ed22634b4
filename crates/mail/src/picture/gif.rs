//! GIF: the first picture of the file, as the specification of version 89a has it.

use super::{Grey, grey_of};

/// Codes of the table.
const MOST_CODES: usize = 4_096;

/// Reads the first picture.
pub(super) fn read(bytes: &[u8]) -> Option<Grey> {
    let rest = bytes.strip_prefix(b"GIF87a").or_else(|| bytes.strip_prefix(b"GIF89a"))?;
    let (screen, rest) = rest.split_first_chunk::<7>()?;
    let (mut palette, mut rest) = colours(screen[4], rest)?;
    loop {
        let (kind, after) = rest.split_first()?;
        match kind {
            0x21 => rest = blocks(after.get(1..)?).1,
            0x2C => {
                let (place, after) = after.split_first_chunk::<9>()?;
                let side = |low: u8, high: u8| usize::from(u16::from_le_bytes([low, high]));
                let (width, height) = (side(place[4], place[5]), side(place[6], place[7]));
                let (own, after) = colours(place[8], after)?;
                if !own.is_empty() {
                    palette = own;
                }
                let (least, after) = after.split_first()?;
                let plain = place[8] & 0x40 == 0;
                if !Grey::is_fit(width, height) || !(2..=8).contains(least) || !plain {
                    return None;
                }
                let (data, _) = blocks(after);
                let grey = |index: u8| palette.get(usize::from(index)).copied().unwrap_or(255);
                let values = unpack(&data, u32::from(*least), width * height).into_iter().map(grey).collect();
                return Some(Grey { width, height, values });
            }
            _ => return None,
        }
    }
}

/// A table of colours in grey, if the flags announce one.
fn colours(flags: u8, bytes: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    if flags & 0x80 == 0 {
        return Some((Vec::new(), bytes));
    }
    let (table, rest) = bytes.split_at_checked(3 << ((flags & 7) + 1))?;
    Some((table.as_chunks::<3>().0.iter().map(|[r, g, b]| grey_of(*r, *g, *b)).collect(), rest))
}

/// The content of a row of blocks, and what follows the empty one.
fn blocks(bytes: &[u8]) -> (Vec<u8>, &[u8]) {
    let (mut out, mut rest) = (Vec::new(), bytes);
    while let Some((length, after)) = rest.split_first() {
        let length = usize::from(*length).min(after.len());
        let (block, next) = after.split_at(length);
        if length == 0 {
            return (out, next);
        }
        out.extend_from_slice(block);
        rest = next;
    }
    (out, &[])
}

/// Lempel-Ziv-Welch as GIF uses it, at most `most` values.
fn unpack(data: &[u8], least: u32, most: usize) -> Vec<u8> {
    let (clear, end) = (1_usize << least, (1_usize << least) + 1);
    let fresh = || -> Vec<(Option<usize>, u8)> { (0..=end).map(|at| (None, u8::try_from(at).unwrap_or(0))).collect() };
    let (mut table, mut width, mut before) = (fresh(), least + 1, None::<usize>);
    let (mut out, mut held, mut bits) = (Vec::with_capacity(most), 0_u32, 0_u32);
    let mut word = Vec::new();
    for byte in data {
        held |= u32::from(*byte) << bits;
        bits += 8;
        while bits >= width {
            let code = usize::try_from(held & ((1 << width) - 1)).unwrap_or(0);
            held >>= width;
            bits -= width;
            if code == clear {
                (table, width, before) = (fresh(), least + 1, None);
                continue;
            }
            if code == end || out.len() >= most {
                return out;
            }
            // A code that is not there yet is the word before with its own beginning at its end.
            let known = code < table.len();
            let from = if known { Some(code) } else { before };
            let Some(from) = from else { return out };
            spell(&table, from, &mut word);
            let first = word.last().copied().unwrap_or(0);
            out.extend(word.iter().rev());
            if !known {
                out.push(first);
            }
            if let Some(before) = before.filter(|_| table.len() < MOST_CODES) {
                table.push((Some(before), first));
            }
            if table.len() == 1 << width && width < 12 {
                width += 1;
            }
            before = Some(code.min(table.len() - 1));
        }
    }
    out.truncate(most);
    out
}

/// The values of a code, the last one first.
fn spell(table: &[(Option<usize>, u8)], code: usize, word: &mut Vec<u8>) {
    word.clear();
    let mut at = Some(code);
    while let Some((before, value)) = at.and_then(|at| table.get(at)).filter(|_| word.len() < MOST_CODES) {
        word.push(*value);
        at = *before;
    }
}

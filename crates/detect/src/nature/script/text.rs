//! Foreign bytes as text: UTF-16 narrowed, a window of long ones, nothing for what is no text.

/// How much of the beginning is looked at, in bytes.
const HEAD: usize = 160 * 1024;

/// How much of the end is looked at: what is appended to an honest script stands there.
const TAIL: usize = 48 * 1024;

/// Shorter texts say nothing.
const SHORTEST: usize = 12;

/// The text, or its beginning and end; nothing when the bytes are no text.
pub(super) fn text(bytes: &[u8]) -> Option<Vec<u8>> {
    let text = window(bytes)?;
    let odd = text.iter().filter(|byte| is_odd(**byte)).count();
    let blank = text.iter().all(u8::is_ascii_whitespace);
    (!blank && text.len() >= SHORTEST && odd * 50 <= text.len() && !text.contains(&0)).then_some(text)
}

/// Control characters that texts do not have.
const fn is_odd(byte: u8) -> bool {
    byte < 9 || byte > 13 && byte < 32 && byte != 27 || byte == 127
}

fn window(bytes: &[u8]) -> Option<Vec<u8>> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    if let Some(wide) = wide(bytes) {
        return Some(wide);
    }
    // Programs and pictures show themselves here already.
    if bytes.iter().take(512).any(|byte| *byte == 0) {
        return None;
    }
    if bytes.len() <= HEAD + TAIL {
        return Some(bytes.to_vec());
    }
    let mut text = bytes.get(..HEAD)?.to_vec();
    text.push(b'\n');
    text.extend_from_slice(bytes.get(bytes.len() - TAIL..)?);
    Some(text)
}

/// UTF-16 with or without its mark; characters beyond Latin 1 become question marks.
fn wide(bytes: &[u8]) -> Option<Vec<u8>> {
    let (bytes, low) = match bytes {
        [0xFF, 0xFE, rest @ ..] => (rest, 0),
        [0xFE, 0xFF, rest @ ..] => (rest, 1),
        [first, 0, second, 0, ..] if is_letter(*first) && is_letter(*second) => (bytes, 0),
        [0, first, 0, second, ..] if is_letter(*first) && is_letter(*second) => (bytes, 1),
        _ => return None,
    };
    let (pairs, _) = bytes.as_chunks::<2>();
    let narrow = |pair: &[u8; 2]| match (low, pair) {
        (0, [byte, 0]) | (1, [0, byte]) => *byte,
        _ => b'?',
    };
    Some(pairs.iter().take(HEAD).map(narrow).collect())
}

const fn is_letter(byte: u8) -> bool {
    byte >= 32 && byte < 127 || byte == b'\n' || byte == b'\r' || byte == b'\t'
}

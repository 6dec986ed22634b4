//! What a text hides, written out within fixed bounds: base64 (also packed), hexadecimal, numbers, escapes, format strings,
//! reversed texts, texts with junk strewn in.

use super::join::join;
use super::numbers::{codes, escapes, find, hex};

/// What is written out of one script at the most, in bytes.
const MOST: usize = 192 * 1024;

/// How often what came out is looked at again.
const ROUNDS: usize = 3;

/// Shortest base64 or hexadecimal text that is tried.
const SHORTEST: usize = 24;

/// How something was hidden.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum How {
    /// Not at all.
    Plain,
    /// Cut into pieces.
    Joined,
    /// Base64 or hexadecimal.
    Encoded,
    /// Spelled by numbers or escapes.
    Spelled,
    /// Backwards.
    Reversed,
    /// Put in order by a format string, or with junk between.
    Shuffled,
}

/// A text that came out, in lower case.
#[derive(Clone, Debug)]
pub(super) struct Layer {
    pub(super) how: How,
    pub(super) text: Vec<u8>,
}

/// All layers of a text, the plain one first, and what else was noticed on the way.
#[derive(Clone, Debug, Default)]
pub(super) struct Layers {
    pub(super) all: Vec<Layer>,
    /// How many seams the plain text has.
    pub(super) seams: usize,
    /// A program lies in it as base64 or hexadecimal.
    pub(super) program: bool,
    /// Something was packed and then encoded.
    pub(super) packed: bool,
}

/// Takes a text apart.
pub(super) fn layers(plain: &[u8]) -> Layers {
    let mut found = Layers::default();
    found.add(How::Plain, plain);
    let (joined, seams) = join(plain);
    found.seams = seams;
    if seams > 0 {
        found.add(How::Joined, &joined);
    }
    let mut source = joined;
    let mut left = MOST;
    for round in 0..ROUNDS {
        let mut next = Vec::new();
        for (how, text) in [
            (How::Encoded, encoded(&source, &mut found)),
            (How::Spelled, [codes(&source), escapes(&source)].concat()),
            (How::Shuffled, if round < 2 { [formatted(&source), without_junk(&source)].concat() } else { Vec::new() }),
            (How::Reversed, if round < 2 { reversed(&source) } else { Vec::new() }),
        ] {
            let text = text.get(..text.len().min(left)).unwrap_or_default();
            left -= text.len();
            if text.len() >= 4 {
                let (joined, _) = join(text);
                found.add(how, &joined);
                next.extend_from_slice(&joined);
            }
        }
        if next.is_empty() || left == 0 {
            break;
        }
        source = next;
    }
    found
}

impl Layers {
    fn add(&mut self, how: How, text: &[u8]) {
        self.all.push(Layer { how, text: text.to_ascii_lowercase() });
    }
}

/// What runs of base64 or hexadecimal say, a line each.
fn encoded(text: &[u8], found: &mut Layers) -> Vec<u8> {
    let mut out = Vec::new();
    let letter = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'-' | b'_');
    for run in text.split(|byte| !letter(byte)).filter(|run| run.len() >= SHORTEST) {
        if out.len() >= MOST {
            break;
        }
        let bytes = if run.iter().all(|byte| hex(*byte).is_some()) { from_hex(run) } else { from_base64(run) };
        take(&bytes, found, &mut out);
    }
    out
}

/// Keeps what is text, unpacks what is packed, and notes programs.
fn take(bytes: &[u8], found: &mut Layers, out: &mut Vec<u8>) {
    if bytes.starts_with(b"MZ") && bytes.len() > 256 || bytes.starts_with(b"\x7FELF") {
        found.program = true;
        return;
    }
    if let Some(text) = readable(bytes) {
        out.extend_from_slice(&text);
        out.push(b'\n');
        return;
    }
    if let Some(text) = unpacked(bytes).and_then(|bytes| readable(&bytes)) {
        found.packed = true;
        out.extend_from_slice(&text);
        out.push(b'\n');
    }
}

/// Bytes as text, also when they are UTF-16; nothing when they are no text.
fn readable(bytes: &[u8]) -> Option<Vec<u8>> {
    let (pairs, _) = bytes.as_chunks::<2>();
    let wide = pairs.len() >= 4 && pairs.iter().filter(|pair| pair.last() == Some(&0)).count() * 10 >= pairs.len() * 9;
    let text: Vec<u8> = if wide { pairs.iter().map(|[low, _]| *low).collect() } else { bytes.to_vec() };
    let good = text.iter().filter(|byte| (32..127).contains(*byte) || matches!(byte, 9 | 10 | 13)).count();
    (text.len() >= 8 && good * 100 >= text.len() * 92).then_some(text)
}

/// DEFLATE, bare or in the wrapping of zlib or gzip.
fn unpacked(bytes: &[u8]) -> Option<Vec<u8>> {
    let body = match bytes {
        [0x1F, 0x8B, 8, 0, rest @ ..] => rest.get(6..)?,
        [0x78, 0x01 | 0x5E | 0x9C | 0xDA, rest @ ..] => rest,
        _ if bytes.len() >= 48 => bytes,
        _ => return None,
    };
    match miniz_oxide::inflate::decompress_to_vec_with_limit(body, MOST) {
        Ok(text) => Some(text),
        // What stands before a cut or the limit is enough.
        Err(error) => Some(error.output).filter(|text| text.len() >= 64),
    }
}

fn from_hex(run: &[u8]) -> Vec<u8> {
    let (pairs, _) = run.as_chunks::<2>();
    pairs.iter().filter_map(|[high, low]| Some(hex(*high)? << 4 | hex(*low)?)).collect()
}

fn from_base64(run: &[u8]) -> Vec<u8> {
    crate::unpack::base64_text(run, MOST)
}

/// Format strings of PowerShell, put in order: `"{1}{0}" -f 'b', 'a'`.
fn formatted(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(at) = find(rest, b"-f") {
        let (before, after) = rest.split_at_checked(at).unwrap_or_default();
        rest = after.get(2..).unwrap_or_default();
        let order = order(before);
        if order.len() < 2 {
            continue;
        }
        let pieces = quoted(rest, order.len());
        for number in order {
            out.extend_from_slice(pieces.get(number).copied().unwrap_or_default());
        }
        out.push(b'\n');
        if out.len() >= MOST {
            break;
        }
    }
    out
}

/// The numbers in the braces that end `before`.
fn order(before: &[u8]) -> Vec<usize> {
    let tail = before.trim_ascii_end();
    let tail = tail.strip_suffix(b"\"").or_else(|| tail.strip_suffix(b"'")).unwrap_or_default();
    let begin = tail.len().saturating_sub(400);
    let tail = tail.get(begin..).unwrap_or_default();
    let braces = tail.rsplit(|byte| matches!(byte, b'"' | b'\'')).next().unwrap_or_default();
    let numbers = braces.split(|byte| matches!(byte, b'{' | b'}')).filter(|piece| !piece.is_empty());
    let parse = |piece: &[u8]| std::str::from_utf8(piece).ok().and_then(|digits| digits.parse::<usize>().ok());
    numbers.map(parse).collect::<Option<Vec<_>>>().unwrap_or_default()
}

/// The next quoted pieces.
fn quoted(text: &[u8], count: usize) -> Vec<&[u8]> {
    let mut pieces = Vec::new();
    let mut rest = text.get(..text.len().min(8_192)).unwrap_or_default();
    while pieces.len() < count {
        let Some(at) = rest.iter().position(|byte| matches!(byte, b'"' | b'\'')) else { break };
        let Some((quote, inside)) = rest.get(at..).and_then(<[u8]>::split_first) else { break };
        let Some(end) = inside.iter().position(|byte| byte == quote) else { break };
        pieces.push(inside.get(..end).unwrap_or_default());
        rest = inside.get(end + 1..).unwrap_or_default();
    }
    pieces
}

/// The text backwards, if it speaks of turning texts round.
fn reversed(text: &[u8]) -> Vec<u8> {
    let lower = text.to_ascii_lowercase();
    let marks: [&[u8]; 7] =
        [b"strreverse", b".reverse()", b"[array]::reverse", b"[::-1]", b"strrev(", b"righttoleft", b"| rev"];
    if !marks.iter().any(|mark| find(&lower, mark).is_some()) && find(&lower, b"[-1..-").is_none() {
        return Vec::new();
    }
    text.iter().rev().take(MOST / 2).copied().collect()
}

/// The text without the junk that it takes out itself: `"poXwerXshell".replace("X", "")`.
fn without_junk(text: &[u8]) -> Vec<u8> {
    let mut clean = text.to_vec();
    let lower = text.to_ascii_lowercase();
    let mut rest = lower.as_slice();
    let mut taken = 0;
    while let Some(at) = find(rest, b"replace") {
        rest = rest.get(at + 7..).unwrap_or_default();
        let near = rest.get(..rest.len().min(160)).unwrap_or_default();
        let pieces = quoted(near, 2);
        if let [junk, with] = pieces.as_slice()
            && with.is_empty()
            && (1..=24).contains(&junk.len())
            && taken < 4
        {
            taken += 1;
            clean = strip(&clean, junk);
        }
    }
    if taken > 0 && clean.len() + 4 * taken < text.len() { clean } else { Vec::new() }
}

fn strip(text: &[u8], junk: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((byte, after)) = rest.split_first() {
        match rest.split_at_checked(junk.len()) {
            Some((head, tail)) if head.eq_ignore_ascii_case(junk) => rest = tail,
            _ => {
                out.push(*byte);
                rest = after;
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn has(text: &str, how: How, wanted: &str) -> bool {
        let found = layers(text.as_bytes());
        found.all.iter().any(|layer| layer.how == how && find(&layer.text, wanted.as_bytes()).is_some())
    }

    #[test]
    fn what_is_hidden_comes_out() {
        // "Write-Host hidden" as UTF-16 in base64.
        let wide = "VwByAGkAdABlAC0ASABvAHMAdAAgAGgAaQBkAGQAZQBuAA==";
        assert!(has(&format!("powershell -enc {wide}"), How::Encoded, "write-host hidden"));
        assert!(has("x='48656c6c6f20746865726520776f726c64'", How::Encoded, "hello there world"));
        assert!(has("$x = \"{1}{0}{2}\" -f 'load','Down','File'", How::Shuffled, "downloadfile"));
        assert!(has("s=StrReverse(\"llehs.tpircsw\")", How::Reversed, "wscript.shell"));
        assert!(has("'pXXoXXwXXeXXrXXsXXhell'.Replace('XX','')", How::Shuffled, "powershell"));
    }

    #[test]
    fn what_is_hidden_twice_comes_out_too() {
        // base64 of: x = "4865...": hexadecimal within base64.
        let inner = "aGV4OiA0ODY1NmM2YzZmMjA3NDY4NjU3MjY1MjA3NzZmNzI2YzY0IGVuZA==";
        assert!(has(inner, How::Encoded, "hello there world"));
    }

    #[test]
    fn nothing_comes_out_of_honest_text() {
        let found = layers(b"def add(a, b):\n    return a + b\n");
        assert_eq!(found.all.len(), 1);
    }
}

//! Texts built from numbers: `Chr(112) & Chr(111)`, `[char]112`, `String.fromCharCode(112, 111)`, lists of codes, and
//! escapes (`\x70`, `\u0070`, `%70`, `\160`).

/// What is written out at the most, in bytes.
const MOST: usize = 64 * 1024;

/// Shortest run of codes that counts as a text.
const SHORTEST: usize = 6;

/// Characters between two codes of one text.
const GAP: usize = 12;

/// Where `needle` stands.
pub(super) fn find(bytes: &[u8], needle: &[u8]) -> Option<usize> {
    let first = *needle.first()?;
    let mut at = 0;
    loop {
        at += bytes.get(at..)?.iter().position(|byte| *byte == first)?;
        if bytes.get(at..)?.starts_with(needle) {
            return Some(at);
        }
        at += 1;
    }
}

/// Texts made of numbers, a line each.
pub(super) fn codes(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut run = Vec::new();
    let (mut at, mut last) = (0, 0);
    while let Some(byte) = text.get(at) {
        if !byte.is_ascii_digit() {
            at += 1;
            continue;
        }
        let (value, length) = number(text.get(at..).unwrap_or_default());
        let between = text.get(last..at).unwrap_or_default();
        if !run.is_empty() && !joins(between) {
            end(&mut run, &mut out);
        }
        let inside_word = at.checked_sub(1).and_then(|before| text.get(before)).is_some_and(is_word);
        match value.and_then(|value| u8::try_from(value).ok()) {
            Some(code) if is_text(code) && !inside_word => run.push(code),
            _ => end(&mut run, &mut out),
        }
        at += length;
        last = at;
        if out.len() >= MOST {
            break;
        }
    }
    end(&mut run, &mut out);
    out
}

/// Whether what stands between two numbers joins them to one text: separators, or a call that makes a character.
fn joins(between: &[u8]) -> bool {
    if between.len() > GAP {
        return false;
    }
    let lower = between.to_ascii_lowercase();
    let letters: Vec<u8> = lower.iter().copied().filter(u8::is_ascii_alphabetic).collect();
    matches!(letters.as_slice(), b"" | b"chr" | b"chrw" | b"char" | b"chrb" | b"x")
        && lower.iter().all(|byte| !matches!(byte, b'=' | b':' | b'{' | b'}' | b'\n' | b'"' | b'\''))
}

const fn is_word(byte: &u8) -> bool {
    byte.is_ascii_alphabetic() && !matches!(byte, b'x') || *byte == b'_' || *byte == b'.'
}

fn number(text: &[u8]) -> (Option<u32>, usize) {
    let length = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let digits = text.get(..length).unwrap_or_default();
    let value = std::str::from_utf8(digits).ok().filter(|_| length <= 4).and_then(|digits| digits.parse().ok());
    (value, length)
}

const fn is_text(code: u8) -> bool {
    code >= 32 && code < 127 || matches!(code, 9 | 10 | 13)
}

/// Ends a run: it is a text when it is long enough and mostly letters.
fn end(run: &mut Vec<u8>, out: &mut Vec<u8>) {
    let letters = run.iter().filter(|byte| byte.is_ascii_alphabetic()).count();
    if run.len() >= SHORTEST && letters * 10 >= run.len() * 6 {
        out.extend_from_slice(run);
        out.push(b'\n');
    }
    run.clear();
}

/// The text with its escapes written out, if it has at least four in a row somewhere.
pub(super) fn escapes(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut run = Vec::new();
    let mut rest = text;
    while !rest.is_empty() && out.len() < MOST {
        if let Some((byte, after)) = escape(rest) {
            run.push(byte);
            rest = after;
            continue;
        }
        if run.len() >= 4 && run.iter().all(|byte| is_text(*byte)) {
            out.extend_from_slice(&run);
            // What stands bare between escapes belongs to the text.
            let bare = rest.iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
            out.extend_from_slice(rest.get(..bare).unwrap_or_default());
            out.push(b'\n');
        }
        run.clear();
        rest = rest.get(1..).unwrap_or_default();
    }
    out
}

/// One escape at the beginning of the text, and what follows it.
fn escape(text: &[u8]) -> Option<(u8, &[u8])> {
    let (byte, length) = match text {
        [b'\\', b'x' | b'X', a, b, ..] => (hex(*a)? << 4 | hex(*b)?, 4),
        [b'\\', b'u', b'0', b'0', a, b, ..] => (hex(*a)? << 4 | hex(*b)?, 6),
        [b'%', b'u', b'0', b'0', a, b, ..] => (hex(*a)? << 4 | hex(*b)?, 6),
        [b'%', a, b, ..] => (hex(*a)? << 4 | hex(*b)?, 3),
        [b'\\', a @ b'0'..=b'1', b @ b'0'..=b'7', c @ b'0'..=b'7', ..] => {
            ((a - b'0') << 6 | (b - b'0') << 3 | (c - b'0'), 4)
        }
        _ => return None,
    };
    Some((byte, text.get(length..)?))
}

/// The value of a hexadecimal digit.
pub(super) const fn hex(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(bytes: Vec<u8>) -> String {
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn codes_become_the_text_that_they_spell() {
        let spelled = "powershell";
        let codes_of = |before: &str, between: &str| {
            let each: Vec<String> = spelled.bytes().map(|byte| format!("{before}{byte}")).collect();
            each.join(between)
        };
        for text in [codes_of("Chr(", ") & "), codes_of("[char]", "+"), format!("fromCharCode({})", codes_of("", ", "))]
        {
            assert_eq!(shown(codes(text.as_bytes())), "powershell\n", "{text}");
        }
    }

    #[test]
    fn tables_of_numbers_are_no_text() {
        assert!(codes(b"1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12").is_empty());
        assert!(codes(b"version 1.112.111.119.101.114.115").len() < 20);
    }

    #[test]
    fn escapes_are_written_out() {
        assert_eq!(shown(escapes(br"'\x65\x76\x61\x6c(1)'")), "eval\n");
        assert_eq!(shown(escapes(br"%65%76%61%6c")), "");
        assert_eq!(shown(escapes(br"%65%76%61%6c ")), "eval\n");
        assert!(escapes(b"100% of \\x41 people").is_empty());
    }
}

//! Header blocks: names, unfolded values, encoded words and parameters.

use super::{MOST_HEADER_BYTES, MOST_HEADERS, decode};

/// The headers of a message or part, in their order, as they stand.
#[derive(Debug, Default)]
pub(super) struct Headers {
    fields: Vec<(String, Vec<u8>)>,
    /// Whether a bound cut the block.
    pub(super) cut: bool,
}

impl Headers {
    /// Reads the block at the head of `bytes`; gives it and what follows its empty line.
    pub(super) fn read(bytes: &[u8]) -> (Self, &[u8]) {
        let mut headers = Self::default();
        let mut rest = bytes;
        let mut used = 0;
        loop {
            let (line, after) = decode::line(rest);
            if line.is_empty() {
                return (headers, if rest.is_empty() { rest } else { after });
            }
            used += rest.len() - after.len();
            if used > MOST_HEADER_BYTES || headers.fields.len() >= MOST_HEADERS {
                headers.cut = true;
                return (headers, after_empty_line(rest));
            }
            if !headers.take(line) {
                // A line that is no header ends the block: the text begins without its empty line.
                return (headers, rest);
            }
            rest = after;
        }
    }

    /// Takes one line in; false when it is neither a header nor the continuation of one.
    fn take(&mut self, line: &[u8]) -> bool {
        if matches!(line.first(), Some(b' ' | b'\t')) {
            if let Some((_, value)) = self.fields.last_mut() {
                value.push(b' ');
                value.extend_from_slice(line.trim_ascii());
            }
            return true;
        }
        if self.fields.is_empty() && line.starts_with(b"From ") {
            return true;
        }
        let Some(colon) = line.iter().position(|byte| *byte == b':') else { return false };
        let (name, value) = line.split_at(colon);
        let name = name.trim_ascii_end();
        if name.is_empty() || name.iter().any(|byte| !byte.is_ascii_graphic()) {
            return false;
        }
        let name = String::from_utf8_lossy(name).to_ascii_lowercase();
        self.fields.push((name, value.get(1..).unwrap_or_default().trim_ascii().to_vec()));
        true
    }

    /// The first header of this (lower-case) name, as it stands.
    pub(super) fn raw(&self, name: &str) -> Option<&[u8]> {
        self.fields.iter().find(|(here, _)| here == name).map(|(_, value)| value.as_slice())
    }

    /// Every header of this (lower-case) name, as it stands.
    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        self.fields.iter().filter(move |(here, _)| here == name).map(|(_, value)| value.as_slice())
    }

    /// The first header of this name, its encoded words decoded.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.raw(name).map(words)
    }

    /// Whether a header is one encoded word, or several, in which only plain letters stand.
    pub(super) fn coded_needlessly(&self, name: &str) -> bool {
        self.raw(name).is_some_and(|raw| raw.trim_ascii_start().starts_with(b"=?") && words(raw).is_ascii())
    }

    /// Whether there is a header of this name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.raw(name).is_some()
    }

    /// The value of a header that stands above the first `Received`, where only the receiving server writes.
    pub(super) fn above_received(&self, name: &str) -> Option<String> {
        let own = self.fields.iter().take_while(|(here, _)| here != "received");
        own.into_iter().find(|(here, _)| here == name).map(|(_, value)| String::from_utf8_lossy(value).into_owned())
    }

    /// The leading token of a structured header in lower case: `text/html` of a content type.
    pub(super) fn token(&self, name: &str) -> Option<String> {
        let value = self.raw(name)?;
        let end = value.iter().position(|byte| *byte == b';').unwrap_or(value.len());
        Some(String::from_utf8_lossy(value.get(..end)?.trim_ascii()).to_ascii_lowercase())
    }

    /// A parameter of a structured header, decoded (RFC 2045, RFC 2231).
    pub(super) fn parameter(&self, name: &str, wanted: &str) -> Option<String> {
        let value = self.raw(name)?;
        let mut pieces = String::new();
        for (key, value) in parameters(value) {
            let (base, section) = key.split_once('*').map_or((key.as_str(), None), |(base, rest)| (base, Some(rest)));
            if base != wanted {
                continue;
            }
            match section {
                None => return Some(words(&value)),
                Some(section) => pieces.push_str(&extended(&value, section)),
            }
        }
        (!pieces.is_empty()).then_some(pieces)
    }
}

/// What follows the first empty line.
fn after_empty_line(bytes: &[u8]) -> &[u8] {
    let mut rest = bytes;
    while !rest.is_empty() {
        let (line, after) = decode::line(rest);
        if line.is_empty() {
            return after;
        }
        rest = after;
    }
    rest
}

/// `; name=value` pairs, quotes removed, names in lower case.
fn parameters(value: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    let mut rest = value.iter().position(|byte| *byte == b';').and_then(|at| value.get(at + 1..)).unwrap_or_default();
    while !rest.is_empty() && found.len() < 40 {
        let Some(equals) = rest.iter().position(|byte| *byte == b'=' || *byte == b';') else { break };
        let (key, after) = rest.split_at(equals);
        let after = after.get(1..).unwrap_or_default();
        if rest.get(equals) == Some(&b';') {
            rest = after;
            continue;
        }
        let (value, next) = parameter_value(after.trim_ascii_start());
        found.push((String::from_utf8_lossy(key.trim_ascii()).to_ascii_lowercase(), value));
        rest = next;
    }
    found
}

/// One value, quoted or not, and what follows its semicolon.
fn parameter_value(bytes: &[u8]) -> (Vec<u8>, &[u8]) {
    let mut value = Vec::new();
    let mut quoted = bytes.first() == Some(&b'"');
    let mut at = usize::from(quoted);
    while let Some(byte) = bytes.get(at) {
        at += 1;
        match byte {
            b'\\' if quoted => {
                value.extend(bytes.get(at));
                at += 1;
            }
            b'"' => quoted = false,
            b';' if !quoted => break,
            other => value.push(*other),
        }
    }
    (value.trim_ascii().to_vec(), bytes.get(at..).unwrap_or_default())
}

/// A section of an RFC 2231 value: percent-decoded when marked so, its charset's name left out.
fn extended(value: &[u8], section: &str) -> String {
    if !section.ends_with('*') && !section.is_empty() {
        return String::from_utf8_lossy(value).into_owned();
    }
    let mut parts = value.splitn(3, |byte| *byte == b'\'');
    let (first, _, third) = (parts.next().unwrap_or_default(), parts.next(), parts.next());
    let (charset, text) =
        third.map_or(("utf-8".to_owned(), value), |text| (String::from_utf8_lossy(first).into_owned(), text));
    decode::charset(&decode::percent(text), &charset)
}

/// Decodes encoded words (RFC 2047); what is none stays, read as UTF-8 or else as Windows-1252.
pub(super) fn words(value: &[u8]) -> String {
    let mut out = String::new();
    let mut rest = value;
    let mut after_word = false;
    while let Some(at) = position(rest, b"=?") {
        let (before, word) = rest.split_at(at);
        let Some((text, next)) = encoded_word(word) else {
            let (two, next) = word.split_at(word.len().min(2));
            out.push_str(&decode::guess(before));
            out.push_str(&decode::guess(two));
            rest = next;
            after_word = false;
            continue;
        };
        if !(after_word && before.trim_ascii().is_empty()) {
            out.push_str(&decode::guess(before));
        }
        out.push_str(&text);
        rest = next;
        after_word = true;
    }
    out.push_str(&decode::guess(rest));
    out
}

/// One encoded word at the head of `bytes`, and what follows it.
fn encoded_word(bytes: &[u8]) -> Option<(String, &[u8])> {
    let inner = bytes.get(2..)?;
    let first = inner.iter().take(60).position(|byte| *byte == b'?')?;
    let charset = String::from_utf8_lossy(inner.get(..first)?).into_owned();
    let kind = inner.get(first + 1)?.to_ascii_lowercase();
    if inner.get(first + 2) != Some(&b'?') {
        return None;
    }
    let text = inner.get(first + 3..)?;
    let end = position(text.get(..text.len().min(4_096))?, b"?=")?;
    let raw = text.get(..end)?;
    let plain = match kind {
        b'b' => decode::base64(raw, 4_096),
        b'q' => {
            decode::quoted(&raw.iter().map(|byte| if *byte == b'_' { b' ' } else { *byte }).collect::<Vec<_>>(), 4_096)
        }
        _ => return None,
    };
    Some((decode::charset(&plain, &charset), text.get(end + 2..).unwrap_or_default()))
}

fn position(hay: &[u8], needle: &[u8]) -> Option<usize> {
    hay.windows(needle.len()).position(|window| window == needle)
}

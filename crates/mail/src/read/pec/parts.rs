//! Finds the two parts of an envelope or receipt that matter, in the first places where the rules put them.

use crate::read::decode;
use crate::read::header::Headers;

/// Parts that are looked at; an envelope has six.
const MOST_PARTS: usize = 40;
/// How deep they may stand: signed, mixed, alternative.
const MOST_DEPTH: usize = 5;
/// Bytes of the provider's data.
const MOST_DATA: usize = 256 << 10;

/// What was found.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// `postacert.eml`.
    pub(super) message: Option<Vec<u8>>,
    /// `daticert.xml`.
    pub(super) data: Option<Vec<u8>>,
    seen: usize,
}

/// Looks through the parts of a message.
pub(super) fn find(headers: &Headers, body: &[u8]) -> Found {
    let mut found = Found::default();
    found.walk(headers, body, 0);
    found
}

impl Found {
    fn walk(&mut self, headers: &Headers, body: &[u8], depth: usize) {
        self.seen += 1;
        if self.seen > MOST_PARTS || depth > MOST_DEPTH {
            return;
        }
        let kind = headers.token("content-type").unwrap_or_default();
        let boundary = headers.parameter("content-type", "boundary").filter(|boundary| !boundary.is_empty());
        if let (true, Some(boundary)) = (kind.starts_with("multipart/"), boundary) {
            for part in pieces(body, boundary.as_bytes()) {
                let (headers, body) = Headers::read(part);
                self.walk(&headers, body, depth + 1);
            }
            return;
        }
        let name = headers
            .parameter("content-disposition", "filename")
            .or_else(|| headers.parameter("content-type", "name"))
            .unwrap_or_default()
            .to_ascii_lowercase();
        if kind == "message/rfc822" || name == "postacert.eml" {
            if self.message.is_none() {
                self.message = Some(plain(headers, body, body.len()));
            }
        } else if name == "daticert.xml" && self.data.is_none() {
            self.data = Some(plain(headers, body, MOST_DATA));
        }
    }
}

/// The parts between boundaries.
fn pieces<'a>(body: &'a [u8], boundary: &[u8]) -> Vec<&'a [u8]> {
    let mut found = Vec::new();
    let mut start: Option<usize> = None;
    let mut at = 0;
    while at < body.len() && found.len() < MOST_PARTS {
        let (line, after) = decode::line(body.get(at..).unwrap_or_default());
        let next = body.len() - after.len();
        if let Some(tail) = line.strip_prefix(b"--").and_then(|line| line.strip_prefix(boundary)) {
            // The line end before a boundary belongs to the boundary.
            found.extend(start.and_then(|start| body.get(start..at)).map(without_line_end));
            if tail.trim_ascii_end() == b"--" {
                return found;
            }
            start = Some(next);
        }
        at = next;
    }
    found.extend(start.and_then(|start| body.get(start..)));
    found
}

fn without_line_end(part: &[u8]) -> &[u8] {
    let part = part.strip_suffix(b"\n").unwrap_or(part);
    part.strip_suffix(b"\r").unwrap_or(part)
}

fn plain(headers: &Headers, body: &[u8], most: usize) -> Vec<u8> {
    match headers.token("content-transfer-encoding").as_deref() {
        Some("base64") => decode::base64(body, most),
        Some("quoted-printable") => decode::quoted(body, most),
        _ => body.get(..body.len().min(most)).unwrap_or_default().to_vec(),
    }
}

//! Walks the parts of a message: a fixed number of them, to a fixed depth.

use super::header::Headers;
use super::{
    ATTACHMENT_HEAD, ATTACHMENT_TAIL, MOST_ATTACHED, MOST_BYTES, MOST_DEPTH, MOST_PARTS, MOST_PICTURE, MOST_PICTURES,
    MOST_TEXT, decode,
};

/// What a walk found.
#[derive(Debug, Default)]
pub(super) struct Parts {
    pub(super) plain: String,
    pub(super) html: String,
    pub(super) files: Vec<File>,
    /// Messages within the message, as they stand.
    pub(super) messages: Vec<Vec<u8>>,
    /// Whether a text of plain letters only was coded in base64.
    pub(super) coded_needlessly: bool,
    /// Whether a bound was met.
    pub(super) cut: bool,
    /// Whether messages within are wanted whole, those that came as files too.
    unwraps: bool,
    seen: usize,
    attached: usize,
    pictures: usize,
}

/// A part that is a file.
#[derive(Debug)]
pub(super) struct File {
    pub(super) name: String,
    pub(super) media_type: String,
    pub(super) head: Vec<u8>,
    pub(super) tail: Vec<u8>,
    pub(super) inline: bool,
}

impl Parts {
    /// For a walk that wants the messages within whole.
    pub(super) fn unwrapping() -> Self {
        Self { unwraps: true, ..Self::default() }
    }

    /// Walks one part whose headers were read.
    pub(super) fn walk(&mut self, headers: &Headers, body: &[u8], depth: usize) {
        self.seen += 1;
        if self.seen > MOST_PARTS || depth > MOST_DEPTH {
            self.cut = true;
            return;
        }
        let media_type = headers.token("content-type").unwrap_or_else(|| "text/plain".to_owned());
        let boundary = headers.parameter("content-type", "boundary").filter(|boundary| !boundary.is_empty());
        if media_type.starts_with("multipart/")
            && let Some(boundary) = boundary
            && self.multipart(body, boundary.as_bytes(), depth)
        {
            return;
        }
        self.leaf(headers, &media_type, body);
    }

    /// Walks the parts between boundaries; false when there are none.
    fn multipart(&mut self, body: &[u8], boundary: &[u8], depth: usize) -> bool {
        let mut found = false;
        let mut start: Option<usize> = None;
        let mut at = 0;
        while at < body.len() && self.seen <= MOST_PARTS {
            let rest = body.get(at..).unwrap_or_default();
            let (line, after) = decode::line(rest);
            if let Some(tail) = line.strip_prefix(b"--").and_then(|line| line.strip_prefix(boundary)) {
                if let Some(part) = start.and_then(|start| body.get(start..at)) {
                    self.part(part, depth);
                }
                found = true;
                start = Some(body.len() - after.len());
                if tail.trim_ascii_end() == b"--" {
                    return true;
                }
            }
            at = body.len() - after.len();
        }
        if self.seen > MOST_PARTS {
            self.cut = true;
        } else if let Some(part) = start.and_then(|start| body.get(start..)) {
            self.part(part, depth);
        }
        found
    }

    fn part(&mut self, bytes: &[u8], depth: usize) {
        let (headers, body) = Headers::read(bytes);
        self.cut |= headers.cut;
        self.walk(&headers, body, depth + 1);
    }

    /// A part that holds no others.
    fn leaf(&mut self, headers: &Headers, media_type: &str, body: &[u8]) {
        let coding = headers.token("content-transfer-encoding").unwrap_or_default();
        let name =
            headers.parameter("content-disposition", "filename").or_else(|| headers.parameter("content-type", "name"));
        let attached = headers.token("content-disposition").is_some_and(|kind| kind == "attachment");
        let is_message = matches!(media_type, "message/rfc822" | "message/global");
        if is_message || (self.unwraps && name.as_ref().is_some_and(|name| name.to_lowercase().ends_with(".eml"))) {
            if self.messages.len() < 8 {
                self.messages.push(bytes_of(body, &coding, if self.unwraps { MOST_BYTES } else { MOST_TEXT }));
            }
            return;
        }
        let words = matches!(media_type, "text/plain" | "text/html" | "text" | "text/calendar");
        if words && !attached && name.is_none() {
            let room = MOST_TEXT.saturating_sub(self.plain.len() + self.html.len());
            self.cut |= room == 0;
            let bytes = bytes_of(body, &coding, room);
            self.coded_needlessly |= coding == "base64" && bytes.len() > 40 && bytes.is_ascii();
            let charset = headers.parameter("content-type", "charset").unwrap_or_default();
            let into = if media_type == "text/html" { &mut self.html } else { &mut self.plain };
            into.push_str(&decode::charset(&bytes, &charset));
            into.push('\n');
            return;
        }
        self.file(name.unwrap_or_default(), media_type, &coding, body, !attached);
    }

    fn file(&mut self, name: String, media_type: &str, coding: &str, body: &[u8], inline: bool) {
        let room = MOST_ATTACHED.saturating_sub(self.attached);
        // Photographs are told by their first bytes; of the kinds in which codes are drawn the whole is wanted.
        let picture = media_type.starts_with("image/") && media_type != "image/svg+xml";
        let drawn = picture && matches!(media_type, "image/png" | "image/gif" | "image/x-png");
        let pictures = MOST_PICTURES.saturating_sub(self.pictures).clamp(4_096, MOST_PICTURE);
        let most = room.min(match (picture, drawn) {
            (true, true) => pictures,
            (true, false) => 4_096,
            _ => ATTACHMENT_HEAD,
        });
        let head = bytes_of(body, coding, most);
        let tail = if head.len() < most || picture { Vec::new() } else { tail_of(body, coding) };
        self.pictures += if picture { head.len() } else { 0 };
        self.attached += head.len() + tail.len();
        self.files.push(File { name, media_type: media_type.to_owned(), head, tail, inline });
    }
}

/// The decoded body of a part, at most `most` bytes.
fn bytes_of(body: &[u8], coding: &str, most: usize) -> Vec<u8> {
    match coding {
        "base64" => decode::base64(body, most),
        "quoted-printable" => decode::quoted(body, most),
        _ => body.get(..body.len().min(most)).unwrap_or_default().to_vec(),
    }
}

fn tail_of(body: &[u8], coding: &str) -> Vec<u8> {
    match coding {
        "base64" => decode::base64_tail(body, ATTACHMENT_TAIL),
        _ => body.get(body.len().saturating_sub(ATTACHMENT_TAIL)..).unwrap_or_default().to_vec(),
    }
}

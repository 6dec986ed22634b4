//! Mail messages: the parts of a message and the files attached to it. (RFC 5322, RFC 2045, RFC 2046.)

use super::read::{find, piece};
use super::room::Room;
use super::{Part, base64};

/// Longest head of a message or of a part, in bytes.
const HEAD: usize = 64 * 1024;

/// Fields that a message begins with.
const FIELDS: [&str; 12] = [
    "received",
    "from",
    "return-path",
    "delivered-to",
    "mime-version",
    "message-id",
    "date",
    "subject",
    "content-type",
    "to",
    "x-mozilla-status",
    "dkim-signature",
];

/// Whether the bytes begin like a message: two fields of mail, one of which says that it has parts or an encoding.
pub(super) fn is_mail(bytes: &[u8]) -> bool {
    let head = piece(bytes, 0, HEAD);
    let Some((head, _)) = split_head(head) else { return false };
    let known = head.iter().filter(|field| FIELDS.contains(&field.name.as_str())).count();
    let holds =
        |field: &Field| matches!(field.name.as_str(), "content-type" | "content-transfer-encoding" | "mime-version");
    known >= 2 && head.first().is_some_and(|first| known_first(&first.name)) && head.iter().any(holds)
}

fn known_first(name: &str) -> bool {
    FIELDS.contains(&name) || name.starts_with("x-") || name.starts_with("arc-") || name.starts_with("authentication-")
}

/// Shows every part.
pub(super) fn open(bytes: &[u8], room: &mut Room<'_>, part: &mut Part<'_>) {
    message(bytes, room, part, 0);
}

/// One field of a head, its lines joined.
struct Field {
    name: String,
    value: String,
}

/// A message or a part of one.
fn message(bytes: &[u8], room: &mut Room<'_>, part: &mut Part<'_>, depth: usize) {
    let Some((head, body)) = split_head(bytes) else { return };
    let value = |name: &str| head.iter().find(|field| field.name == name).map_or("", |field| field.value.as_str());
    let kind = value("content-type");
    if kind.to_ascii_lowercase().starts_with("multipart/") && depth < 20 {
        let Some(boundary) = parameter(kind, "boundary") else { return };
        for piece in pieces(body, &boundary) {
            message(piece, room, part, depth + 1);
            if room.is_closed() {
                return;
            }
        }
        return;
    }
    let most = room.part_most();
    let content = match value("content-transfer-encoding").trim().to_ascii_lowercase().as_str() {
        "base64" => base64::decode(body, true, most),
        "quoted-printable" => quoted_printable(body, most),
        _ => piece(body, 0, most).to_vec(),
    };
    let called = parameter(value("content-disposition"), "filename").or_else(|| parameter(kind, "name"));
    let called = called.unwrap_or_else(|| kind.split(';').next().unwrap_or_default().trim().to_owned());
    if room.count(content.len()) {
        part(room, if called.is_empty() { "text" } else { &called }, &content);
    }
}

/// The fields of a head and what follows it.
fn split_head(bytes: &[u8]) -> Option<(Vec<Field>, &[u8])> {
    let near = piece(bytes, 0, HEAD);
    let mut fields: Vec<Field> = Vec::new();
    let mut at = 0;
    loop {
        let rest = near.get(at..).filter(|rest| !rest.is_empty());
        let Some(rest) = rest else {
            return (!fields.is_empty()).then(|| (fields, bytes.get(at..).unwrap_or_default()));
        };
        let end = rest.iter().position(|byte| *byte == b'\n').map_or(rest.len(), |end| end + 1);
        let line = piece(rest, 0, end).trim_ascii_end();
        at += end;
        if line.is_empty() {
            return Some((fields, bytes.get(at..).unwrap_or_default()));
        }
        let text = String::from_utf8_lossy(line);
        if line.starts_with(b" ") || line.starts_with(b"\t") {
            let last = fields.last_mut()?;
            last.value.push(' ');
            last.value.push_str(text.trim());
        } else {
            let (name, value) = text.split_once(':')?;
            if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_graphic()) {
                return None;
            }
            fields.push(Field { name: name.to_ascii_lowercase(), value: value.trim().to_owned() });
        }
    }
}

/// The value of a parameter (`boundary="x"`), in plain, quoted, or RFC 2231's form (`filename*=UTF-8''a%20b`).
fn parameter(value: &str, wanted: &str) -> Option<String> {
    value.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        let name = name.trim().to_ascii_lowercase();
        let value = value.trim();
        if name == wanted || name == format!("{wanted}*0") {
            return Some(value.trim_matches('"').to_owned());
        }
        let coded = name.strip_suffix('*').filter(|name| *name == wanted || *name == format!("{wanted}*0"));
        coded.map(|_| percent(value.trim_matches('"').splitn(3, '\'').last().unwrap_or_default()))
    })
}

fn percent(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let hex = (*first == b'%')
            .then(|| std::str::from_utf8(after.get(..2)?).ok().and_then(|two| u8::from_str_radix(two, 16).ok()))
            .flatten();
        bytes.push(hex.unwrap_or(*first));
        rest = if hex.is_some() { after.get(2..).unwrap_or_default() } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// What stands between a boundary's lines.
fn pieces<'a>(body: &'a [u8], boundary: &str) -> Vec<&'a [u8]> {
    let mark = format!("--{boundary}");
    let (mut found, mut begin, mut at) = (Vec::new(), None, 0);
    while let Some(place) = find(body, mark.as_bytes(), at) {
        at = place + mark.len();
        if place > 0 && body.get(place - 1) != Some(&b'\n') {
            continue;
        }
        if let Some(begin) = begin {
            found.push(piece(body, begin, place - begin));
        }
        let line = body.get(at..).unwrap_or_default().iter().position(|byte| *byte == b'\n');
        begin = line.map(|end| at + end + 1);
        if body.get(at..).is_some_and(|rest| rest.starts_with(b"--")) || begin.is_none() {
            return found;
        }
    }
    // A message that was cut has no last mark.
    if let Some(begin) = begin {
        found.push(body.get(begin..).unwrap_or_default());
    }
    found
}

fn quoted_printable(body: &[u8], most: usize) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = body;
    while let Some((first, after)) = rest.split_first() {
        if out.len() >= most {
            break;
        }
        rest = after;
        if *first != b'=' {
            out.push(*first);
            continue;
        }
        match after {
            [b'\r', b'\n', more @ ..] | [b'\n', more @ ..] => rest = more,
            [high, low, more @ ..] => {
                let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
                match (digit(*high), digit(*low)) {
                    (Some(high), Some(low)) => {
                        out.push(high << 4 | low);
                        rest = more;
                    }
                    _ => out.push(b'='),
                }
            }
            _ => out.push(b'='),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_attachments_are_read_in_every_form() {
        for (value, name) in [
            ("attachment; filename=a.zip", "a.zip"),
            ("attachment; filename=\"a b.zip\"", "a b.zip"),
            ("attachment; filename*=UTF-8''citt%C3%A0%20a.zip", "città a.zip"),
            ("attachment; filename*0=a.zip", "a.zip"),
        ] {
            assert_eq!(parameter(value, "filename").as_deref(), Some(name));
        }
        assert_eq!(parameter("text/plain", "name"), None);
    }

    #[test]
    fn quoted_printable_comes_out() {
        assert_eq!(quoted_printable(b"citt=C3=A0 =\r\nbella=", 100), "città bella=".as_bytes());
    }
}

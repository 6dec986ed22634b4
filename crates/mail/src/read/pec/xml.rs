//! As much XML as the data of providers need, within bounds: elements, attributes, text. A file that brings definitions of its own
//! (`<!DOCTYPE`) is refused whole, so nothing in it can unfold.

use crate::read::decode;

/// Bytes that are looked at.
const MOST_BYTES: usize = 256 << 10;
/// Elements and texts.
const MOST_EVENTS: usize = 4_000;
/// How deep elements may stand.
const MOST_DEPTH: usize = 16;
/// Attributes of one element.
const MOST_ATTRIBUTES: usize = 16;

/// What stands in a file, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Event {
    /// An element begins.
    Open {
        /// Its name without the prefix of a name space.
        name: String,
        /// Its attributes.
        attributes: Vec<(String, String)>,
    },
    /// The last one that began ends.
    Close,
    /// Text.
    Text(String),
}

/// What stands in a file; none when it is no XML, is cut, or goes beyond a bound.
pub(super) fn events(bytes: &[u8]) -> Option<Vec<Event>> {
    if bytes.len() > MOST_BYTES {
        return None;
    }
    let text = text_of(bytes);
    let mut rest = text.trim_start_matches('\u{feff}');
    let mut found = Vec::new();
    let mut depth = 0_usize;
    while let Some(at) = rest.find('<') {
        let (before, tag) = rest.split_at(at);
        if depth > 0 && !before.is_empty() {
            found.push(Event::Text(unescaped(before)));
        }
        rest = if let Some(after) = tag.strip_prefix("<?") {
            after.split_once("?>")?.1
        } else if let Some(after) = tag.strip_prefix("<!--") {
            after.split_once("-->")?.1
        } else if let Some(after) = tag.strip_prefix("<![CDATA[") {
            let (inside, after) = after.split_once("]]>")?;
            found.push(Event::Text(inside.to_owned()));
            after
        } else if tag.starts_with("<!") {
            return None;
        } else if let Some(after) = tag.strip_prefix("</") {
            depth = depth.checked_sub(1)?;
            found.push(Event::Close);
            after.split_once('>')?.1
        } else {
            let (event, closed, after) = element(tag.strip_prefix('<')?)?;
            found.push(event);
            if closed {
                found.push(Event::Close);
            } else {
                depth += 1;
            }
            after
        };
        if found.len() > MOST_EVENTS || depth > MOST_DEPTH {
            return None;
        }
    }
    (depth == 0).then_some(found)
}

/// One element behind its `<`: what it is, whether it ends at once, and what follows.
fn element(text: &str) -> Option<(Event, bool, &str)> {
    let end = text.find(|letter: char| letter.is_whitespace() || letter == '>' || letter == '/')?;
    let (name, mut rest) = text.split_at(end);
    let mut attributes = Vec::new();
    loop {
        rest = rest.trim_start();
        if let Some(after) = rest.strip_prefix("/>") {
            return Some((open(name, attributes), true, after));
        }
        if let Some(after) = rest.strip_prefix('>') {
            return Some((open(name, attributes), false, after));
        }
        let (key, after) = rest.split_once('=')?;
        let after = after.trim_start();
        let quote = after.chars().next().filter(|quote| *quote == '"' || *quote == '\'')?;
        let (value, after) = after.get(1..)?.split_once(quote)?;
        if attributes.len() >= MOST_ATTRIBUTES || key.len() > 100 {
            return None;
        }
        attributes.push((key.trim().to_owned(), unescaped(value)));
        rest = after;
    }
}

fn open(name: &str, attributes: Vec<(String, String)>) -> Event {
    let name = name.rsplit_once(':').map_or(name, |(_, name)| name);
    Event::Open { name: name.to_owned(), attributes }
}

/// The file as text, by the letters that its first line names.
fn text_of(bytes: &[u8]) -> String {
    let head = String::from_utf8_lossy(bytes.get(..bytes.len().min(200)).unwrap_or_default()).into_owned();
    let name = head.split_once("encoding=").and_then(|(_, rest)| rest.get(1..)?.split(['"', '\'']).next());
    decode::charset(bytes, name.unwrap_or("utf-8"))
}

/// The five names that every XML has, and letters by number; anything else stays as it stands.
fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        match after.split_once(';').and_then(|(name, after)| Some((letter(name)?, after))) {
            Some((letter, after)) => {
                out.push(letter);
                rest = after;
            }
            None => {
                out.push('&');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

fn letter(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let number = name.strip_prefix('#').filter(|number| number.len() <= 8)?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code).filter(|letter| *letter != '\0')
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_unfolds_and_nothing_is_deep() {
        let laughs = "<!DOCTYPE a [<!ENTITY b \"bbbb\"><!ENTITY c \"&b;&b;\">]><a>&c;</a>";
        assert_eq!(events(laughs.as_bytes()), None);
        assert_eq!(events("<a>".repeat(17).as_bytes()), None);
        assert_eq!(events(format!("<a>{}</a>", "<b/>".repeat(4_000)).as_bytes()), None);
        assert_eq!(events(&vec![b' '; MOST_BYTES + 1]), None);
        for broken in ["<a", "<a b=c>", "<a></a></a>", "<a><!-- ", "<a b=\"", "</a>"] {
            assert_eq!(events(broken.as_bytes()), None, "{broken}");
        }
    }

    #[test]
    fn unknown_names_stay_as_they_stand() {
        let found = events("<x:a k='1&lt;2'>&c; &#x41;&#0;&amp</x:a>".as_bytes()).unwrap();
        let attributes = vec![("k".to_owned(), "1<2".to_owned())];
        assert_eq!(found[0], Event::Open { name: "a".to_owned(), attributes });
        assert_eq!(found[1], Event::Text("&c; A&#0;&amp".to_owned()));
    }
}

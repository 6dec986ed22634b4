//! Reads one whole answer.

use super::gather::announced;

/// How a command ended, or what the server says by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Done.
    Ok,
    /// Refused.
    No,
    /// Not understood.
    Bad,
    /// The server goes.
    Bye,
    /// Signed in already.
    Preauth,
}

/// What is known of a message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fetched {
    /// Its number, which stays the same.
    pub uid: Option<u32>,
    /// Its size in bytes.
    pub size: Option<u64>,
    /// Its flags and keywords.
    pub flags: Option<Vec<String>>,
    /// Its bytes, or the part of them that was asked for.
    pub body: Option<Vec<u8>>,
}

/// One answer of the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Response {
    /// The server waits for more.
    Go(String),
    /// A command ended.
    Done {
        /// Which: the tag that it was sent with.
        tag: String,
        /// How.
        status: Status,
        /// The code in brackets, without them; empty for none.
        code: String,
        /// Words for people.
        text: String,
    },
    /// A remark of the server.
    Said {
        /// Of what kind.
        status: Status,
        /// The code in brackets, without them; empty for none.
        code: String,
        /// Words for people.
        text: String,
    },
    /// What the server can do.
    Capability(Vec<String>),
    /// How many messages are in the folder.
    Exists(u32),
    /// Messages that were found.
    Search(Vec<u32>),
    /// A folder.
    List {
        /// What it is, such as `\Trash`.
        attributes: Vec<String>,
        /// What stands between the names of folders within folders.
        delimiter: Option<char>,
        /// Its name, as the server writes it.
        name: Vec<u8>,
    },
    /// What is known of a message.
    Fetch(Fetched),
    /// Something that is of no interest here.
    Other,
}

impl Response {
    /// Reads one answer as [`super::Gather`] gives it; what is not understood is [`Response::Other`].
    #[must_use]
    pub fn read(bytes: &[u8]) -> Self {
        if let Some(rest) = bytes.strip_prefix(b"+") {
            return Self::Go(plain(rest));
        }
        let mut words = Words(bytes);
        let Some(Token::Atom(tag)) = words.next() else { return Self::Other };
        let Some(Token::Atom(first)) = words.next() else { return Self::Other };
        if let Some(status) = status(first) {
            let (code, text) = code_and_text(words.0);
            return if tag == b"*" {
                Self::Said { status, code, text }
            } else {
                Self::Done { tag: plain(tag), status, code, text }
            };
        }
        if tag == b"*" { untagged(first, words).unwrap_or(Self::Other) } else { Self::Other }
    }
}

fn untagged(first: &[u8], mut words: Words<'_>) -> Option<Response> {
    if let Some(number) = number(first) {
        let Some(Token::Atom(what)) = words.next() else { return None };
        return match what.to_ascii_uppercase().as_slice() {
            b"EXISTS" => Some(Response::Exists(number)),
            b"FETCH" => Some(Response::Fetch(fetched(&mut words)?)),
            _ => None,
        };
    }
    match first.to_ascii_uppercase().as_slice() {
        b"CAPABILITY" => Some(Response::Capability(words.atoms())),
        b"SEARCH" => Some(Response::Search(words.atoms().iter().filter_map(|word| word.parse().ok()).collect())),
        b"LIST" => list(&mut words),
        _ => None,
    }
}

fn list(words: &mut Words<'_>) -> Option<Response> {
    let attributes = words.group()?;
    let delimiter = words.next()?.bytes().first().map(|byte| char::from(*byte));
    let name = words.next()?.bytes().to_vec();
    Some(Response::List { attributes, delimiter, name })
}

fn fetched(words: &mut Words<'_>) -> Option<Fetched> {
    if words.next()? != Token::Open {
        return None;
    }
    let mut found = Fetched::default();
    while let Some(token) = words.next() {
        let Token::Atom(name) = token else { break };
        let name = name.to_ascii_uppercase();
        match name.as_slice() {
            b"UID" => found.uid = number(words.next()?.bytes()),
            b"RFC822.SIZE" => found.size = plain(words.next()?.bytes()).parse().ok(),
            b"FLAGS" => found.flags = Some(words.group()?),
            _ if name.starts_with(b"BODY[") => found.body = Some(words.next()?.bytes().to_vec()),
            _ => words.skip()?,
        }
    }
    Some(found)
}

/// One word of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Token<'a> {
    Open,
    Close,
    Atom(&'a [u8]),
    Literal(&'a [u8]),
    Quoted(Vec<u8>),
}

impl Token<'_> {
    /// Its text; `NIL` is none.
    fn bytes(&self) -> &[u8] {
        match self {
            Self::Open | Self::Close => &[],
            Self::Atom(atom) if atom.eq_ignore_ascii_case(b"nil") => &[],
            Self::Atom(bytes) | Self::Literal(bytes) => bytes,
            Self::Quoted(bytes) => bytes,
        }
    }
}

/// The words that are left.
struct Words<'a>(&'a [u8]);

impl<'a> Words<'a> {
    fn next(&mut self) -> Option<Token<'a>> {
        let rest = self.0.trim_ascii_start();
        let first = *rest.first()?;
        let (token, rest) = match first {
            b'(' => (Token::Open, rest.get(1..)?),
            b')' => (Token::Close, rest.get(1..)?),
            b'"' => in_quotes(rest.get(1..)?)?,
            b'{' => {
                let end = rest.iter().position(|byte| *byte == b'\n')?;
                let count = announced(rest.get(..end)?)?;
                let after = rest.get(end + 1..)?;
                (Token::Literal(after.get(..count)?), after.get(count..)?)
            }
            _ => {
                let (atom, rest) = rest.split_at(atom_length(rest));
                (Token::Atom(atom), rest)
            }
        };
        self.0 = rest;
        Some(token)
    }

    /// The words of a group in parentheses.
    fn group(&mut self) -> Option<Vec<String>> {
        if self.next()? != Token::Open {
            return None;
        }
        let mut found = Vec::new();
        loop {
            match self.next()? {
                Token::Close => return Some(found),
                Token::Open => return None,
                word => found.push(plain(word.bytes())),
            }
        }
    }

    /// All words that are left.
    fn atoms(&mut self) -> Vec<String> {
        std::iter::from_fn(|| self.next()).map(|word| plain(word.bytes())).collect()
    }

    /// Passes over one value, groups within groups included.
    fn skip(&mut self) -> Option<()> {
        let mut depth = 0_usize;
        loop {
            match self.next()? {
                Token::Open => depth += 1,
                Token::Close => depth = depth.checked_sub(1)?,
                _ => {}
            }
            if depth == 0 {
                return Some(());
            }
        }
    }
}

/// How long an atom is; what stands in brackets belongs to it: `BODY[HEADER.FIELDS (FROM)]<0>`.
fn atom_length(bytes: &[u8]) -> usize {
    let mut bracket = false;
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            b'[' => bracket = true,
            b']' => bracket = false,
            b'\r' | b'\n' => return at.max(1),
            b' ' | b'(' | b')' | b'"' if !bracket => return at.max(1),
            _ => {}
        }
    }
    bytes.len()
}

fn in_quotes(bytes: &[u8]) -> Option<(Token<'_>, &[u8])> {
    let mut text = Vec::new();
    let mut at = 0;
    loop {
        match *bytes.get(at)? {
            b'"' => return Some((Token::Quoted(text), bytes.get(at + 1..)?)),
            b'\\' => {
                at += 1;
                text.push(*bytes.get(at)?);
            }
            byte => text.push(byte),
        }
        at += 1;
    }
}

fn code_and_text(rest: &[u8]) -> (String, String) {
    let rest = rest.trim_ascii();
    let code = rest.strip_prefix(b"[").and_then(|inner| {
        let end = inner.iter().position(|byte| *byte == b']')?;
        Some((inner.get(..end)?, inner.get(end + 1..)?))
    });
    let (code, text) = code.unwrap_or((&[], rest));
    (plain(code), plain(text))
}

fn status(word: &[u8]) -> Option<Status> {
    [("OK", Status::Ok), ("NO", Status::No), ("BAD", Status::Bad), ("BYE", Status::Bye), ("PREAUTH", Status::Preauth)]
        .into_iter()
        .find(|(name, _)| word.eq_ignore_ascii_case(name.as_bytes()))
        .map(|(_, status)| status)
}

fn number(bytes: &[u8]) -> Option<u32> {
    std::str::from_utf8(bytes).ok()?.parse().ok()
}

fn plain(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes.trim_ascii()).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Response {
        Response::read(text.as_bytes())
    }

    #[test]
    fn a_message_is_read_to_the_byte_whatever_stands_in_it() {
        let body = "a) {3}\r\n* 2 EXISTS\r\n\"";
        let text = format!(
            "* 7 FETCH (FLAGS (\\Seen $Junk) BODYSTRUCTURE ((\"a\" NIL) ()) UID 9 RFC822.SIZE 12 BODY[]<0> {{{}}}\r\n{body})\r\n",
            body.len()
        );
        let Response::Fetch(found) = read(&text) else { panic!("{:?}", read(&text)) };
        assert_eq!((found.uid, found.size), (Some(9), Some(12)));
        assert_eq!(found.flags.unwrap(), ["\\Seen", "$Junk"]);
        assert_eq!(found.body.unwrap(), body.as_bytes());
        let Response::Fetch(found) = read("* 7 FETCH (BODY[HEADER.FIELDS (FROM)] \"x\\\"y\" UID 3)\r\n") else {
            panic!()
        };
        assert_eq!((found.body.as_deref(), found.uid), (Some(&b"x\"y"[..]), Some(3)));
    }

    #[test]
    fn the_ends_of_commands_carry_their_codes() {
        let done = read("a1 NO [AUTHENTICATIONFAILED] Wrong password\r\n");
        let (code, text) = ("AUTHENTICATIONFAILED".to_owned(), "Wrong password".to_owned());
        assert_eq!(done, Response::Done { tag: "a1".to_owned(), status: Status::No, code, text });
        let said = read("* OK [UIDVALIDITY 3857529045] UIDs valid\r\n");
        assert!(matches!(said, Response::Said { status: Status::Ok, code, .. } if code == "UIDVALIDITY 3857529045"));
        assert_eq!(read("+ idling\r\n"), Response::Go("idling".to_owned()));
        assert_eq!(read("* 23 EXISTS\r\n"), Response::Exists(23));
        assert_eq!(read("* SEARCH 2 84 882\r\n"), Response::Search(vec![2, 84, 882]));
        assert_eq!(read("* SEARCH\r\n"), Response::Search(Vec::new()));
    }

    #[test]
    fn folders_tell_what_they_are_for() {
        let name = b"INBOX/Cestino \"vecchio\"".to_vec();
        let attributes = vec!["\\HasNoChildren".to_owned(), "\\Trash".to_owned()];
        let list = Response::List { attributes, delimiter: Some('/'), name };
        assert_eq!(read("* LIST (\\HasNoChildren \\Trash) \"/\" \"INBOX/Cestino \\\"vecchio\\\"\"\r\n"), list);
        let flat = Response::List { attributes: Vec::new(), delimiter: None, name: b"Trash".to_vec() };
        assert_eq!(read("* LIST () NIL {5}\r\nTrash\r\n"), flat);
    }

    #[test]
    fn what_no_server_should_say_is_passed_over() {
        for odd in
            ["", "*", "* ", "* 1 FETCH", "* 1 FETCH (BODY[] {9}\r\nx)", "* LIST (", "* LIST (()) a b", "\"", "a b"]
        {
            assert_eq!(read(odd), Response::Other, "{odd:?}");
        }
    }
}

//! The message that somebody forwards because it looks suspicious: attached whole, as clients of offices do with some care, or
//! quoted in the text, as everybody does.

use super::header::Headers;
use super::mime::Parts;
use super::{Letter, address};

/// Lines with which clients begin what they forward, in Italian and English, in lower case.
const BEGINNINGS: &[&str] = &[
    "forwarded message",
    "messaggio inoltrato",
    "messaggio originale",
    "original message",
    "inizio messaggio inoltrato",
    "begin forwarded message",
];
/// The names of the sender's and the subject's line there.
const SENDER: &[&str] = &["da", "from", "mittente"];
const SUBJECT: &[&str] = &["oggetto", "subject"];
/// Lines of a quoted block of headers.
const MOST_LINES: usize = 12;

/// A forwarded message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forwarded {
    /// The message, or what could be made of it.
    pub bytes: Vec<u8>,
    /// Whether it came whole, with its own headers.
    pub whole: bool,
}

/// Takes the forwarded message out of the one that brings it. Where nothing is attached, the bringing message is given with the
/// sender and subject that it quotes, so that the body is judged under the names that the reader saw.
#[must_use]
pub fn forwarded(bytes: &[u8]) -> Forwarded {
    let (headers, body) = Headers::read(bytes);
    let mut parts = Parts::unwrapping();
    parts.walk(&headers, body, 0);
    if let Some(inner) = parts.messages.into_iter().find(|inner| !inner.trim_ascii().is_empty()) {
        return Forwarded { bytes: inner, whole: true };
    }
    let quoted = quoted(&Letter::read(bytes).text);
    let mut made = Vec::with_capacity(bytes.len());
    let mut line = |name: &str, value: &str| made.extend(format!("{name}: {value}\r\n").into_bytes());
    line("From", &quoted.sender);
    line("Subject", &quoted.subject);
    for name in ["content-type", "content-transfer-encoding", "mime-version"] {
        if let Some(value) = headers.raw(name) {
            line(name, &String::from_utf8_lossy(value));
        }
    }
    made.extend(b"\r\n");
    made.extend_from_slice(body);
    Forwarded { bytes: made, whole: false }
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Quoted {
    sender: String,
    subject: String,
}

/// The sender and subject of the first block of headers that a text quotes.
fn quoted(text: &str) -> Quoted {
    let lines: Vec<&str> = text.lines().map(|line| line.trim_start_matches(['>', ' ', '*', '|']).trim()).collect();
    let begins = |line: &str| {
        let line = line.to_lowercase();
        BEGINNINGS.iter().any(|beginning| line.contains(beginning)) && line.len() < 80
    };
    let marked = lines.iter().position(|line| begins(line)).map(|at| at + 1);
    // Some clients draw a rule and begin with the sender at once.
    let from = marked.or_else(|| lines.iter().position(|line| value(line, SENDER).is_some_and(|to| to.contains('@'))));
    let mut found = Quoted::default();
    for line in lines.iter().skip(from.unwrap_or(lines.len())).filter(|line| !line.is_empty()).take(MOST_LINES) {
        if let Some(sender) = value(line, SENDER).filter(|_| found.sender.is_empty()) {
            let mailbox = address::first(&clean(sender));
            // Written anew, because a client quotes addresses as it shows them.
            found.sender = match (mailbox.name.as_str(), mailbox.address.as_str()) {
                ("", address) => address.to_owned(),
                (name, "") => name.to_owned(),
                (name, address) => format!("\"{}\" <{address}>", name.replace('"', "")),
            };
        } else if let Some(subject) = value(line, SUBJECT).filter(|_| found.subject.is_empty()) {
            found.subject = clean(subject);
        }
    }
    found
}

/// What stands behind the name of one of these lines.
fn value<'a>(line: &'a str, names: &[&str]) -> Option<&'a str> {
    let (name, value) = line.split_once(':')?;
    let name = name.trim_matches(|letter: char| !letter.is_alphabetic()).to_lowercase();
    names.contains(&name.as_str()).then(|| value.trim_matches(['*', ' ']).trim())
}

fn clean(text: &str) -> String {
    text.replace("[mailto:", "<").replace(']', ">").chars().filter(|letter| !letter.is_control()).take(500).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_attached_message_comes_out_as_it_was() {
        for kind in [
            "Content-Type: message/rfc822\r\nContent-Disposition: attachment",
            "Content-Type: application/octet-stream; name=\"Sospetta.EML\"",
        ] {
            let inner = "From: x@y.example\r\nSubject: conto\r\n\r\nPaghi qui.\r\n";
            let outer = format!(
                "From: carla@comune.siena.it\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nGuardate\r\n--b\r\n{kind}\r\n\r\n{inner}--b--\r\n"
            );
            let found = forwarded(outer.as_bytes());
            assert_eq!((found.whole, String::from_utf8(found.bytes).unwrap().as_str()), (true, inner), "{kind}");
        }
    }

    #[test]
    fn a_quoted_message_is_judged_under_its_own_sender_and_subject() {
        let texts = [
            "Guardate.\r\n\r\n-------- Messaggio Inoltrato --------\r\nOggetto: \tConto sospeso\r\nData: \toggi\r\nMittente: \tPoste <a@b.top>\r\nA: \tcarla@comune.siena.it\r\n\r\nGentile cliente",
            "---------- Forwarded message ---------\r\nDa: Poste <a@b.top>\r\nDate: lun\r\nSubject: Conto sospeso\r\nTo: carla\r\n\r\nGentile cliente",
            "Che ne pensate?\r\n\r\nDa: Poste [mailto:a@b.top]\r\nInviato: lunedì\r\nA: Carla\r\nOggetto: Conto sospeso\r\n\r\nGentile cliente",
        ];
        for text in texts {
            let outer = format!("From: carla@comune.siena.it\r\nSubject: I: Conto sospeso\r\n\r\n{text}\r\n");
            let found = forwarded(outer.as_bytes());
            let letter = Letter::read(&found.bytes);
            assert!(!found.whole);
            assert_eq!((letter.from.as_str(), letter.from_name.as_str()), ("a@b.top", "Poste"), "{text}");
            assert_eq!(letter.subject, "Conto sospeso", "{text}");
            assert!(letter.text.contains("Gentile cliente"));
        }
    }

    #[test]
    fn the_page_of_a_quoted_message_keeps_its_links() {
        let outer = "From: carla@comune.siena.it\r\nContent-Type: text/html\r\n\r\n<p>-- Messaggio originale --</p><p>Da: Poste &lt;a@b.top&gt;</p><p>Oggetto: Conto</p><a href=\"https://c.top/x\">www.poste.it</a>";
        let letter = Letter::read(&forwarded(outer.as_bytes()).bytes);
        assert_eq!((letter.from.as_str(), letter.subject.as_str()), ("a@b.top", "Conto"));
        assert!(letter.links.iter().any(|link| link.target == "https://c.top/x"));
    }

    #[test]
    fn what_is_no_forwarded_message_is_judged_without_a_sender() {
        for text in ["", "ciao", "Subject: a\r\n\r\nDa: qui a l\u{e0}", "\u{0}\u{ff}:"] {
            let found = forwarded(text.as_bytes());
            assert!(!found.whole && Letter::read(&found.bytes).from.is_empty(), "{text:?}");
        }
    }
}

//! What a filter says to a mail server.

use super::bits;

/// A header, as the protocol wants it: lines of a folded one end in a bare line feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// Its name, without the colon.
    pub name: String,
    /// Its value, without a space before it.
    pub value: Vec<u8>,
}

/// One answer, or one change to the message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// What was agreed upon.
    Negotiate {
        /// Actions.
        actions: u32,
        /// Steps.
        steps: u32,
    },
    /// Go on; at the end of a message: take it.
    Continue,
    /// No more of this body.
    Skip,
    /// Say yes to the client and drop the message: somebody else has it.
    Discard,
    /// Not now, try again later.
    TryLater,
    /// A status and its words, such as `550 5.7.1 …`.
    Status(String),
    /// Put a header above all others.
    Insert(Header),
    /// Give the header of this name, of which it is the `at`th from the top, another value; an empty one removes it.
    Change {
        /// Which of those with this name, from 1.
        at: u32,
        /// Its name and new value.
        header: Header,
    },
    /// Take a recipient from the envelope, written as it came.
    RemoveRecipient(Vec<u8>),
    /// Hold the message in the server's own queue.
    Hold(String),
}

impl Reply {
    /// The packet, with its length. `leading_space` says that both sides agreed to send the space before a value.
    #[must_use]
    pub fn packet(&self, leading_space: bool) -> Vec<u8> {
        let mut body = Vec::new();
        match self {
            Self::Negotiate { actions, steps } => {
                body.push(b'O');
                for number in [VERSION, *actions, *steps] {
                    body.extend(number.to_be_bytes());
                }
            }
            Self::Continue => body.push(b'c'),
            Self::Skip => body.push(b's'),
            Self::Discard => body.push(b'd'),
            Self::TryLater => body.push(b't'),
            Self::Status(text) => {
                body.push(b'y');
                put(&mut body, text.as_bytes());
            }
            Self::Insert(header) => {
                body.push(b'i');
                body.extend(0_u32.to_be_bytes());
                put_header(&mut body, header, leading_space);
            }
            Self::Change { at, header } => {
                body.push(b'm');
                body.extend(at.to_be_bytes());
                put_header(&mut body, header, leading_space);
            }
            Self::RemoveRecipient(address) => {
                body.push(b'-');
                put(&mut body, address);
            }
            Self::Hold(why) => {
                body.push(b'q');
                put(&mut body, why.as_bytes());
            }
        }
        let length = u32::try_from(body.len()).unwrap_or(u32::MAX);
        [&length.to_be_bytes()[..], &body].concat()
    }
}

/// The version of the protocol that is spoken here.
const VERSION: u32 = 6;

/// What this filter asks for, of what a server offers: the actions that it needs, and to be spared what it does not need.
///
/// # Errors
/// What the server would have to be able to do.
pub fn offer(version: u32, actions: u32, steps: u32) -> Result<Reply, &'static str> {
    const NEEDED: [(u32, &str); 4] = [
        (bits::ADD_HEADERS, "add headers"),
        (bits::CHANGE_HEADERS, "change headers"),
        (bits::REMOVE_RECIPIENTS, "remove recipients"),
        (bits::QUARANTINE, "hold messages"),
    ];
    if version < VERSION {
        return Err("speak version 6 of the milter protocol (Sendmail 8.14, Postfix 2.6; milter_protocol = 6)");
    }
    if let Some((_, name)) = NEEDED.iter().find(|(bit, _)| actions & bit == 0) {
        return Err(name);
    }
    const SPARED: u32 = bits::NO_UNKNOWN
        | bits::NO_DATA
        | bits::SKIP
        | bits::SILENT_CONNECT
        | bits::SILENT_HELO
        | bits::SILENT_HEADER
        | bits::SILENT_END_OF_HEADERS
        | bits::LEADING_SPACE;
    let actions = NEEDED.iter().fold(0, |all, (bit, _)| all | bit);
    Ok(Reply::Negotiate { actions, steps: steps & SPARED })
}

/// A text and its NUL. A NUL within would end it early, and whatever stands behind it would be taken for something else.
fn put(body: &mut Vec<u8>, text: &[u8]) {
    body.extend(text.iter().copied().filter(|byte| *byte != 0));
    body.push(0);
}

fn put_header(body: &mut Vec<u8>, header: &Header, leading_space: bool) {
    put(body, header.name.as_bytes());
    if leading_space && !header.value.is_empty() {
        body.push(b' ');
    }
    put(body, &header.value);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(value: &str) -> Header {
        Header { name: "X-Test".to_owned(), value: value.as_bytes().to_vec() }
    }

    #[test]
    fn packets_carry_their_length_and_their_texts_end_in_nul() {
        assert_eq!(Reply::Continue.packet(true), b"\0\0\0\x01c");
        assert_eq!(Reply::Status("550 5.7.1 no".to_owned()).packet(true), b"\0\0\0\x0ey550 5.7.1 no\0");
        assert_eq!(Reply::Insert(header("a")).packet(true), b"\0\0\0\x0fi\0\0\0\0X-Test\0 a\0");
        assert_eq!(Reply::Insert(header("a")).packet(false), b"\0\0\0\x0ei\0\0\0\0X-Test\0a\0");
        // An empty value removes a header, so no space may stand there.
        assert_eq!(Reply::Change { at: 2, header: header("") }.packet(true), b"\0\0\0\x0dm\0\0\0\x02X-Test\0\0");
    }

    #[test]
    fn a_nul_cannot_smuggle_a_second_text_into_a_packet() {
        assert_eq!(Reply::RemoveRecipient(b"<a\0b>".to_vec()).packet(true), b"\0\0\0\x06-<ab>\0");
    }

    #[test]
    fn only_what_the_server_offers_is_asked_for() {
        let Ok(Reply::Negotiate { actions, steps }) = offer(6, 0x1ff, bits::SKIP | bits::LEADING_SPACE) else {
            panic!("the server offers enough");
        };
        assert_eq!(actions, 0x39);
        assert_eq!(steps, bits::SKIP | bits::LEADING_SPACE);
        assert_eq!(offer(6, 0x1f, u32::MAX), Err("hold messages"));
        assert!(offer(2, 0x1ff, u32::MAX).is_err());
    }
}

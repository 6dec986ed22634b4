//! What a mail server says to a filter.

use super::Unreadable;

/// One command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command<'a> {
    /// What the server can do: the protocol's version, the actions that it allows, the steps that it can leave out.
    Negotiate {
        /// Version.
        version: u32,
        /// Actions.
        actions: u32,
        /// Steps.
        steps: u32,
    },
    /// Names and values that belong to the command that follows.
    Macros(Macros<'a>),
    /// Somebody connected.
    Connect {
        /// The name of their address, or the address in brackets.
        host: &'a [u8],
        /// Their address; none for those who came by another way than the network.
        address: Option<&'a [u8]>,
    },
    /// The name that they give themselves.
    Helo(&'a [u8]),
    /// The sender of the envelope, with its angle brackets.
    Sender(&'a [u8]),
    /// A recipient of the envelope, with its angle brackets.
    Recipient(&'a [u8]),
    /// The message begins.
    Data,
    /// A header; the lines of a folded one end in a bare line feed.
    Header {
        /// Its name, without the colon.
        name: &'a [u8],
        /// Everything after the colon.
        value: &'a [u8],
    },
    /// The body begins.
    EndOfHeaders,
    /// A piece of the body.
    Body(&'a [u8]),
    /// The message is whole; a last piece of the body may come with it.
    EndOfMessage(&'a [u8]),
    /// This message is given up; another may follow.
    Abort,
    /// The connection ends.
    Quit,
    /// This client has gone, and the connection is used for another.
    QuitAndGoOn,
    /// A command of the client that the server does not know.
    Unknown,
}

/// Names and values, in pairs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Macros<'a>(&'a [u8]);

impl<'a> Macros<'a> {
    /// The value of a name; `i` is the id of the message in the server's queue.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&'a [u8]> {
        let mut texts = self.0.split(|byte| *byte == 0);
        loop {
            let (found, value) = (texts.next()?, texts.next()?);
            // Names longer than a letter stand in braces.
            let bare = found.strip_prefix(b"{").and_then(|found| found.strip_suffix(b"}")).unwrap_or(found);
            if bare == name.as_bytes() {
                return Some(value);
            }
        }
    }
}

impl<'a> Command<'a> {
    /// Reads one packet, without its length.
    ///
    /// # Errors
    /// [`Unreadable`], naming the kind.
    pub fn read(packet: &'a [u8]) -> Result<Self, Unreadable> {
        let (letter, rest) = packet.split_first().ok_or(Unreadable::Empty)?;
        let short = Unreadable::Short(*letter);
        let text = || first(rest).map(|(text, _)| text).ok_or(short);
        Ok(match letter {
            b'O' => {
                let (version, rest) = number(rest).ok_or(short)?;
                let (actions, rest) = number(rest).ok_or(short)?;
                let (steps, _) = number(rest).ok_or(short)?;
                Self::Negotiate { version, actions, steps }
            }
            b'D' => Self::Macros(Macros(rest.get(1..).ok_or(short)?)),
            b'C' => {
                let (host, rest) = first(rest).ok_or(short)?;
                let (family, rest) = rest.split_first().ok_or(short)?;
                let address = match family {
                    b'4' | b'6' => Some(rest.get(2..).and_then(first).ok_or(short)?.0),
                    _ => None,
                };
                Self::Connect { host, address }
            }
            b'H' => Self::Helo(text()?),
            b'M' => Self::Sender(text()?),
            b'R' => Self::Recipient(text()?),
            b'T' => Self::Data,
            b'L' => {
                let (name, rest) = first(rest).ok_or(short)?;
                let (value, _) = first(rest).ok_or(short)?;
                Self::Header { name, value }
            }
            b'N' => Self::EndOfHeaders,
            b'B' => Self::Body(rest),
            b'E' => Self::EndOfMessage(rest),
            b'A' => Self::Abort,
            b'Q' => Self::Quit,
            b'K' => Self::QuitAndGoOn,
            b'U' => Self::Unknown,
            other => return Err(Unreadable::Unknown(*other)),
        })
    }
}

/// The text up to a NUL, and what follows it.
fn first(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = bytes.iter().position(|byte| *byte == 0)?;
    let (text, rest) = bytes.split_at_checked(end)?;
    Some((text, rest.get(1..)?))
}

fn number(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let (number, rest) = bytes.split_first_chunk::<4>()?;
    Some((u32::from_be_bytes(*number), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_of_a_delivery_is_read() {
        let read = |packet: &'static [u8]| Command::read(packet).unwrap();
        assert_eq!(
            read(b"O\0\0\0\x06\0\0\x01\xff\0\x1f\xff\xff"),
            Command::Negotiate { version: 6, actions: 0x1ff, steps: 0x1f_ffff }
        );
        assert_eq!(
            read(b"Cmx.example\x004\x00\x19192.0.2.7\0"),
            Command::Connect { host: b"mx.example", address: Some(b"192.0.2.7") }
        );
        assert_eq!(read(b"Clocalhost\0U"), Command::Connect { host: b"localhost", address: None });
        assert_eq!(read(b"Hclient.example\0"), Command::Helo(b"client.example"));
        assert_eq!(read(b"M<a@b.example>\0SIZE=12\0"), Command::Sender(b"<a@b.example>"));
        assert_eq!(read(b"R<c@d.example>\0"), Command::Recipient(b"<c@d.example>"));
        assert_eq!(read(b"LSubject\0 due\n righe\0"), Command::Header { name: b"Subject", value: b" due\n righe" });
        assert_eq!(read(b"Bciao\r\n"), Command::Body(b"ciao\r\n"));
        assert_eq!(read(b"E"), Command::EndOfMessage(b""));
    }

    #[test]
    fn macros_are_found_by_their_bare_name() {
        let Command::Macros(macros) = Command::read(b"DMi\x004XyZ\0{auth_authen}\0anna\0").unwrap() else {
            panic!("these are macros");
        };
        assert_eq!(macros.get("i"), Some(&b"4XyZ"[..]));
        assert_eq!(macros.get("auth_authen"), Some(&b"anna"[..]));
        assert_eq!(macros.get("j"), None);
    }

    #[test]
    fn what_is_cut_short_is_named_and_nothing_is_guessed() {
        assert_eq!(Command::read(b""), Err(Unreadable::Empty));
        assert_eq!(Command::read(b"O\0\0\0\x06"), Err(Unreadable::Short(b'O')));
        assert_eq!(Command::read(b"LSubject"), Err(Unreadable::Short(b'L')));
        assert_eq!(Command::read(b"Cx\x004\0"), Err(Unreadable::Short(b'C')));
        assert_eq!(Command::read(b"R<a@b>"), Err(Unreadable::Short(b'R')));
        assert_eq!(Command::read(b"z"), Err(Unreadable::Unknown(b'z')));
    }
}

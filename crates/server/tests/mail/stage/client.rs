//! A mail server, as the milter sees one.

use baluardo_mail::milter::bits;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

/// A connection to the milter.
pub(crate) struct MailServer(pub(crate) TcpStream);

/// A packet that came back.
pub(crate) type Packet = (char, Vec<u8>);

impl MailServer {
    /// Connects and agrees upon what Postfix does.
    pub(crate) fn connect(port: u16) -> Self {
        let stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(120))).unwrap();
        let mut server = Self(stream);
        let offer = [6_u32, 0x1ff, 0x1f_ffff].map(u32::to_be_bytes).concat();
        server.send(b'O', &offer);
        let (kind, agreed) = server.receive();
        assert_eq!(kind, 'O');
        let steps = u32::from_be_bytes(agreed[8..12].try_into().unwrap());
        assert_ne!(steps & bits::LEADING_SPACE, 0, "spaces are to stay as they are");
        server
    }

    pub(crate) fn send(&mut self, kind: u8, data: &[u8]) {
        let length = u32::try_from(data.len() + 1).unwrap().to_be_bytes();
        self.0.write_all(&[&length[..], &[kind], data].concat()).unwrap();
    }

    pub(crate) fn receive(&mut self) -> Packet {
        let mut length = [0; 4];
        self.0.read_exact(&mut length).expect("the milter answers");
        let mut packet = vec![0; u32::from_be_bytes(length) as usize];
        self.0.read_exact(&mut packet).unwrap();
        let data = packet.split_off(1);
        (char::from(packet[0]), data)
    }

    /// Says that somebody connected from an address and gave a name, as Postfix does for each client.
    pub(crate) fn arrive(&mut self, address: &str, helo: &str) {
        let family = if address.contains(':') { b'6' } else { b'4' };
        self.send(b'K', b"");
        self.send(b'D', b"Cj\0mx.comune.siena.it\0");
        self.send(b'C', &[&b"client\0"[..], &[family, 0, 25], address.as_bytes(), b"\0"].concat());
        self.send(b'H', format!("{helo}\0").as_bytes());
    }

    /// The next sender logs in under this name.
    pub(crate) fn log_in(&mut self, name: &str) {
        self.send(b'D', format!("M{{auth_authen}}\0{name}\0").as_bytes());
    }

    /// Hands a message in up to its end, which is not said yet.
    pub(crate) fn hand_in(&mut self, sender: &str, recipients: &[&str], message: &[u8]) {
        self.send(b'D', b"Mi\x004XyZ\0");
        self.send(b'M', format!("<{sender}>\0").as_bytes());
        assert_eq!(self.receive().0, 'c');
        for recipient in recipients {
            self.send(b'R', format!("<{recipient}>\0").as_bytes());
            assert_eq!(self.receive().0, 'c');
        }
        let end = message.windows(4).position(|four| four == b"\r\n\r\n").expect("the message has a body");
        let head = String::from_utf8_lossy(&message[..end]).replace("\r\n\t", "\n\t").replace("\r\n ", "\n ");
        for line in head.split("\r\n") {
            let (name, value) = line.split_once(':').unwrap();
            self.send(b'L', format!("{name}\0{value}\0").as_bytes());
        }
        self.send(b'N', b"");
        for piece in message[end + 4..].chunks(65_535) {
            self.send(b'B', piece);
            if self.receive().0 == 's' {
                break;
            }
        }
    }

    /// Ends the message, and gives what the milter says up to its last word.
    pub(crate) fn end(&mut self) -> Vec<Packet> {
        self.send(b'E', b"");
        let mut said = Vec::new();
        loop {
            said.push(self.receive());
            if said.last().is_some_and(|(kind, _)| "cdtyra".contains(*kind)) {
                return said;
            }
        }
    }

    /// A whole message.
    pub(crate) fn deliver(&mut self, sender: &str, recipients: &[&str], message: &[u8]) -> Vec<Packet> {
        self.hand_in(sender, recipients, message);
        self.end()
    }
}

/// The last word of an answer.
pub(crate) fn last(said: &[Packet]) -> char {
    said.last().unwrap().0
}

/// The value of a header that is put in.
pub(crate) fn inserted(said: &[Packet], name: &str) -> Option<String> {
    said.iter().filter(|(kind, _)| *kind == 'i').find_map(|(_, data)| {
        let mut texts = data[4..].split(|byte| *byte == 0);
        let found = texts.next()?;
        let value = texts.next()?;
        (found == name.as_bytes()).then(|| String::from_utf8_lossy(value).trim().to_owned())
    })
}

/// The recipients that are taken from the envelope.
pub(crate) fn removed(said: &[Packet]) -> Vec<String> {
    let removed = said.iter().filter(|(kind, _)| *kind == '-');
    removed.map(|(_, data)| String::from_utf8_lossy(data).trim_end_matches('\0').to_owned()).collect()
}

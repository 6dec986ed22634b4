//! A mail server of somebody else's that talks to the gateway line by line, from an address of its own.

use super::authority::Authority;
use super::smtp::{dotted, reply};
use super::town::now;
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use rustls_pki_types::ServerName;
use std::io::{BufReader, Read, Write};
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

/// Bytes in both directions.
trait Line: Read + Write {}
impl<T: Read + Write> Line for T {}

/// The one who calls.
pub(crate) struct Stranger {
    line: BufReader<Box<dyn Line>>,
    /// What it was greeted with.
    pub(crate) greeting: (u16, String),
}

impl Stranger {
    /// Calls from `127.0.0.last`.
    pub(crate) fn from(last: u8, port: u16) -> Self {
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.bind((Ipv4Addr::new(127, 0, 0, last), 0).into()).unwrap();
        let stream = now(socket.connect((Ipv4Addr::LOCALHOST, port).into())).unwrap().into_std().unwrap();
        stream.set_nonblocking(false).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(120))).unwrap();
        let mut line: BufReader<Box<dyn Line>> = BufReader::new(Box::new(stream));
        let greeting = reply(&mut line).unwrap();
        Self { line, greeting }
    }

    /// Calls, and gives a name.
    pub(crate) fn greeted(last: u8, port: u16) -> Self {
        let mut stranger = Self::from(last, port);
        assert_eq!(stranger.greeting.0, 220, "{:?}", stranger.greeting);
        assert_eq!(stranger.say("EHLO straniero.example").0, 250);
        stranger
    }

    /// Says a line, and hears the answer.
    pub(crate) fn say(&mut self, line: &str) -> (u16, String) {
        self.write(format!("{line}\r\n").as_bytes());
        self.hear()
    }

    /// Sends bytes as they are.
    pub(crate) fn write(&mut self, bytes: &[u8]) {
        let line = self.line.get_mut();
        line.write_all(bytes).unwrap();
        line.flush().unwrap();
    }

    /// Hears an answer.
    pub(crate) fn hear(&mut self) -> (u16, String) {
        reply(&mut self.line).unwrap()
    }

    /// Hands in a message for one recipient; gives the first answer that is no yes, or the last one.
    pub(crate) fn deliver(&mut self, recipient: &str, message: &[u8]) -> (u16, String) {
        for line in ["MAIL FROM:<x@straniero.example>", &format!("RCPT TO:<{recipient}>"), "DATA"] {
            let answer = self.say(line);
            if answer.0 >= 400 {
                return answer;
            }
        }
        self.write(&dotted(message));
        self.say(".")
    }

    /// Goes on in TLS with a server of this name, which the authority certifies.
    pub(crate) fn secured(mut self, name: &str, authority: &Authority) -> Self {
        assert_eq!(self.say("STARTTLS").0, 220);
        let mut roots = RootCertStore::empty();
        roots.add(authority.der()).unwrap();
        let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()));
        let config = config.with_safe_default_protocol_versions().unwrap();
        let config = config.with_root_certificates(roots).with_no_client_auth();
        let name = ServerName::try_from(name.to_owned()).unwrap();
        let connection = ClientConnection::new(Arc::new(config), name).unwrap();
        let line: Box<dyn Line> = Box::new(StreamOwned::new(connection, self.line.into_inner()));
        Self { line: BufReader::new(line), greeting: self.greeting }
    }
}

//! SMTP in both directions: a client that tries as a mail server does, and a server that keeps what it is given.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A message that a [`Sink`] was given.
#[derive(Clone, Debug)]
pub(crate) struct Taken {
    /// In lower case.
    pub(crate) recipients: Vec<String>,
    pub(crate) message: Vec<u8>,
}

/// A mail server that keeps everything it is given, and says "later" after the last byte while it is told to be busy.
pub(crate) struct Sink {
    pub(crate) port: u16,
    busy: Arc<AtomicBool>,
    taken: Arc<Mutex<Vec<Taken>>>,
}

impl Sink {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (busy, taken) = (Arc::new(AtomicBool::new(false)), Arc::new(Mutex::new(Vec::new())));
        let (busy_there, taken_there) = (Arc::clone(&busy), Arc::clone(&taken));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (busy, taken) = (Arc::clone(&busy_there), Arc::clone(&taken_there));
                std::thread::spawn(move || drop(serve(&stream, &busy, &taken)));
            }
        });
        Self { port, busy, taken }
    }

    pub(crate) fn busy(&self, busy: bool) {
        self.busy.store(busy, Ordering::SeqCst);
    }

    pub(crate) fn taken(&self) -> Vec<Taken> {
        self.taken.lock().unwrap().clone()
    }
}

fn serve(stream: &TcpStream, busy: &AtomicBool, taken: &Mutex<Vec<Taken>>) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream);
    let mut out = stream;
    out.write_all(b"220 sink ESMTP\r\n")?;
    let mut line = Vec::new();
    let mut recipients = Vec::new();
    while lines.read_until(b'\n', &mut line)? > 0 {
        let word = String::from_utf8_lossy(&line).trim().to_ascii_uppercase();
        line.clear();
        match word.split(' ').next().unwrap_or_default() {
            "EHLO" => out.write_all(b"250-sink\r\n250 8BITMIME\r\n")?,
            "MAIL" => {
                recipients.clear();
                out.write_all(b"250 ok\r\n")?;
            }
            "RCPT" => {
                let address = word.split(['<', '>']).nth(1).unwrap_or_default();
                recipients.push(address.to_lowercase());
                out.write_all(b"250 ok\r\n")?;
            }
            "DATA" => {
                out.write_all(b"354 go on\r\n")?;
                let message = read_data(&mut lines)?;
                taken.lock().unwrap().push(Taken { recipients: recipients.clone(), message });
                let answer: &[u8] = if busy.load(Ordering::SeqCst) { b"451 later\r\n" } else { b"250 taken\r\n" };
                out.write_all(answer)?;
            }
            "QUIT" => return out.write_all(b"221 bye\r\n"),
            _ => out.write_all(b"250 ok\r\n")?,
        }
    }
    Ok(())
}

fn read_data(lines: &mut impl std::io::BufRead) -> std::io::Result<Vec<u8>> {
    let mut message = Vec::new();
    loop {
        let mut line = Vec::new();
        if lines.read_until(b'\n', &mut line)? == 0 || line == b".\r\n" {
            return Ok(message);
        }
        let line = if line.starts_with(b".") { &line[1..] } else { &line };
        message.extend_from_slice(line);
    }
}

/// How a delivery ended for the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// The server took the message: 250 after its last byte.
    Taken,
    /// 5xx.
    Refused,
    /// 4xx: the server surely does not have it.
    Later,
    /// The server took no message: it was not there, or broke off before the last byte.
    NotThere,
    /// The connection broke after the last byte: nobody knows.
    Unknown,
}

/// Hands one message to a server.
pub(crate) fn send(port: u16, sender: &str, recipient: &str, message: &[u8]) -> Ended {
    try_to_send(port, None, sender, recipient, message).unwrap_or(Ended::NotThere)
}

/// Hands one message to a server that lets the test come from any address (Postfix's XCLIENT).
pub(crate) fn send_from(port: u16, address: &str, sender: &str, recipient: &str, message: &[u8]) -> Ended {
    try_to_send(port, Some(address), sender, recipient, message).unwrap_or(Ended::NotThere)
}

fn try_to_send(
    port: u16,
    address: Option<&str>,
    sender: &str,
    recipient: &str,
    message: &[u8],
) -> std::io::Result<Ended> {
    let stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(Duration::from_secs(60)))?;
    let mut lines = BufReader::new(&stream);
    let mut out = &stream;
    let mut status = reply(&mut lines)?;
    if let Some(address) = address {
        for said in ["EHLO client.example".to_owned(), format!("XCLIENT ADDR={address} NAME=[UNAVAILABLE]")] {
            out.write_all(format!("{said}\r\n").as_bytes())?;
            status = reply(&mut lines)?;
        }
        assert_eq!(status, 220, "the server begins anew");
    }
    for said in [
        "EHLO client.example".to_owned(),
        format!("MAIL FROM:<{sender}>"),
        format!("RCPT TO:<{recipient}>"),
        "DATA".to_owned(),
    ] {
        if status >= 400 {
            return Ok(if status >= 500 { Ended::Refused } else { Ended::Later });
        }
        out.write_all(format!("{said}\r\n").as_bytes())?;
        status = reply(&mut lines)?;
    }
    if status != 354 {
        return Ok(if status >= 500 { Ended::Refused } else { Ended::Later });
    }
    let mut data = Vec::new();
    for line in message.split_inclusive(|byte| *byte == b'\n') {
        if line.starts_with(b".") {
            data.push(b'.');
        }
        data.extend_from_slice(line);
    }
    out.write_all(&data)?;
    out.write_all(b".\r\n")?;
    match reply(&mut lines) {
        Ok(250) => Ok(Ended::Taken),
        Ok(status) if status >= 500 => Ok(Ended::Refused),
        Ok(_) => Ok(Ended::Later),
        Err(_) => Ok(Ended::Unknown),
    }
}

fn reply(lines: &mut impl std::io::BufRead) -> std::io::Result<u16> {
    loop {
        let mut line = String::new();
        if lines.read_line(&mut line)? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        if line.as_bytes().get(3) != Some(&b'-') {
            return Ok(line.get(..3).and_then(|code| code.parse().ok()).unwrap_or(0));
        }
    }
}

//! SMTP in both directions: a client that tries as a mail server does, and a server that keeps what it is given.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A message that a [`Sink`] was given.
#[derive(Clone, Debug)]
pub(crate) struct Taken {
    /// In lower case.
    pub(crate) recipients: Vec<String>,
    pub(crate) message: Vec<u8>,
    /// Whether it said yes to it.
    pub(crate) kept: bool,
}

/// How a [`Sink`] is minded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mood {
    /// It takes what comes.
    Takes,
    /// It says "later" after the last byte.
    LaterAtTheEnd,
    /// It says "never" after the last byte, but takes notices, which nobody sends.
    NeverAtTheEnd,
    /// It says "later" to every recipient.
    LaterToAll,
}

/// A mail server that keeps everything it is given, as long as it is minded to.
pub(crate) struct Sink {
    pub(crate) port: u16,
    desk: Arc<Mutex<Desk>>,
}

/// What a sink knows.
struct Desk {
    mood: Mood,
    /// The recipient that it does not have.
    unknown: String,
    taken: Vec<Taken>,
    /// How often it was asked about recipients.
    asked: usize,
}

impl Sink {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let desk = Desk { mood: Mood::Takes, unknown: "nessuno@".to_owned(), taken: Vec::new(), asked: 0 };
        let desk = Arc::new(Mutex::new(desk));
        let there = Arc::clone(&desk);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let desk = Arc::clone(&there);
                std::thread::spawn(move || drop(serve(&stream, &desk)));
            }
        });
        Self { port, desk }
    }

    pub(crate) fn busy(&self, busy: bool) {
        self.be(if busy { Mood::LaterAtTheEnd } else { Mood::Takes });
    }

    pub(crate) fn be(&self, mood: Mood) {
        self.desk.lock().unwrap().mood = mood;
    }

    /// Everything it was given, whatever it said to that.
    pub(crate) fn taken(&self) -> Vec<Taken> {
        self.desk.lock().unwrap().taken.clone()
    }

    /// What it said yes to, as text.
    pub(crate) fn kept(&self) -> Vec<String> {
        let kept = self.taken().into_iter().filter(|taken| taken.kept);
        kept.map(|taken| String::from_utf8_lossy(&taken.message).into_owned()).collect()
    }

    /// How often it was asked about recipients.
    pub(crate) fn asked(&self) -> usize {
        self.desk.lock().unwrap().asked
    }
}

fn serve(stream: &TcpStream, desk: &Mutex<Desk>) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream);
    let mut out = stream;
    out.write_all(b"220 sink ESMTP\r\n")?;
    let (mut line, mut notice, mut recipients) = (Vec::new(), false, Vec::new());
    while lines.read_until(b'\n', &mut line)? > 0 {
        let said = String::from_utf8_lossy(&line).trim().to_ascii_lowercase();
        line.clear();
        match said.split(' ').next().unwrap_or_default() {
            "ehlo" => out.write_all(b"250-sink\r\n250 8BITMIME\r\n")?,
            "mail" => {
                recipients.clear();
                notice = said.starts_with("mail from:<>");
                out.write_all(b"250 ok\r\n")?;
            }
            "rcpt" => {
                recipients.push(said.split(['<', '>']).nth(1).unwrap_or_default().to_owned());
                let answer: &[u8] = {
                    let mut desk = desk.lock().unwrap();
                    desk.asked += 1;
                    match desk.mood {
                        _ if said.contains(&desk.unknown) => b"550 5.1.1 no such mailbox\r\n",
                        Mood::LaterToAll => b"450 4.2.1 later\r\n",
                        Mood::Takes | Mood::LaterAtTheEnd | Mood::NeverAtTheEnd => b"250 ok\r\n",
                    }
                };
                out.write_all(answer)?;
            }
            "data" => {
                out.write_all(b"354 go on\r\n")?;
                let message = read_data(&mut lines)?;
                let answer: &[u8] = {
                    let mut desk = desk.lock().unwrap();
                    let answer: &[u8] = match desk.mood {
                        Mood::LaterAtTheEnd => b"451 later\r\n",
                        Mood::NeverAtTheEnd if !notice => b"554 5.7.0 never\r\n",
                        _ => b"250 taken\r\n",
                    };
                    let kept = answer.starts_with(b"250");
                    desk.taken.push(Taken { recipients: recipients.clone(), message, kept });
                    answer
                };
                out.write_all(answer)?;
            }
            "quit" => return out.write_all(b"221 bye\r\n"),
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
    send_and_hear(port, sender, recipient, message).0
}

/// The same, with the server's last words.
pub(crate) fn send_and_hear(port: u16, sender: &str, recipient: &str, message: &[u8]) -> (Ended, String) {
    try_to_send(port, None, sender, recipient, message).unwrap_or((Ended::NotThere, String::new()))
}

/// Hands one message to a server that lets the test come from any address (Postfix's XCLIENT).
pub(crate) fn send_from(port: u16, address: &str, sender: &str, recipient: &str, message: &[u8]) -> Ended {
    try_to_send(port, Some(address), sender, recipient, message).map_or(Ended::NotThere, |(ended, _)| ended)
}

fn try_to_send(
    port: u16,
    address: Option<&str>,
    sender: &str,
    recipient: &str,
    message: &[u8],
) -> std::io::Result<(Ended, String)> {
    let stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(Duration::from_secs(60)))?;
    let mut lines = BufReader::new(&stream);
    let mut out = &stream;
    let (mut status, mut words) = reply(&mut lines)?;
    if let Some(address) = address {
        for said in ["EHLO client.example".to_owned(), format!("XCLIENT ADDR={address} NAME=[UNAVAILABLE]")] {
            out.write_all(format!("{said}\r\n").as_bytes())?;
            (status, words) = reply(&mut lines)?;
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
            return Ok((if status >= 500 { Ended::Refused } else { Ended::Later }, words));
        }
        out.write_all(format!("{said}\r\n").as_bytes())?;
        (status, words) = reply(&mut lines)?;
    }
    if status != 354 {
        return Ok((if status >= 500 { Ended::Refused } else { Ended::Later }, words));
    }
    out.write_all(&dotted(message))?;
    out.write_all(b".\r\n")?;
    Ok(match reply(&mut lines) {
        Ok((250, words)) => (Ended::Taken, words),
        Ok((500.., words)) => (Ended::Refused, words),
        Ok((_, words)) => (Ended::Later, words),
        Err(_) => (Ended::Unknown, String::new()),
    })
}

/// A message as it goes over the line: a dot before each dot that begins one.
pub(crate) fn dotted(message: &[u8]) -> Vec<u8> {
    let mut data = Vec::new();
    for line in message.split_inclusive(|byte| *byte == b'\n') {
        if line.starts_with(b".") {
            data.push(b'.');
        }
        data.extend_from_slice(line);
    }
    data
}

/// The next answer: its number, and all its words.
pub(crate) fn reply(lines: &mut impl std::io::BufRead) -> std::io::Result<(u16, String)> {
    let mut all = String::new();
    loop {
        let mut line = String::new();
        if lines.read_line(&mut line)? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        all.push_str(&line);
        if line.as_bytes().get(3) != Some(&b'-') {
            return Ok((line.get(..3).and_then(|code| code.parse().ok()).unwrap_or(0), all));
        }
    }
}

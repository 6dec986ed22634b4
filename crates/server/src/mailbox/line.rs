//! A connection to a mail server: commands out, answers in, each within a bound of size and time.

use super::reach::Stream;
use baluardo_mail::imap::{Gather, Response, Status};
use baluardo_model::mailbox::MailboxTrouble;
use baluardo_service::mailbox::Trouble;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::timeout;

/// The longest wait for the next bytes.
const PATIENCE: Duration = Duration::from_secs(60);
/// The most bytes of a message that are asked for, and room for what stands around them.
const MOST_LITERAL: usize = baluardo_mail::MOST_BYTES + (1 << 20);
/// The most bytes and answers that one command may bring.
const MOST_BYTES: usize = MOST_LITERAL + (8 << 20);
const MOST_ANSWERS: usize = 20_000;

/// A piece of a command.
pub(super) enum Piece {
    /// Sent as it is.
    Text(String),
    /// Announced, and sent when the server asks for it.
    Counted(Vec<u8>),
}

/// What a command brought.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: Status,
    pub(super) code: String,
    pub(super) text: String,
    /// What the server said before.
    pub(super) before: Vec<Response>,
}

impl Answer {
    /// The answer where it is a yes.
    pub(super) fn yes(self, otherwise: MailboxTrouble) -> Result<Self, Trouble> {
        if self.status == Status::Ok { Ok(self) } else { Err(Trouble::new(otherwise, self.text)) }
    }
}

/// The connection.
pub(super) struct Line {
    stream: Stream,
    gather: Gather,
    tag: u64,
}

impl Line {
    pub(super) fn new(stream: Stream) -> Self {
        Self { stream, gather: Gather::new(MOST_LITERAL), tag: 0 }
    }

    /// The bare stream again, in order to put TLS over it. What the server said too early is nobody's word.
    pub(super) fn bare(mut self) -> Result<Stream, Trouble> {
        if self.gather.room().is_empty() {
            return Ok(self.stream);
        }
        Err(Trouble::new(MailboxTrouble::NotImap, "the server talks before TLS begins"))
    }

    /// The next answer, however long it takes. Nothing is lost when the wait is given up.
    pub(super) async fn read(&mut self) -> Result<Response, Trouble> {
        Ok(self.read_counted().await?.0)
    }

    async fn read_counted(&mut self) -> Result<(Response, usize), Trouble> {
        loop {
            if let Some(whole) = self.gather.whole().map_err(|why| Trouble::new(MailboxTrouble::NotImap, why))? {
                return Ok((Response::read(&whole), whole.len()));
            }
            let room = self.gather.room();
            room.reserve(16 << 10);
            match self.stream.read_buf(room).await {
                Ok(0) => return Err(Trouble::new(MailboxTrouble::Lost, "the server closed the connection")),
                Ok(_) => {}
                Err(why) => return Err(Trouble::new(MailboxTrouble::Lost, why)),
            }
        }
    }

    async fn read_soon(&mut self) -> Result<(Response, usize), Trouble> {
        timeout(PATIENCE, self.read_counted()).await.unwrap_or_else(|_| Err(late()))
    }

    /// The next answer, soon.
    pub(super) async fn hear(&mut self) -> Result<Response, Trouble> {
        Ok(self.read_soon().await?.0)
    }

    pub(super) async fn write(&mut self, bytes: &[u8]) -> Result<(), Trouble> {
        let work = async {
            self.stream.write_all(bytes).await?;
            self.stream.flush().await
        };
        match timeout(PATIENCE, work).await {
            Ok(done) => done.map_err(|why| Trouble::new(MailboxTrouble::Lost, why)),
            Err(_) => Err(late()),
        }
    }

    /// Sends a command and gives its tag.
    pub(super) async fn begin(&mut self, command: &str) -> Result<String, Trouble> {
        self.tag += 1;
        let tag = format!("b{}", self.tag);
        self.write(format!("{tag} {command}\r\n").as_bytes()).await?;
        Ok(tag)
    }

    /// A whole command.
    pub(super) async fn command(&mut self, command: &str) -> Result<Answer, Trouble> {
        let tag = self.begin(command).await?;
        self.end(&tag).await
    }

    /// A command with pieces that the server must ask for.
    pub(super) async fn pieces(&mut self, pieces: Vec<Piece>) -> Result<Answer, Trouble> {
        self.tag += 1;
        let tag = format!("b{}", self.tag);
        let mut out = format!("{tag} ").into_bytes();
        let mut before = Vec::new();
        for piece in pieces {
            match piece {
                Piece::Text(text) => out.extend_from_slice(text.as_bytes()),
                Piece::Counted(bytes) => {
                    out.extend_from_slice(format!("{{{}}}\r\n", bytes.len()).as_bytes());
                    self.write(&out).await?;
                    if let Some(answer) = self.until_asked(&tag, &mut before).await? {
                        return Ok(answer);
                    }
                    out = bytes;
                }
            }
        }
        out.extend_from_slice(b"\r\n");
        self.write(&out).await?;
        let mut answer = self.end(&tag).await?;
        answer.before.splice(0..0, before);
        Ok(answer)
    }

    /// Waits until the server asks for more; gives its answer where it ends the command instead.
    pub(super) async fn until_asked(
        &mut self,
        tag: &str,
        before: &mut Vec<Response>,
    ) -> Result<Option<Answer>, Trouble> {
        loop {
            match self.hear().await? {
                Response::Go(_) => return Ok(None),
                Response::Done { tag: of, status, code, text } if of == tag => {
                    return Ok(Some(Answer { status, code, text, before: std::mem::take(before) }));
                }
                other => before.push(alive(other)?),
            }
            if before.len() > MOST_ANSWERS {
                return Err(too_much());
            }
        }
    }

    /// What comes until the command with this tag ends.
    pub(super) async fn end(&mut self, tag: &str) -> Result<Answer, Trouble> {
        let (mut before, mut bytes) = (Vec::new(), 0_usize);
        loop {
            let (response, length) = self.read_soon().await?;
            bytes += length;
            if bytes > MOST_BYTES || before.len() > MOST_ANSWERS {
                return Err(too_much());
            }
            match response {
                Response::Done { tag: of, status, code, text } if of == tag => {
                    return Ok(Answer { status, code, text, before });
                }
                Response::Other => {}
                other => before.push(alive(other)?),
            }
        }
    }
}

/// A server that says goodbye is gone.
pub(super) fn alive(response: Response) -> Result<Response, Trouble> {
    match response {
        Response::Said { status: Status::Bye, text, .. } => Err(Trouble::new(MailboxTrouble::Lost, text)),
        other => Ok(other),
    }
}

fn late() -> Trouble {
    Trouble::new(MailboxTrouble::Lost, "no answer in time")
}

fn too_much() -> Trouble {
    Trouble::new(MailboxTrouble::NotImap, "the mail server sends more than was asked for")
}

//! One connection of the mail server: packets in, answers out, one message after the other.

use super::answer::Office;
use super::gathered::{Gathered, Room};
use super::listen::Stream;
use super::route::Route;
use anyhow::{Context as _, bail};
use baluardo_mail::milter::{Command, MOST_PACKET, Reply, bits, offer};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::timeout;

/// How long a mail server may say nothing: it keeps the connection open while its own client thinks.
const IDLE: Duration = Duration::from_secs(15 * 60);
/// How long a packet may take once it began, and an answer until it is taken.
const BRISK: Duration = Duration::from_secs(60);
/// The most recipients of one message; Postfix takes a thousand.
const MOST_RECIPIENTS: usize = 10_000;

/// Talks to the mail server until it ends or breaks the rules.
pub(super) struct Session<'o> {
    stream: Box<dyn Stream>,
    office: &'o Office,
    room: &'o Room,
    agreed: u32,
    queue: String,
    route: Route,
    /// The name with which the sender of the next message logged in to the mail server.
    login: Option<String>,
    letter: Option<Gathered>,
}

impl<'o> Session<'o> {
    pub(super) fn new(stream: Box<dyn Stream>, office: &'o Office, room: &'o Room) -> Self {
        let (queue, route) = (String::new(), Route::default());
        Self { stream, office, room, agreed: 0, queue, route, login: None, letter: None }
    }

    /// Serves the connection. A message that was not answered is still the mail server's, whatever happens here.
    pub(super) async fn serve(mut self) -> anyhow::Result<()> {
        let mut packet = Vec::new();
        while self.read(&mut packet).await? {
            let command = Command::read(&packet).context("the mail server sent what is no command")?;
            if matches!(command, Command::Quit) {
                break;
            }
            let replies = self.obey(command).await?;
            if !replies.is_empty() {
                let bytes: Vec<u8> = replies.iter().flat_map(|reply| reply.packet(self.is_spaced())).collect();
                timeout(BRISK, self.stream.write_all(&bytes)).await.context("the mail server takes no answer")??;
            }
        }
        Ok(())
    }

    /// Reads one packet; false when the mail server has gone.
    async fn read(&mut self, packet: &mut Vec<u8>) -> anyhow::Result<bool> {
        let mut length = [0_u8; 4];
        match timeout(IDLE, self.stream.read_exact(&mut length)).await {
            Ok(Ok(_)) => {}
            Ok(Err(error)) if error.kind() == std::io::ErrorKind::UnexpectedEof => return Ok(false),
            Ok(Err(error)) => return Err(error.into()),
            Err(_) => bail!("the mail server said nothing for too long"),
        }
        let length = usize::try_from(u32::from_be_bytes(length))?;
        if length > MOST_PACKET {
            bail!("a packet of {length} bytes is larger than any that a mail server sends: is this a mail server?");
        }
        packet.resize(length, 0);
        timeout(BRISK, self.stream.read_exact(packet)).await.context("a packet does not come to its end")??;
        Ok(true)
    }

    fn is_spaced(&self) -> bool {
        self.agreed & bits::LEADING_SPACE != 0
    }

    /// The answer that a step gets, unless it was agreed that it gets none.
    fn go_on(&self, silent: u32) -> Vec<Reply> {
        if silent != 0 && self.agreed & silent != 0 { Vec::new() } else { vec![Reply::Continue] }
    }

    async fn obey(&mut self, command: Command<'_>) -> anyhow::Result<Vec<Reply>> {
        Ok(match command {
            Command::Negotiate { version, actions, steps } => {
                let agreed = offer(version, actions, steps)
                    .map_err(|lacks| anyhow::anyhow!("the mail server does not let this filter {lacks}"))?;
                if let Reply::Negotiate { steps, .. } = agreed {
                    self.agreed = steps;
                }
                vec![agreed]
            }
            Command::Macros(macros) => {
                if let Some(queue) = macros.get("i") {
                    self.queue = String::from_utf8_lossy(queue).into_owned();
                }
                self.route.told(macros);
                if let Some(login) = macros.get("auth_authen").filter(|login| !login.is_empty()) {
                    self.login = Some(String::from_utf8_lossy(login).into_owned());
                }
                Vec::new()
            }
            Command::Connect { address, .. } => {
                self.route.connected(address);
                self.go_on(bits::SILENT_CONNECT)
            }
            Command::Helo(name) => {
                self.route.greeted(name);
                self.go_on(bits::SILENT_HELO)
            }
            Command::Sender(sender) => {
                let mut letter = Gathered::new(sender, self.room);
                letter.route = self.route.clone();
                letter.authserv = self.office.writes_as(&self.route);
                letter.login = self.login.take();
                self.letter = Some(letter);
                self.go_on(0)
            }
            Command::Recipient(recipient) => {
                let letter = self.letter.as_mut().context("a recipient came before its sender")?;
                if letter.recipients.len() >= MOST_RECIPIENTS {
                    return Ok(vec![Reply::TryLater]);
                }
                letter.recipients.push(recipient.to_vec());
                self.go_on(0)
            }
            Command::Header { name, value } => {
                let spaced = self.is_spaced();
                let letter = self.letter.as_mut().context("a header came before its sender")?;
                if let Some(trusted) = self.office.believes() {
                    letter.results(name, value, trusted);
                }
                letter.header(name, value, spaced);
                self.go_on(bits::SILENT_HEADER)
            }
            Command::EndOfHeaders => {
                self.letter.as_mut().context("a body came before its sender")?.add(b"\r\n");
                self.go_on(bits::SILENT_END_OF_HEADERS)
            }
            Command::Body(piece) => {
                let letter = self.letter.as_mut().context("a body came before its sender")?;
                letter.add(piece);
                if letter.is_full() && self.agreed & bits::SKIP != 0 {
                    vec![Reply::Skip]
                } else {
                    vec![Reply::Continue]
                }
            }
            Command::EndOfMessage(piece) => {
                let mut letter = self.letter.take().context("a message ended that had not begun")?;
                letter.add(piece);
                self.route.next();
                self.office.answer(letter, &self.queue).await
            }
            Command::Abort => {
                self.letter = None;
                self.route.next();
                Vec::new()
            }
            Command::QuitAndGoOn => {
                self.letter = None;
                self.login = None;
                self.queue.clear();
                self.route.connected(None);
                Vec::new()
            }
            Command::Data | Command::Unknown => self.go_on(0),
            Command::Quit => Vec::new(),
        })
    }
}

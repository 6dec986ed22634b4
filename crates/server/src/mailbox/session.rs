//! What is asked of a mailbox, once somebody is signed in. Messages are known by their number that stays (UID), and read with
//! `BODY.PEEK`, which leaves them unread.

use super::line::{Answer, Line, Piece, alive};
use baluardo_mail::imap::{Fetched, Response, argument, code_number, code_words};
use baluardo_model::mailbox::MailboxTrouble;
use baluardo_service::mailbox::Trouble;
use std::collections::BTreeSet;
use std::time::Duration;
use tokio::time::sleep;

/// For how long the server is listened to before it is asked anew: below the 29 minutes of RFC 2177.
const IDLE: Duration = Duration::from_secs(25 * 60);

/// A folder that is open.
#[derive(Clone, Debug, Default)]
pub(super) struct Folder {
    /// The server's mark for the numbers of messages.
    pub(super) validity: u32,
    /// The number that the next message gets.
    pub(super) next: Option<u32>,
    /// What may be written on messages; `\*` for any word.
    pub(super) writable: Vec<String>,
}

impl Folder {
    /// Whether messages here can carry this word.
    pub(super) fn takes(&self, word: &str) -> bool {
        self.writable.iter().any(|known| known == "\\*" || known.eq_ignore_ascii_case(word))
    }
}

/// A connection that is signed in.
pub(super) struct Session {
    pub(super) line: Line,
    pub(super) can: BTreeSet<String>,
}

impl Session {
    /// Whether the server says that it can do something.
    pub(super) fn can(&self, what: &str) -> bool {
        self.can.contains(what)
    }

    async fn with_folder(&mut self, before: &str, folder: &[u8], after: &str) -> Result<Answer, Trouble> {
        let (text, counted) = argument(folder);
        match counted {
            None => self.line.command(&format!("{before} {text}{after}")).await,
            Some(bytes) => {
                let pieces =
                    vec![Piece::Text(format!("{before} ")), Piece::Counted(bytes), Piece::Text(after.to_owned())];
                self.line.pieces(pieces).await
            }
        }
    }

    /// Opens a folder: to read and write, or only to look at.
    pub(super) async fn open(&mut self, folder: &[u8], only_look: bool) -> Result<Folder, Trouble> {
        let answer = self.with_folder(if only_look { "EXAMINE" } else { "SELECT" }, folder, "").await?;
        let answer = answer.yes(MailboxTrouble::Folder)?;
        let mut open = Folder::default();
        for response in answer.before {
            let Response::Said { code, .. } = response else { continue };
            open.validity = code_number(&code, "UIDVALIDITY").unwrap_or(open.validity);
            open.next = code_number(&code, "UIDNEXT").or(open.next);
            open.writable = code_words(&code, "PERMANENTFLAGS").unwrap_or(open.writable);
        }
        Ok(open)
    }

    /// Makes a folder.
    pub(super) async fn make(&mut self, folder: &[u8]) -> Result<(), Trouble> {
        self.with_folder("CREATE", folder, "").await?.yes(MailboxTrouble::Folder).map(drop)
    }

    /// All folders: what each is for, what stands between names, and its name.
    pub(super) async fn folders(&mut self) -> Result<Vec<(Vec<String>, Option<char>, Vec<u8>)>, Trouble> {
        let special = self.can("SPECIAL-USE") && self.can("LIST-EXTENDED");
        let command = if special { "LIST \"\" \"*\" RETURN (SPECIAL-USE)" } else { "LIST \"\" \"*\"" };
        let answer = self.line.command(command).await?.yes(MailboxTrouble::Folder)?;
        let folder = |response| match response {
            Response::List { attributes, delimiter, name } => Some((attributes, delimiter, name)),
            _ => None,
        };
        Ok(answer.before.into_iter().filter_map(folder).collect())
    }

    /// The messages that fulfil a condition, in order.
    pub(super) async fn search(&mut self, condition: &str) -> Result<Vec<u32>, Trouble> {
        let answer = self.line.command(&format!("UID SEARCH {condition}")).await?;
        found(answer.yes(MailboxTrouble::Refused)?)
    }

    /// The messages whose own number is this.
    pub(super) async fn search_id(&mut self, message_id: &str) -> Result<Vec<u32>, Trouble> {
        let (text, counted) = argument(message_id.as_bytes());
        let head = "UID SEARCH HEADER Message-ID ".to_owned();
        let answer = match counted {
            None => self.line.command(&format!("{head}{text}")).await?,
            Some(bytes) => self.line.pieces(vec![Piece::Text(head), Piece::Counted(bytes)]).await?,
        };
        found(answer.yes(MailboxTrouble::Refused)?)
    }

    /// What is known of one message; none when it is gone.
    pub(super) async fn fetch(&mut self, uid: u32, what: &str) -> Result<Option<Fetched>, Trouble> {
        let answer = self.line.command(&format!("UID FETCH {uid} (UID {what})")).await?;
        let answer = answer.yes(MailboxTrouble::Refused)?;
        Ok(answer.before.into_iter().find_map(|response| match response {
            Response::Fetch(found) if found.uid == Some(uid) => Some(found),
            _ => None,
        }))
    }

    /// Its bytes, at most `most`; none when it is gone. It stays unread.
    pub(super) async fn bytes(&mut self, uid: u32, most: usize) -> Result<Option<Vec<u8>>, Trouble> {
        Ok(self.fetch(uid, &format!("BODY.PEEK[]<0.{most}>")).await?.and_then(|found| found.body))
    }

    /// Puts words on a message, or takes them off with `-`.
    pub(super) async fn mark(&mut self, uid: u32, sign: char, words: &str) -> Result<(), Trouble> {
        let command = format!("UID STORE {uid} {sign}FLAGS.SILENT ({words})");
        self.line.command(&command).await?.yes(MailboxTrouble::Refused).map(drop)
    }

    /// Whether messages can be taken out of a folder at all, one by one.
    pub(super) fn can_move(&self) -> bool {
        self.can("MOVE") || self.can("UIDPLUS")
    }

    /// Moves a message out of the open folder. Nothing is lost where it breaks off: where the server knows no `MOVE`, the copy is
    /// there before the original goes.
    pub(super) async fn take_to(&mut self, uid: u32, folder: &[u8]) -> Result<(), Trouble> {
        if self.can("MOVE") {
            let answer = self.with_folder(&format!("UID MOVE {uid}"), folder, "").await?;
            return answer.yes(MailboxTrouble::Folder).map(drop);
        }
        self.with_folder(&format!("UID COPY {uid}"), folder, "").await?.yes(MailboxTrouble::Folder)?;
        self.remove(uid).await
    }

    /// Takes a message out of the open folder of which there is a copy elsewhere, and this one alone.
    pub(super) async fn remove(&mut self, uid: u32) -> Result<(), Trouble> {
        self.mark(uid, '+', "\\Deleted").await?;
        self.line.command(&format!("UID EXPUNGE {uid}")).await?.yes(MailboxTrouble::Refused).map(drop)
    }

    /// Puts a message into a folder.
    pub(super) async fn put(&mut self, folder: &[u8], bytes: Vec<u8>) -> Result<(), Trouble> {
        let (text, counted) = argument(folder);
        let mut pieces = vec![Piece::Text("APPEND ".to_owned())];
        pieces.push(counted.map_or(Piece::Text(text), Piece::Counted));
        pieces.push(Piece::Text(" ".to_owned()));
        pieces.push(Piece::Counted(bytes));
        self.line.pieces(pieces).await?.yes(MailboxTrouble::Folder).map(drop)
    }

    /// Listens until something came, `woken` is done, or it is time to ask again.
    pub(super) async fn listen(&mut self, woken: impl Future<Output = ()>) -> Result<(), Trouble> {
        let tag = self.line.begin("IDLE").await?;
        let mut before = Vec::new();
        if let Some(refused) = self.line.until_asked(&tag, &mut before).await? {
            return refused.yes(MailboxTrouble::Refused).map(drop);
        }
        let mut came = before.iter().any(|response| matches!(response, Response::Exists(_)));
        tokio::pin!(woken);
        let renewal = sleep(IDLE);
        tokio::pin!(renewal);
        while !came {
            tokio::select! {
                response = self.line.read() => came = matches!(alive(response?)?, Response::Exists(_)),
                () = &mut woken => break,
                () = &mut renewal => break,
            }
        }
        self.line.write(b"DONE\r\n").await?;
        self.line.end(&tag).await?.yes(MailboxTrouble::Refused).map(drop)
    }
}

fn found(answer: Answer) -> Result<Vec<u32>, Trouble> {
    let mut all: Vec<u32> = Vec::new();
    for response in answer.before {
        if let Response::Search(found) = response {
            all.extend(found);
        }
    }
    all.sort_unstable();
    all.dedup();
    Ok(all)
}

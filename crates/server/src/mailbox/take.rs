//! What is done with one new message of an inbox: judged, and left, marked or held. A held one is in the database before it is
//! moved, so whenever this breaks off, the same steps again end the same way.

use super::guard::Post;
use super::judge::{Fate, Judged, fate, judge};
use super::session::{Folder, Session};
use super::watch::Failed;
use baluardo_mail::MOST_BYTES;
use baluardo_model::mail::{HeldState, Outcome};
use baluardo_model::mailbox::{HeldPlace, MailboxTrouble, SUSPICIOUS_KEYWORD};
use baluardo_service::mail::Arriving;
use baluardo_service::mailbox::{self, Guarded, Lying, Opened, Trouble};
use baluardo_service::secret::hex;
use sha2::{Digest as _, Sha256};
use std::sync::Arc;
use tracing::{info, warn};

/// The most messages that are compared with a held one.
const MOST_ALIKE: usize = 50;

/// What works in a mailbox, as long as a connection lasts.
pub(super) struct Hands<'a> {
    pub(super) post: &'a Arc<Post>,
    pub(super) which: Guarded,
    pub(super) opened: &'a Opened,
    pub(super) session: &'a mut Session,
    pub(super) inbox: &'a Folder,
}

/// By what a held message is known again.
pub(super) struct Known<'a> {
    pub(super) message_id: &'a str,
    pub(super) size: u64,
    pub(super) content: &'a str,
}

impl Hands<'_> {
    /// Deals with a message of the open inbox; how it ended, unless it is held, which is counted there.
    pub(super) async fn take(&mut self, uid: u32) -> Result<Option<Outcome>, Failed> {
        let Some(found) = self.session.fetch(uid, "RFC822.SIZE").await? else { return Ok(None) };
        let post = self.post;
        let _turn = post.turns.acquire().await;
        let Some(bytes) = self.session.bytes(uid, MOST_BYTES).await? else { return Ok(None) };
        // A server that keeps sizes badly is no reason to hold half a message.
        let whole = bytes.len() < MOST_BYTES && found.size.is_none_or(|size| size < MOST_BYTES as u64);
        let Some(judged) = judge(bytes, self.opened.connection.authserv.clone()).await else {
            warn!(mailbox = %self.which.mailbox, uid, "a message could not be judged; it stays where it is");
            return Ok(Some(Outcome::Delivered));
        };
        match fate(judged.italian.action, &self.opened.policy) {
            Fate::Leave => Ok(Some(Outcome::Delivered)),
            Fate::Hold if whole => {
                self.hold(uid, &judged).await?;
                Ok(None)
            }
            Fate::Mark | Fate::Hold => {
                if self.inbox.takes(SUSPICIOUS_KEYWORD) {
                    self.session.mark(uid, '+', SUSPICIOUS_KEYWORD).await?;
                }
                Ok(Some(Outcome::Tagged))
            }
        }
    }

    async fn hold(&mut self, uid: u32, judged: &Judged) -> Result<(), Failed> {
        let (house, which) = (Arc::clone(&self.post.house), self.which);
        let recipients = [self.opened.connection.address.clone()];
        let mail = Arriving {
            sender: &judged.delivered.sender,
            recipients: &recipients,
            bytes: &judged.bytes,
            verdict: &judged.italian,
            english: &judged.english,
        };
        let message_id = &judged.delivered.message_id;
        let lying = Lying { mailbox: which.mailbox, message_id, mail };
        let held = mailbox::hold_in_mailbox(&house, which.tenant, &lying).await?;
        match held.state {
            // Somebody let it go: it is where it belongs.
            HeldState::Releasing | HeldState::Released => Ok(()),
            HeldState::Held | HeldState::Deleted => {
                let content = digest(&judged.bytes);
                let known = Known { message_id, size: judged.bytes.len() as u64, content: &content };
                let place = self.put_aside(uid, held.new, &known).await?;
                mailbox::note_place(&house, which.tenant, held.id, place).await?;
                info!(mailbox = %which.mailbox, held = %held.id, place = place.code(), "a message is held");
                Ok(())
            }
        }
    }

    /// Moves a message out of the inbox, or flags it where the server moves nothing.
    pub(super) async fn put_aside(&mut self, uid: u32, new: bool, known: &Known<'_>) -> Result<HeldPlace, Failed> {
        if !self.session.can_move() {
            let keyword = if self.inbox.takes(SUSPICIOUS_KEYWORD) { SUSPICIOUS_KEYWORD } else { "" };
            self.session.mark(uid, '+', format!("\\Flagged {keyword}").trim()).await?;
            return Ok(HeldPlace::Flagged);
        }
        let folder = self.quarantine(true).await?.unwrap_or_default();
        if !new && !self.session.can("MOVE") {
            // A guard that died may have copied it already.
            self.session.open(&folder, true).await?;
            let copied = !self.find(known, true).await?.is_empty();
            self.session.open(b"INBOX", false).await?;
            if copied {
                self.session.remove(uid).await?;
                return Ok(HeldPlace::Quarantine);
            }
        }
        self.session.take_to(uid, &folder).await?;
        Ok(HeldPlace::Quarantine)
    }

    /// The name of the folder for quarantine as this server has it; it is made where it is missing and `make` says so.
    pub(super) async fn quarantine(&mut self, make: bool) -> Result<Option<Vec<u8>>, Trouble> {
        let wanted = self.opened.connection.folder.as_bytes().to_vec();
        let folders = self.session.folders().await?;
        // Some servers keep all folders below the inbox.
        let delimiter = folders.iter().find_map(|(_, delimiter, _)| *delimiter).unwrap_or('.');
        let below = format!("INBOX{delimiter}{}", self.opened.connection.folder).into_bytes();
        let names: Vec<&Vec<u8>> = folders.iter().map(|(_, _, name)| name).collect();
        for name in [&wanted, &below] {
            if names.contains(&name) {
                return Ok(Some(name.clone()));
            }
        }
        if !make {
            return Ok(None);
        }
        if self.session.make(&wanted).await.is_ok() {
            return Ok(Some(wanted));
        }
        self.session.make(&below).await?;
        Ok(Some(below))
    }

    /// The messages of the open folder that are this held one, to the byte. Where `exact` is not asked for, the only one with its
    /// number will do: some servers write into messages that they move.
    pub(super) async fn find(&mut self, known: &Known<'_>, exact: bool) -> Result<Vec<u32>, Trouble> {
        let by_id =
            if known.message_id.is_empty() { None } else { self.session.search_id(known.message_id).await.ok() };
        let alike = match by_id {
            Some(found) if !found.is_empty() => found,
            _ => {
                let (above, below) = (known.size.saturating_sub(1), known.size.saturating_add(1));
                self.session.search(&format!("LARGER {above} SMALLER {below}")).await?
            }
        };
        let mut same = Vec::new();
        for uid in alike.iter().copied().rev().take(MOST_ALIKE) {
            if self.session.bytes(uid, MOST_BYTES).await?.is_some_and(|bytes| digest(&bytes) == known.content) {
                same.push(uid);
            }
        }
        match alike.as_slice() {
            [only] if same.is_empty() && !exact && !known.message_id.is_empty() => Ok(vec![*only]),
            _ => Ok(same),
        }
    }
}

/// The digest by which content is known.
fn digest(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Whether the connection is still of use after this.
pub(super) fn goes_on(trouble: &Trouble) -> bool {
    matches!(trouble.trouble, MailboxTrouble::Folder | MailboxTrouble::Refused)
}

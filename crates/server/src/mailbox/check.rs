//! Whether a mailbox can be reached, and what its server cannot do; nothing is changed.

use super::reach::Reach;
use super::session::{Folder, Session};
use super::sign_in::sign_in;
use super::token::Tokens;
use baluardo_model::mailbox::{MailboxKind, MailboxRemark, SUSPICIOUS_KEYWORD};
use baluardo_service::mailbox::{Checked, Checking, Connection, MailboxDoor, Trouble};

/// The way of a use case to a mail server.
#[derive(Debug)]
pub(crate) struct Door(pub(crate) Reach);

impl MailboxDoor for Door {
    fn check<'a>(&'a self, connection: &'a Connection) -> Checking<'a> {
        Box::pin(async move {
            // A token that comes in place of the one that renews would be lost here; the guard asks for its own.
            let mut session = sign_in(&self.0, &mut Tokens::default(), connection).await?;
            let inbox = session.open(b"INBOX", true).await?;
            remarks(&mut session, &inbox, connection).await
        })
    }
}

/// What the server cannot do.
pub(super) async fn remarks(session: &mut Session, inbox: &Folder, to: &Connection) -> Result<Checked, Trouble> {
    let mut remarks = Vec::new();
    if !session.can("IDLE") {
        remarks.push(MailboxRemark::NoIdle);
    }
    if to.kind == MailboxKind::Mailbox {
        if !session.can_move() {
            remarks.push(MailboxRemark::OnlyFlags);
        } else if !session.can("MOVE") {
            remarks.push(MailboxRemark::NoMove);
        }
        // Only looked at, a folder says of itself that nothing may be written.
        if !inbox.writable.is_empty() && !inbox.takes(SUSPICIOUS_KEYWORD) {
            remarks.push(MailboxRemark::NoKeywords);
        }
        if trash(session).await?.is_none() {
            remarks.push(MailboxRemark::NoTrash);
        }
    }
    Ok(Checked { remarks })
}

/// The folder that the server names for the trash (RFC 6154).
pub(super) async fn trash(session: &mut Session) -> Result<Option<Vec<u8>>, Trouble> {
    let is_trash = |attributes: &[String]| attributes.iter().any(|word| word.eq_ignore_ascii_case("\\Trash"));
    let folders = session.folders().await?;
    Ok(folders.into_iter().find(|(attributes, ..)| is_trash(attributes)).map(|(_, _, name)| name))
}

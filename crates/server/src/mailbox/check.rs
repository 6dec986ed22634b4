//! Whether a mailbox can be reached, and what its server cannot do; nothing is changed.

use super::reach::Reach;
use super::session::{Folder, Session};
use super::sign_in::sign_in;
use super::watch::Failed;
use baluardo_model::mailbox::{MailboxKind, MailboxRemark, MailboxTrouble, SUSPICIOUS_KEYWORD};
use baluardo_model::{MailboxId, TenantId};
use baluardo_service::House;
use baluardo_service::mailbox::{Checked, Checking, Connection, MailboxDoor, Trouble};

/// The way of a use case to a mail server.
#[derive(Debug)]
pub(crate) struct Door(pub(crate) Reach);

impl MailboxDoor for Door {
    fn check<'a>(&'a self, house: &'a House, which: (TenantId, MailboxId), connection: &'a Connection) -> Checking<'a> {
        Box::pin(async move {
            let mut session = sign_in(house, &self.0, which, connection).await.map_err(in_words)?;
            let inbox = session.open(b"INBOX", true).await?;
            remarks(&mut session, &inbox, connection).await
        })
    }
}

/// What failed, to somebody who waits for the answer.
fn in_words(failed: Failed) -> Trouble {
    match failed {
        Failed::Trouble(trouble) => trouble,
        Failed::Gone => Trouble::new(MailboxTrouble::Internal, "the mailbox was changed meanwhile: try again"),
        Failed::House(error) => Trouble::new(MailboxTrouble::Internal, error),
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

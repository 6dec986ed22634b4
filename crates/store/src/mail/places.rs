//! Where held messages lie that came into mailboxes, and what is still to be done with them there.

use crate::error::StoreError;
use crate::scope::{PlatformTx, TenantTx};
use crate::tx::{Row, args};
use baluardo_model::mail::HeldState;
use baluardo_model::mailbox::HeldPlace;
use baluardo_model::{HeldMailId, MailboxId, TenantId, Timestamp};

crate::statements! {
    PUT = "INSERT INTO held_place (tenant, held, mailbox, message_id, place) VALUES ($1, $2, $3, $4, 'inbox')
        ON CONFLICT (tenant, held) DO NOTHING";
    MOVE = "UPDATE held_place SET place = $3 WHERE tenant = $1 AND held = $2";
    OF = "SELECT place FROM held_place WHERE tenant = $1 AND held = $2";
    TASKS = "SELECT p.held, p.place, p.message_id, h.state, h.content, h.size, h.attempts
        FROM held_place p JOIN held_mail h ON h.tenant = p.tenant AND h.held = p.held
        WHERE p.tenant = $1 AND p.mailbox = $2 AND ((h.state = 'releasing' AND h.due_at <= $3)
            OR (h.state = 'deleted' AND p.place IN ('inbox', 'quarantine', 'flagged'))
            OR (h.state = 'held' AND p.place = 'inbox'))
        ORDER BY h.changed_at, p.held LIMIT $4";
    WAITING = "SELECT DISTINCT p.tenant, p.mailbox
        FROM held_place p JOIN held_mail h ON h.tenant = p.tenant AND h.held = p.held
        WHERE (h.state = 'releasing' AND h.due_at <= $1)
            OR (h.state = 'deleted' AND p.place IN ('inbox', 'quarantine', 'flagged'))";
    UNDECIDED = "SELECT COUNT(*) FROM held_place p JOIN held_mail h ON h.tenant = p.tenant AND h.held = p.held
        WHERE p.tenant = $1 AND p.mailbox = $2 AND h.state IN ('held', 'releasing')";
    LEAVE = "DELETE FROM held_place WHERE tenant = $1 AND mailbox = $2";
    ORPHANS = "DELETE FROM held_place WHERE tenant = $1 AND NOT EXISTS
        (SELECT 1 FROM held_mail h WHERE h.tenant = $1 AND h.held = held_place.held)";
}

/// Something that somebody decided in the console and that is to be done in a mailbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlaceTask {
    /// The held message.
    pub held: HeldMailId,
    /// Where it lies.
    pub place: HeldPlace,
    /// Its own number; empty for none.
    pub message_id: String,
    /// `Releasing` or `Deleted`; `Held` where it could not be moved when it came.
    pub state: HeldState,
    /// Digest of its content.
    pub content: String,
    /// Bytes.
    pub size: u64,
    /// How often it was tried.
    pub attempts: u64,
}

fn task(row: &Row) -> Result<PlaceTask, StoreError> {
    Ok(PlaceTask {
        held: row.parsed(0, "held_place", "held")?,
        place: row.coded(1, HeldPlace::from_code, "held_place", "place")?,
        message_id: row.text(2)?,
        state: row.coded(3, HeldState::from_code, "held_mail", "state")?,
        content: row.text(4)?,
        size: row.count(5)?,
        attempts: row.count(6)?,
    })
}

impl TenantTx<'_> {
    /// Notes in which inbox a held message lies; what was noted before stays.
    ///
    /// # Errors
    /// What the database says.
    pub async fn put_place(
        &mut self,
        held: HeldMailId,
        mailbox: MailboxId,
        message_id: &str,
    ) -> Result<(), StoreError> {
        self.tx.execute(PUT, args![self.tenant, held, mailbox, message_id]).await.map(drop)
    }

    /// Notes where it lies now.
    ///
    /// # Errors
    /// What the database says.
    pub async fn move_place(&mut self, held: HeldMailId, place: HeldPlace) -> Result<(), StoreError> {
        self.tx.execute(MOVE, args![self.tenant, held, place.code()]).await.map(drop)
    }

    /// Where a held message lies; none for those that came by a mail server of the comune's own.
    ///
    /// # Errors
    /// What the database says.
    pub async fn held_place(&mut self, held: HeldMailId) -> Result<Option<HeldPlace>, StoreError> {
        let row = self.tx.optional(OF, args![self.tenant, held]).await?;
        row.map(|row| row.coded(0, HeldPlace::from_code, "held_place", "place")).transpose()
    }

    /// What is to be done in a mailbox, oldest first.
    ///
    /// # Errors
    /// What the database says.
    pub async fn place_tasks(
        &mut self,
        mailbox: MailboxId,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<PlaceTask>, StoreError> {
        let rows = self.tx.all(TASKS, args![self.tenant, mailbox, now, i64::from(limit)]).await?;
        rows.iter().map(task).collect()
    }

    /// How many messages of a mailbox wait for a decision, or for what was decided to be done.
    ///
    /// # Errors
    /// What the database says.
    pub async fn undecided_in(&mut self, mailbox: MailboxId) -> Result<u64, StoreError> {
        Ok(u64::try_from(self.tx.number(UNDECIDED, args![self.tenant, mailbox]).await?).unwrap_or(0))
    }

    /// Forgets where the messages of a mailbox lie.
    ///
    /// # Errors
    /// What the database says.
    pub async fn leave_places(&mut self, mailbox: MailboxId) -> Result<(), StoreError> {
        self.tx.execute(LEAVE, args![self.tenant, mailbox]).await.map(drop)
    }

    /// Forgets the places of messages that are forgotten.
    ///
    /// # Errors
    /// What the database says.
    pub async fn forget_places(&mut self) -> Result<(), StoreError> {
        self.tx.execute(ORPHANS, args![self.tenant]).await.map(drop)
    }
}

impl PlatformTx<'_> {
    /// The mailboxes in which something is to be done.
    ///
    /// # Errors
    /// What the database says.
    pub async fn mailboxes_with_tasks(&mut self, now: Timestamp) -> Result<Vec<(TenantId, MailboxId)>, StoreError> {
        let rows = self.tx.all(WAITING, args![now]).await?;
        let one = |row: &Row| Ok((row.parsed(0, "held_place", "tenant")?, row.parsed(1, "held_place", "mailbox")?));
        rows.iter().map(one).collect()
    }
}

//! Held messages of several recipients that go to one of them: each row is its own outbox.

use crate::error::StoreError;
use crate::scope::{PlatformTx, TenantTx};
use crate::tx::{Row, args};
use baluardo_model::mail::HeldState;
use baluardo_model::{HeldMailId, TenantId, Timestamp};
use serde::Serialize;

crate::statements! {
    PUT = "INSERT INTO held_part (tenant, held, recipient, state, released_at, due_at, attempts, last_error)
        VALUES ($1, $2, $3, 'releasing', $4, $4, 0, '') ON CONFLICT (tenant, held, recipient) DO NOTHING";
    OF = "SELECT recipient, state, released_at, last_error FROM held_part WHERE tenant = $1 AND held = $2
        ORDER BY released_at, recipient";
    DUE = "SELECT tenant, held, recipient FROM held_part WHERE state = 'releasing' AND due_at <= $1
        ORDER BY due_at, held, recipient LIMIT $2";
    TAKE = "UPDATE held_part SET due_at = $5, attempts = attempts + 1
        WHERE tenant = $1 AND held = $2 AND recipient = $3 AND state = 'releasing' AND due_at <= $4 RETURNING attempts";
    LEFT = "UPDATE held_part SET state = 'released', due_at = NULL, last_error = ''
        WHERE tenant = $1 AND held = $2 AND recipient = $3 AND state = 'releasing'";
    LATER = "UPDATE held_part SET due_at = $4, last_error = $5
        WHERE tenant = $1 AND held = $2 AND recipient = $3 AND state = 'releasing'";
    STOP = "DELETE FROM held_part WHERE tenant = $1 AND held = $2 AND state = 'releasing'";
    ALL_LEFT = "UPDATE held_mail SET state = 'released', changed_at = $3, changed_by = $4, due_at = NULL, last_error = ''
        WHERE tenant = $1 AND held = $2 AND state = 'held'";
    EMPTY_OVER = "DELETE FROM held_piece WHERE tenant = $1 AND held = $2 AND NOT EXISTS
        (SELECT 1 FROM held_part p WHERE p.tenant = $1 AND p.held = $2 AND p.state = 'releasing')";
}

/// One recipient to whom a held message goes by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HeldPart {
    /// Who, in lower case.
    pub recipient: String,
    /// `Releasing` until the mail server has it, then `Released`.
    pub state: HeldState,
    /// Since when it is on its way.
    pub released_at: Timestamp,
    /// What the mail server said last.
    pub last_error: String,
}

fn part(row: &Row) -> Result<HeldPart, StoreError> {
    Ok(HeldPart {
        recipient: row.text(0)?,
        state: row.coded(1, HeldState::from_code, "held_part", "state")?,
        released_at: row.time(2)?,
        last_error: row.text(3)?,
    })
}

impl TenantTx<'_> {
    /// Lets a held message go to one recipient, an address in lower case; false when it went there before. Whoever calls this holds the
    /// turn of deciding on it and saw that it is held.
    ///
    /// # Errors
    /// What the database says.
    pub async fn release_part(&mut self, id: HeldMailId, recipient: &str, now: Timestamp) -> Result<bool, StoreError> {
        Ok(self.tx.execute(PUT, args![self.tenant, id, recipient, now]).await? == 1)
    }

    /// To whom it goes or went by itself.
    ///
    /// # Errors
    /// What the database says.
    pub async fn held_parts(&mut self, id: HeldMailId) -> Result<Vec<HeldPart>, StoreError> {
        self.tx.all(OF, args![self.tenant, id]).await?.iter().map(part).collect()
    }

    /// Takes a part in order to send it on, and gives how often it was taken, this time included: nobody else does so before `until`.
    /// None when somebody was faster.
    ///
    /// # Errors
    /// What the database says.
    pub async fn take_part(
        &mut self,
        id: HeldMailId,
        recipient: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<u64>, StoreError> {
        let row = self.tx.optional(TAKE, args![self.tenant, id, recipient, now, until]).await?;
        row.map(|row| row.count(0)).transpose()
    }

    /// Notes that the mail server has the message for this recipient.
    ///
    /// # Errors
    /// What the database says.
    pub async fn part_left(&mut self, id: HeldMailId, recipient: &str) -> Result<(), StoreError> {
        self.tx.execute(LEFT, args![self.tenant, id, recipient]).await.map(drop)
    }

    /// Notes that the mail server did not take it, why, and when to try again.
    ///
    /// # Errors
    /// What the database says.
    pub async fn part_later(
        &mut self,
        id: HeldMailId,
        recipient: &str,
        again: Timestamp,
        why: &str,
    ) -> Result<(), StoreError> {
        self.tx.execute(LATER, args![self.tenant, id, recipient, again, why]).await.map(drop)
    }

    /// Notes that a message that was held for all went to each recipient by itself.
    ///
    /// # Errors
    /// What the database says.
    pub async fn all_parts_left(&mut self, id: HeldMailId, by: &str, now: Timestamp) -> Result<(), StoreError> {
        self.tx.execute(ALL_LEFT, args![self.tenant, id, now, by]).await.map(drop)
    }

    /// Stops what is on its way to single recipients.
    ///
    /// # Errors
    /// What the database says.
    pub(crate) async fn stop_parts(&mut self, id: HeldMailId) -> Result<(), StoreError> {
        self.tx.execute(STOP, args![self.tenant, id]).await.map(drop)
    }

    /// Removes the content of a message that went where it had to go, unless somebody still waits for theirs.
    ///
    /// # Errors
    /// What the database says.
    pub async fn empty_when_over(&mut self, id: HeldMailId) -> Result<(), StoreError> {
        self.tx.execute(EMPTY_OVER, args![self.tenant, id]).await.map(drop)
    }
}

impl PlatformTx<'_> {
    /// Parts whose time has come, oldest first.
    ///
    /// # Errors
    /// What the database says.
    pub async fn due_parts(
        &mut self,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<(TenantId, HeldMailId, String)>, StoreError> {
        let rows = self.tx.all(DUE, args![now, i64::from(limit)]).await?;
        let one =
            |row: &Row| Ok((row.parsed(0, "held_part", "tenant")?, row.parsed(1, "held_part", "held")?, row.text(2)?));
        rows.iter().map(one).collect()
    }
}

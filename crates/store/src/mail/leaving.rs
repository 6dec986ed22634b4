//! Held messages that were released and are on their way to the mail server: the row is its own outbox.

use crate::error::StoreError;
use crate::scope::{PlatformTx, TenantTx};
use crate::tx::args;
use baluardo_model::{HeldMailId, TenantId, Timestamp};

crate::statements! {
    RELEASE = "UPDATE held_mail SET state = 'releasing', changed_at = $3, changed_by = $4, due_at = $3, attempts = 0,
        last_error = '' WHERE tenant = $1 AND held = $2 AND state = 'held'";
    DUE = "SELECT tenant, held FROM held_mail WHERE state = 'releasing' AND due_at <= $1 AND NOT EXISTS
        (SELECT 1 FROM held_place p WHERE p.tenant = held_mail.tenant AND p.held = held_mail.held) ORDER BY due_at, held LIMIT $2";
    TAKE = "UPDATE held_mail SET due_at = $4, attempts = attempts + 1
        WHERE tenant = $1 AND held = $2 AND state = 'releasing' AND due_at <= $3";
    LEFT = "UPDATE held_mail SET state = 'released', changed_at = $3, due_at = NULL, last_error = ''
        WHERE tenant = $1 AND held = $2 AND state = 'releasing'";
    LATER = "UPDATE held_mail SET due_at = $3, last_error = $4 WHERE tenant = $1 AND held = $2 AND state = 'releasing'";
}

impl TenantTx<'_> {
    /// Lets a held message go; false when it is not held any more.
    ///
    /// # Errors
    /// What the database says.
    pub async fn release_held(&mut self, id: HeldMailId, by: &str, now: Timestamp) -> Result<bool, StoreError> {
        Ok(self.tx.execute(RELEASE, args![self.tenant, id, now, by]).await? == 1)
    }

    /// Takes a message in order to send it on: nobody else does so before `until`. False when somebody was faster.
    ///
    /// # Errors
    /// What the database says.
    pub async fn take_leaving(&mut self, id: HeldMailId, now: Timestamp, until: Timestamp) -> Result<bool, StoreError> {
        Ok(self.tx.execute(TAKE, args![self.tenant, id, now, until]).await? == 1)
    }

    /// Notes that the mail server has the message, and removes its content unless a single recipient still waits for theirs; false when
    /// that was noted before.
    ///
    /// # Errors
    /// What the database says.
    pub async fn mail_released(&mut self, id: HeldMailId, now: Timestamp) -> Result<bool, StoreError> {
        if self.tx.execute(LEFT, args![self.tenant, id, now]).await? == 0 {
            return Ok(false);
        }
        self.empty_when_over(id).await?;
        Ok(true)
    }

    /// Notes that the mail server did not take it, why, and when to try again.
    ///
    /// # Errors
    /// What the database says.
    pub async fn release_later(&mut self, id: HeldMailId, again: Timestamp, why: &str) -> Result<(), StoreError> {
        self.tx.execute(LATER, args![self.tenant, id, again, why]).await.map(drop)
    }
}

impl PlatformTx<'_> {
    /// Released messages whose time has come, oldest first; not those that lie in a mailbox, whose guard brings them back.
    ///
    /// # Errors
    /// What the database says.
    pub async fn due_releases(
        &mut self,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<(TenantId, HeldMailId)>, StoreError> {
        let rows = self.tx.all(DUE, args![now, i64::from(limit)]).await?;
        rows.iter()
            .map(|row| Ok((row.parsed(0, "held_mail", "tenant")?, row.parsed(1, "held_mail", "held")?)))
            .collect()
    }
}

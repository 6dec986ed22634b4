//! Which held messages people were told of by letter, and which they asked for.

use crate::error::StoreError;
use crate::scope::{PlatformTx, TenantTx};
use crate::tx::{Row, args, to_json};
use baluardo_model::{HeldMailId, OutboxId, TenantId, Timestamp};

crate::statements! {
    WITH_UNTOLD = "SELECT tenant, MIN(taken_at) FROM held_mail WHERE state = 'held' AND told_at IS NULL
        GROUP BY tenant ORDER BY tenant";
    TELL = "UPDATE held_mail SET told_at = $3
        WHERE tenant = $1 AND state = 'held' AND told_at IS NULL AND taken_at <= $2
        RETURNING held, recipients, score, taken_at";
    NOTE = "INSERT INTO mail_digest (tenant, message, oldest_at) VALUES ($1, $2, $3)";
    ASK = "UPDATE held_mail SET asked_by = $3 WHERE tenant = $1 AND held = $2 AND state = 'held'";
}

/// A held message of which nobody had been told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Untold {
    /// Which.
    pub id: HeldMailId,
    /// Its recipients in this tenant.
    pub recipients: Vec<String>,
    /// 0 to 1,000: how sure the judge was.
    pub score: u64,
    /// When it came.
    pub taken_at: Timestamp,
}

fn untold(row: &Row) -> Result<Untold, StoreError> {
    Ok(Untold {
        id: row.parsed(0, "held_mail", "held")?,
        recipients: row.json(1, "held_mail", "recipients")?,
        score: row.count(2)?,
        taken_at: row.time(3)?,
    })
}

impl TenantTx<'_> {
    /// Holds the turn of telling this tenant's people, so that of two servers one does.
    ///
    /// # Errors
    /// What the database says.
    pub async fn hold_digest(&mut self) -> Result<(), StoreError> {
        self.tx.hold_turn(&format!("digest {}", self.tenant)).await
    }

    /// Holds the turn of deciding on one held message until the transaction ends.
    ///
    /// # Errors
    /// What the database says.
    pub async fn hold_decision(&mut self, id: HeldMailId) -> Result<(), StoreError> {
        self.tx.hold_turn(&format!("held {} {id}", self.tenant)).await
    }

    /// Marks as told what came at `until` or before, is held and was not told yet, and gives it.
    ///
    /// # Errors
    /// What the database says.
    pub async fn tell_held(&mut self, until: Timestamp, now: Timestamp) -> Result<Vec<Untold>, StoreError> {
        self.tx.all(TELL, args![self.tenant, until, now]).await?.iter().map(untold).collect()
    }

    /// Notes which letter tells of messages since `oldest`.
    ///
    /// # Errors
    /// What the database says.
    pub async fn note_digest(&mut self, letter: OutboxId, oldest: Timestamp) -> Result<(), StoreError> {
        self.tx.execute(NOTE, args![self.tenant, letter, oldest]).await.map(drop)
    }

    /// Keeps who asks for a held message; false when it is not held any more.
    ///
    /// # Errors
    /// What the database says.
    pub async fn ask_for_held(&mut self, id: HeldMailId, asked_by: &[String]) -> Result<bool, StoreError> {
        Ok(self.tx.execute(ASK, args![self.tenant, id, to_json(&asked_by)]).await? == 1)
    }
}

impl PlatformTx<'_> {
    /// The tenants with held messages of which nobody was told, each with the time of the oldest.
    ///
    /// # Errors
    /// What the database says.
    pub async fn tenants_with_untold(&mut self) -> Result<Vec<(TenantId, Timestamp)>, StoreError> {
        let rows = self.tx.all(WITH_UNTOLD, args![]).await?;
        rows.iter().map(|row| Ok((row.parsed(0, "held_mail", "tenant")?, row.time(1)?))).collect()
    }
}

//! Certified mail that is suspicious: notes beside messages that nobody touches.

use super::held::HeldReason;
use crate::error::StoreError;
use crate::scope::{PlatformTx, TenantTx};
use crate::tx::{Row, args, to_json};
use baluardo_model::{MailboxId, TenantId, Timestamp};

crate::statements! {
    NOTE = "INSERT INTO pec_note (tenant, mailbox, identity, kind, sender, provider, subject, sent, identifier, class, score,
        hostile, reasons, taken_at, seen_at, seen_by)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, NULL, '')
        ON CONFLICT (tenant, mailbox, identity) DO NOTHING";
    PAGE = "SELECT n.mailbox, n.identity, n.kind, n.sender, n.provider, n.subject, n.sent, n.identifier, n.class, n.score,
        n.hostile, n.reasons, n.taken_at, n.seen_at, n.seen_by, COALESCE(m.address, '')
        FROM pec_note n LEFT JOIN mailbox m ON m.tenant = n.tenant AND m.mailbox = n.mailbox WHERE n.tenant = $1
        ORDER BY CASE WHEN n.hostile AND n.seen_at IS NULL THEN 0 ELSE 1 END, n.taken_at DESC, n.identity LIMIT $2";
    UNSEEN = "SELECT COUNT(*) FROM pec_note WHERE tenant = $1 AND hostile AND seen_at IS NULL";
    SEEN = "UPDATE pec_note SET seen_at = $3, seen_by = $4 WHERE tenant = $1 AND identity = $2 AND seen_at IS NULL";
    OLDEST = "SELECT tenant, MIN(taken_at) FROM pec_note GROUP BY tenant";
    FORGET = "DELETE FROM pec_note WHERE tenant = $1 AND taken_at <= $2";
    LEAVE = "DELETE FROM pec_note WHERE tenant = $1 AND mailbox = $2";
}

/// A note, as it is written. Everything in it comes from outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPecNote {
    /// In which mailbox.
    pub mailbox: MailboxId,
    /// Digest of the whole message.
    pub identity: String,
    /// `envelope`, `anomaly`, `receipt` or `ordinary`.
    pub kind: String,
    /// Who sent it, as the provider certifies or as it says itself.
    pub sender: String,
    /// Who certifies it.
    pub provider: String,
    /// What it says it is about.
    pub subject: String,
    /// When it was sent, as the provider writes it.
    pub sent: String,
    /// The provider's number for it.
    pub identifier: String,
    /// The judge's word for it.
    pub class: String,
    /// 0 to 1,000.
    pub score: u64,
    /// Whether ordinary mail like it would have been stopped.
    pub hostile: bool,
    /// Why.
    pub reasons: Vec<HeldReason>,
}

/// A note as people see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PecNote {
    /// As it was written.
    pub note: NewPecNote,
    /// When.
    pub taken_at: Timestamp,
    /// When somebody said that they know of it.
    pub seen_at: Option<Timestamp>,
    /// Who.
    pub seen_by: String,
    /// The address of the mailbox; empty where it is not guarded any more.
    pub address: String,
}

fn note(row: &Row) -> Result<PecNote, StoreError> {
    let note = NewPecNote {
        mailbox: row.parsed(0, "pec_note", "mailbox")?,
        identity: row.text(1)?,
        kind: row.text(2)?,
        sender: row.text(3)?,
        provider: row.text(4)?,
        subject: row.text(5)?,
        sent: row.text(6)?,
        identifier: row.text(7)?,
        class: row.text(8)?,
        score: row.count(9)?,
        hostile: row.flag(10)?,
        reasons: row.json(11, "pec_note", "reasons")?,
    };
    let (taken_at, seen_at) = (row.time(12)?, row.time_or_null(13)?);
    Ok(PecNote { note, taken_at, seen_at, seen_by: row.text(14)?, address: row.text(15)? })
}

impl TenantTx<'_> {
    /// Writes a note; false when it stands already.
    ///
    /// # Errors
    /// What the database says.
    pub async fn note_pec(&mut self, new: &NewPecNote, now: Timestamp) -> Result<bool, StoreError> {
        let values = args![
            self.tenant,
            new.mailbox,
            new.identity.as_str(),
            new.kind.as_str(),
            new.sender.as_str(),
            new.provider.as_str(),
            new.subject.as_str(),
            new.sent.as_str(),
            new.identifier.as_str(),
            new.class.as_str(),
            new.score,
            new.hostile,
            to_json(&new.reasons),
            now,
        ];
        Ok(self.tx.execute(NOTE, values).await? == 1)
    }

    /// Hostile ones that nobody has seen first, then the newest.
    ///
    /// # Errors
    /// What the database says.
    pub async fn pec_notes(&mut self, limit: u32) -> Result<Vec<PecNote>, StoreError> {
        self.tx.all(PAGE, args![self.tenant, i64::from(limit)]).await?.iter().map(note).collect()
    }

    /// How many hostile ones nobody has seen.
    ///
    /// # Errors
    /// What the database says.
    pub async fn pec_unseen(&mut self) -> Result<u64, StoreError> {
        Ok(u64::try_from(self.tx.number(UNSEEN, args![self.tenant]).await?).unwrap_or(0))
    }

    /// Notes that somebody knows of a message; false when somebody did before.
    ///
    /// # Errors
    /// What the database says.
    pub async fn pec_seen(&mut self, identity: &str, by: &str, now: Timestamp) -> Result<bool, StoreError> {
        Ok(self.tx.execute(SEEN, args![self.tenant, identity, now, by]).await? > 0)
    }

    /// Forgets what was noted at `until` or before; how much that was.
    ///
    /// # Errors
    /// What the database says.
    pub async fn forget_pec(&mut self, until: Timestamp) -> Result<u64, StoreError> {
        self.tx.execute(FORGET, args![self.tenant, until]).await
    }

    /// Forgets the notes of a mailbox.
    ///
    /// # Errors
    /// What the database says.
    pub async fn leave_pec(&mut self, mailbox: MailboxId) -> Result<(), StoreError> {
        self.tx.execute(LEAVE, args![self.tenant, mailbox]).await.map(drop)
    }
}

impl PlatformTx<'_> {
    /// The tenants of whose certified mail something is noted, each with the time of the oldest.
    ///
    /// # Errors
    /// What the database says.
    pub async fn oldest_pec(&mut self) -> Result<Vec<(TenantId, Timestamp)>, StoreError> {
        let rows = self.tx.all(OLDEST, args![]).await?;
        rows.iter().map(|row| Ok((row.parsed(0, "pec_note", "tenant")?, row.time(1)?))).collect()
    }
}

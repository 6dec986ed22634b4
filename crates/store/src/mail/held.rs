//! Messages that are held.

use crate::error::StoreError;
use crate::scope::TenantTx;
use crate::tx::{Row, args, to_json};
use baluardo_model::mail::HeldState;
use baluardo_model::{HeldMailId, Timestamp};
use serde::{Deserialize, Serialize};

/// The columns of a row, in the order in which [`held`] reads them.
macro_rules! columns {
    () => {
        "held, identity, sender, recipients, author, subject, class, score, reasons, size, content, times, taken_at, state,
        changed_at, changed_by, attempts, last_error, asked_by"
    };
}

crate::statements! {
    HOLD = "INSERT INTO held_mail (tenant, held, identity, sender, recipients, author, subject, class, score, reasons, size,
        content, times, taken_at, state, changed_at, changed_by, due_at, attempts, last_error)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 1, $13, 'held', $13, '', NULL, 0, '')
        ON CONFLICT (tenant, identity) DO NOTHING";
    AGAIN = "UPDATE held_mail SET times = times + 1 WHERE tenant = $1 AND identity = $2";
    PIECE = "INSERT INTO held_piece (tenant, held, seq, sealed) VALUES ($1, $2, $3, $4)";
    PIECES = "SELECT sealed FROM held_piece WHERE tenant = $1 AND held = $2 ORDER BY seq";
    EMPTY = "DELETE FROM held_piece WHERE tenant = $1 AND held = $2";
    GET = concat!("SELECT ", columns!(), " FROM held_mail WHERE tenant = $1 AND held = $2");
    BY_IDENTITY = concat!("SELECT ", columns!(), " FROM held_mail WHERE tenant = $1 AND identity = $2");
    PAGE = concat!(
        "SELECT ", columns!(), " FROM held_mail
        WHERE tenant = $1 AND ($2 = '' OR state = $2) AND ($3 = '' OR class = $3)
        AND ($4 = '' OR LOWER(subject) LIKE $4 ESCAPE '!' OR LOWER(author) LIKE $4 ESCAPE '!'
            OR LOWER(sender) LIKE $4 ESCAPE '!' OR LOWER(recipients) LIKE $4 ESCAPE '!')
        ORDER BY CASE state WHEN 'held' THEN 0 WHEN 'releasing' THEN 1 ELSE 2 END,
        CASE WHEN state = 'held' AND asked_by <> '[]' THEN 0 ELSE 1 END, score DESC, taken_at DESC, held DESC
        LIMIT $5"
    );
    OF_SENDER = concat!(
        "SELECT ", columns!(), " FROM held_mail WHERE tenant = $1 AND taken_at >= $2
        AND (LOWER(author) LIKE $3 ESCAPE '!' OR LOWER(sender) LIKE $3 ESCAPE '!')
        ORDER BY taken_at DESC, held DESC LIMIT $4"
    );
    WAITING = "SELECT COUNT(*) FROM held_mail WHERE tenant = $1 AND state = 'held'";
    DELETED = "UPDATE held_mail SET state = 'deleted', changed_at = $3, changed_by = $4, due_at = NULL
        WHERE tenant = $1 AND held = $2 AND state = 'held'";
}

/// A reason, as the judge told it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldReason {
    /// Its stable code.
    pub code: String,
    /// In Italian.
    pub it: String,
    /// In English.
    pub en: String,
}

/// A message that is held, as it came. Everything in it comes from outside.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HeldMail {
    /// Which.
    pub id: HeldMailId,
    /// Digest of sender, recipients and content.
    #[serde(skip)]
    pub identity: String,
    /// The sender of the envelope; empty for a notice.
    pub sender: String,
    /// The recipients in this tenant.
    pub recipients: Vec<String>,
    /// Who the message says wrote it.
    pub author: String,
    /// What it says it is about.
    pub subject: String,
    /// The judge's word for it.
    pub class: String,
    /// 0 to 1,000: how sure the judge was.
    pub score: u64,
    /// Why.
    pub reasons: Vec<HeldReason>,
    /// Bytes.
    pub size: u64,
    /// Digest of the content.
    pub content: String,
}

/// A held message as people see it: what came, which it gives access to like a field of its own, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HeldRow {
    /// What came.
    #[serde(flatten)]
    pub mail: HeldMail,
    /// How often it was brought.
    pub times: u64,
    /// When it came first.
    pub taken_at: Timestamp,
    /// Where it stands.
    pub state: HeldState,
    /// Since when.
    pub changed_at: Timestamp,
    /// Who brought it there; empty for nobody.
    pub changed_by: String,
    /// How often its release was tried in vain.
    pub attempts: u64,
    /// What the mail server said last.
    pub last_error: String,
    /// The recipients who asked for it.
    pub asked_by: Vec<String>,
}

impl std::ops::Deref for HeldRow {
    type Target = HeldMail;

    fn deref(&self) -> &HeldMail {
        &self.mail
    }
}

fn held(row: &Row) -> Result<HeldRow, StoreError> {
    let mail = HeldMail {
        id: row.parsed(0, "held_mail", "held")?,
        identity: row.text(1)?,
        sender: row.text(2)?,
        recipients: row.json(3, "held_mail", "recipients")?,
        author: row.text(4)?,
        subject: row.text(5)?,
        class: row.text(6)?,
        score: row.count(7)?,
        reasons: row.json(8, "held_mail", "reasons")?,
        size: row.count(9)?,
        content: row.text(10)?,
    };
    Ok(HeldRow {
        mail,
        times: row.count(11)?,
        taken_at: row.time(12)?,
        state: row.coded(13, HeldState::from_code, "held_mail", "state")?,
        changed_at: row.time(14)?,
        changed_by: row.text(15)?,
        attempts: row.count(16)?,
        last_error: row.text(17)?,
        asked_by: row.json(18, "held_mail", "asked_by")?,
    })
}

/// What part of the held mail to read.
#[derive(Clone, Copy, Debug, Default)]
pub struct HeldQuery<'a> {
    /// Only those that stand so.
    pub state: Option<HeldState>,
    /// Only of this class; empty for all.
    pub class: &'a str,
    /// Only those whose subject, author, sender or recipients hold this; empty for all.
    pub text: &'a str,
}

impl TenantTx<'_> {
    /// Holds a message with its sealed pieces; false when the same one (by its identity) was held before, which is counted.
    ///
    /// # Errors
    /// What the database says.
    pub async fn hold_mail(&mut self, new: &HeldMail, pieces: Vec<String>, now: Timestamp) -> Result<bool, StoreError> {
        let values = args![
            self.tenant,
            new.id,
            new.identity.as_str(),
            new.sender.as_str(),
            to_json(&new.recipients),
            new.author.as_str(),
            new.subject.as_str(),
            new.class.as_str(),
            new.score,
            to_json(&new.reasons),
            new.size,
            new.content.as_str(),
            now,
        ];
        if self.tx.execute(HOLD, values).await? == 0 {
            self.tx.execute(AGAIN, args![self.tenant, new.identity.as_str()]).await?;
            return Ok(false);
        }
        for (seq, sealed) in (0_i64..).zip(pieces) {
            self.tx.execute(PIECE, args![self.tenant, new.id, seq, sealed]).await?;
        }
        Ok(true)
    }

    /// One held message.
    ///
    /// # Errors
    /// What the database says.
    pub async fn held_mail(&mut self, id: HeldMailId) -> Result<Option<HeldRow>, StoreError> {
        self.tx.optional(GET, args![self.tenant, id]).await?.as_ref().map(held).transpose()
    }

    /// The held message with this identity.
    ///
    /// # Errors
    /// What the database says.
    pub async fn held_mail_by_identity(&mut self, identity: &str) -> Result<Option<HeldRow>, StoreError> {
        self.tx.optional(BY_IDENTITY, args![self.tenant, identity]).await?.as_ref().map(held).transpose()
    }

    /// Its sealed pieces, in order.
    ///
    /// # Errors
    /// What the database says.
    pub async fn held_pieces(&mut self, id: HeldMailId) -> Result<Vec<String>, StoreError> {
        self.tx.all(PIECES, args![self.tenant, id]).await?.iter().map(|row| row.text(0)).collect()
    }

    /// Those that wait first, then those that a recipient asked for, then the most hostile, then the newest.
    ///
    /// # Errors
    /// What the database says.
    pub async fn held_mails(&mut self, query: HeldQuery<'_>, limit: u32) -> Result<Vec<HeldRow>, StoreError> {
        let state = query.state.map_or("", HeldState::code);
        let values = args![self.tenant, state, query.class, crate::like::holding(query.text), i64::from(limit)];
        self.tx.all(PAGE, values).await?.iter().map(held).collect()
    }

    /// Those since `since` in whose author or sender `text` stands somewhere, the newest first.
    ///
    /// # Errors
    /// What the database says.
    pub async fn held_of_sender(
        &mut self,
        text: &str,
        since: Timestamp,
        limit: u32,
    ) -> Result<Vec<HeldRow>, StoreError> {
        let values = args![self.tenant, since, crate::like::holding(text), i64::from(limit)];
        self.tx.all(OF_SENDER, values).await?.iter().map(held).collect()
    }

    /// How many wait for somebody.
    ///
    /// # Errors
    /// What the database says.
    pub async fn held_waiting(&mut self) -> Result<u64, StoreError> {
        Ok(u64::try_from(self.tx.number(WAITING, args![self.tenant]).await?).unwrap_or(0))
    }

    /// Throws a held message away; false when it is not held any more. Its row stays until its time is over.
    ///
    /// # Errors
    /// What the database says.
    pub async fn delete_held(&mut self, id: HeldMailId, by: &str, now: Timestamp) -> Result<bool, StoreError> {
        if self.tx.execute(DELETED, args![self.tenant, id, now, by]).await? == 0 {
            return Ok(false);
        }
        self.stop_parts(id).await?;
        self.empty_held(id).await?;
        Ok(true)
    }

    /// Removes the content of a message.
    ///
    /// # Errors
    /// What the database says.
    pub(crate) async fn empty_held(&mut self, id: HeldMailId) -> Result<(), StoreError> {
        self.tx.execute(EMPTY, args![self.tenant, id]).await.map(drop)
    }
}

//! Messages that must leave: written in the transaction of the act that causes them, sent at least once.

use crate::error::StoreError;
use crate::scope::{PlatformTx, TenantTx};
use crate::tx::{Row, args, to_json};
use baluardo_model::{OutboxId, TenantId, Timestamp};
use serde::{Deserialize, Serialize};

crate::statements! {
    PUT = "INSERT INTO outbox (tenant, message, kind, once_key, body, created_at, due_at, attempts, last_error, done_at)
        VALUES ($1, $2, 'mail', $3, $4, $5, $5, 0, '', NULL) ON CONFLICT (tenant, once_key) DO NOTHING";
    PUT_DIGEST = "INSERT INTO outbox (tenant, message, kind, once_key, body, created_at, due_at, attempts, last_error, done_at)
        VALUES ($1, $2, 'digest', $3, $4, $5, $5, 0, '', NULL) ON CONFLICT (tenant, once_key) DO NOTHING";
    DUE = "SELECT tenant, message, once_key, body, attempts FROM outbox
        WHERE done_at IS NULL AND due_at <= $1 ORDER BY due_at, message LIMIT $2";
    DONE = "UPDATE outbox SET done_at = $3, attempts = attempts + 1, last_error = '',
        body = CASE kind WHEN 'digest' THEN '' ELSE body END
        WHERE tenant = $1 AND message = $2 AND done_at IS NULL";
    LATER = "UPDATE outbox SET due_at = $3, attempts = attempts + 1, last_error = $4 WHERE tenant = $1 AND message = $2";
    WAITING = "SELECT COUNT(*) FROM outbox WHERE done_at IS NULL";
    TROUBLE = "SELECT COUNT(*), MIN(created_at), MAX(last_error) FROM outbox WHERE done_at IS NULL AND attempts > 0";
    KEEP_LOCAL = "INSERT INTO local_mail (tenant, message, recipient, subject, body, at) VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (tenant, message) DO NOTHING";
    LOCAL = "SELECT tenant, message, recipient, subject, body, at FROM local_mail ORDER BY at DESC, message DESC LIMIT $1";
}

/// A mail to be sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mail {
    /// The address of the person.
    pub to: String,
    /// Subject.
    pub subject: String,
    /// Plain text.
    pub text: String,
    /// The request that this mail answers, so that sending it is told in the request's log.
    pub request: Option<baluardo_model::RequestId>,
}

/// A message that is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueMail {
    /// Whose.
    pub tenant: TenantId,
    /// Which.
    pub id: OutboxId,
    /// Its idempotency key; it becomes the Message-ID, so that a receiver can drop a double.
    pub once_key: String,
    /// What to send.
    pub mail: Mail,
    /// How often it was tried.
    pub attempts: u64,
}

/// A mail kept by the local catch-all inbox instead of leaving.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LocalMail {
    /// Which.
    pub id: OutboxId,
    /// To whom it would have gone.
    pub to: String,
    /// Subject.
    pub subject: String,
    /// Plain text.
    pub text: String,
    /// When it would have left.
    pub at: Timestamp,
}

/// Mails that were tried in vain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MailTrouble {
    /// How many.
    pub count: u64,
    /// Since when the oldest waits.
    pub since: Timestamp,
    /// What the mail server said to one of them.
    pub why: String,
}

fn due(row: &Row) -> Result<DueMail, StoreError> {
    Ok(DueMail {
        tenant: row.parsed(0, "outbox", "tenant")?,
        id: row.parsed(1, "outbox", "message")?,
        once_key: row.text(2)?,
        mail: row.json(3, "outbox", "body")?,
        attempts: row.count(4)?,
    })
}

impl TenantTx<'_> {
    /// Puts a mail into the outbox; the same key twice is one mail.
    ///
    /// # Errors
    /// What the database says.
    pub async fn put_mail(
        &mut self,
        id: OutboxId,
        once_key: &str,
        mail: &Mail,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.tx.execute(PUT, args![self.tenant, id, once_key, to_json(mail), now]).await.map(drop)
    }

    /// Puts a letter about held mail into the outbox; false when one with this key is there. Once it left, nothing of what it says is
    /// kept here.
    ///
    /// # Errors
    /// What the database says.
    pub async fn put_digest(
        &mut self,
        id: OutboxId,
        once_key: &str,
        mail: &Mail,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        Ok(self.tx.execute(PUT_DIGEST, args![self.tenant, id, once_key, to_json(mail), now]).await? == 1)
    }
}

impl PlatformTx<'_> {
    /// Mails whose time has come, oldest first.
    ///
    /// # Errors
    /// What the database says.
    pub async fn due_mail(&mut self, now: Timestamp, limit: u32) -> Result<Vec<DueMail>, StoreError> {
        self.tx.all(DUE, args![now, i64::from(limit)]).await?.iter().map(due).collect()
    }

    /// Notes that a mail left; `false` when that was noted before.
    ///
    /// # Errors
    /// What the database says.
    pub async fn mail_left(&mut self, mail: &DueMail, now: Timestamp) -> Result<bool, StoreError> {
        Ok(self.tx.execute(DONE, args![mail.tenant, mail.id, now]).await? == 1)
    }

    /// Notes that a mail could not leave, why, and when to try again.
    ///
    /// # Errors
    /// What the database says.
    pub async fn mail_later(&mut self, mail: &DueMail, again: Timestamp, why: &str) -> Result<(), StoreError> {
        self.tx.execute(LATER, args![mail.tenant, mail.id, again, why]).await.map(drop)
    }

    /// How many mails wait.
    ///
    /// # Errors
    /// What the database says.
    pub async fn mail_waiting(&mut self) -> Result<u64, StoreError> {
        Ok(u64::try_from(self.tx.number(WAITING, args![]).await?).unwrap_or(0))
    }

    /// How many mails were tried in vain so far, since when the oldest waits, and one of the reasons.
    ///
    /// # Errors
    /// What the database says.
    pub async fn mail_in_trouble(&mut self) -> Result<Option<MailTrouble>, StoreError> {
        let Some(row) = self.tx.optional(TROUBLE, args![]).await? else { return Ok(None) };
        let Some(since) = row.time_or_null(1)? else { return Ok(None) };
        Ok(Some(MailTrouble { count: row.count(0)?, since, why: row.text_or_null(2)?.unwrap_or_default() }))
    }

    /// Keeps a mail in the local inbox.
    ///
    /// # Errors
    /// What the database says.
    pub async fn keep_local_mail(&mut self, mail: &DueMail, now: Timestamp) -> Result<(), StoreError> {
        let values = args![
            mail.tenant,
            mail.id,
            mail.mail.to.as_str(),
            mail.mail.subject.as_str(),
            mail.mail.text.as_str(),
            now,
        ];
        self.tx.execute(KEEP_LOCAL, values).await.map(drop)
    }

    /// The newest mails of the local inbox.
    ///
    /// # Errors
    /// What the database says.
    pub async fn local_mail(&mut self, limit: u32) -> Result<Vec<LocalMail>, StoreError> {
        let rows = self.tx.all(LOCAL, args![i64::from(limit)]).await?;
        rows.iter()
            .map(|row| {
                Ok(LocalMail {
                    id: row.parsed(1, "local_mail", "message")?,
                    to: row.text(2)?,
                    subject: row.text(3)?,
                    text: row.text(4)?,
                    at: row.time(5)?,
                })
            })
            .collect()
    }
}

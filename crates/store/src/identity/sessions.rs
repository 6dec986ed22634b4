//! Signed-in browsers, kept as the hash of their cookie.

use crate::error::StoreError;
use crate::identity::people::{StoredPerson, stored_at};
use crate::scope::{PlatformTx, TenantTx};
use crate::tx::args;
use baluardo_model::{PersonId, Timestamp};

crate::statements! {
    INSERT = "INSERT INTO session (tenant, secret_hash, person, csrf, created_at, seen_at, expires_at, ended_at,
        proved_at) VALUES ($1, $2, $3, $4, $5, $5, $6, NULL, $5)";
    FIND = "SELECT s.csrf, s.created_at, s.seen_at, s.expires_at, s.ended_at, s.proved_at,
        p.tenant, p.person, p.email, p.name, p.role, p.office, p.created_at, p.disabled_at
        FROM session s JOIN person p ON p.tenant = s.tenant AND p.person = s.person WHERE s.secret_hash = $1";
    PROVED = "UPDATE session SET proved_at = $3 WHERE tenant = $1 AND secret_hash = $2 AND ended_at IS NULL";
    SEEN = "UPDATE session SET seen_at = $3 WHERE tenant = $1 AND secret_hash = $2 AND seen_at < $3";
    END = "UPDATE session SET ended_at = $3 WHERE tenant = $1 AND secret_hash = $2 AND ended_at IS NULL";
    END_ALL = "UPDATE session SET ended_at = $3 WHERE tenant = $1 AND person = $2 AND ended_at IS NULL
        AND expires_at > $3";
    END_OTHERS = "UPDATE session SET ended_at = $3 WHERE tenant = $1 AND person = $2 AND ended_at IS NULL
        AND expires_at > $3 AND secret_hash <> $4";
    SWEEP = "DELETE FROM session WHERE expires_at < $1";
}

/// A session as the database knows it, with its person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredSession {
    /// Token that forms carry.
    pub csrf: String,
    /// Since when.
    pub created_at: Timestamp,
    /// When it was last used, to the minute.
    pub seen_at: Timestamp,
    /// When it ends at the latest.
    pub expires_at: Timestamp,
    /// When it was ended by hand.
    pub ended_at: Option<Timestamp>,
    /// When its holder last proved who they are.
    pub proved_at: Timestamp,
    /// Who.
    pub person: StoredPerson,
}

impl TenantTx<'_> {
    /// Keeps a new session, of somebody who has just proved who they are.
    ///
    /// # Errors
    /// What the database says.
    pub async fn insert_session(
        &mut self,
        secret_hash: &str,
        person: PersonId,
        csrf: &str,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<(), StoreError> {
        self.tx.execute(INSERT, args![self.tenant, secret_hash, person, csrf, now, expires_at]).await.map(drop)
    }

    /// Notes that the holder of a session proved who they are; `false` when the session has ended.
    ///
    /// # Errors
    /// What the database says.
    pub async fn session_proved(&mut self, secret_hash: &str, now: Timestamp) -> Result<bool, StoreError> {
        Ok(self.tx.execute(PROVED, args![self.tenant, secret_hash, now]).await? == 1)
    }

    /// Notes that a session was used.
    ///
    /// # Errors
    /// What the database says.
    pub async fn session_seen(&mut self, secret_hash: &str, now: Timestamp) -> Result<(), StoreError> {
        self.tx.execute(SEEN, args![self.tenant, secret_hash, now]).await.map(drop)
    }

    /// Ends a session; `false` when it had ended.
    ///
    /// # Errors
    /// What the database says.
    pub async fn end_session(&mut self, secret_hash: &str, now: Timestamp) -> Result<bool, StoreError> {
        Ok(self.tx.execute(END, args![self.tenant, secret_hash, now]).await? == 1)
    }

    /// Ends every session of a person and tells how many there were.
    ///
    /// # Errors
    /// What the database says.
    pub async fn end_sessions(&mut self, person: PersonId, now: Timestamp) -> Result<u64, StoreError> {
        self.tx.execute(END_ALL, args![self.tenant, person, now]).await
    }

    /// Ends every session of a person but one, and tells how many there were.
    ///
    /// # Errors
    /// What the database says.
    pub async fn end_other_sessions(&mut self, person: PersonId, but: &str, now: Timestamp) -> Result<u64, StoreError> {
        self.tx.execute(END_OTHERS, args![self.tenant, person, now, but]).await
    }
}

impl PlatformTx<'_> {
    /// The session with this hash, ended or not.
    ///
    /// # Errors
    /// What the database says.
    pub async fn find_session(&mut self, secret_hash: &str) -> Result<Option<StoredSession>, StoreError> {
        let Some(row) = self.tx.optional(FIND, args![secret_hash]).await? else { return Ok(None) };
        Ok(Some(StoredSession {
            csrf: row.text(0)?,
            created_at: row.time(1)?,
            seen_at: row.time(2)?,
            expires_at: row.time(3)?,
            ended_at: row.time_or_null(4)?,
            proved_at: row.time(5)?,
            person: stored_at(&row, 6)?,
        }))
    }

    /// Forgets sessions that expired before an instant.
    ///
    /// # Errors
    /// What the database says.
    pub async fn sweep_sessions(&mut self, before: Timestamp) -> Result<u64, StoreError> {
        self.tx.execute(SWEEP, args![before]).await
    }
}

//! Counters of tries, by subject (a hashed address, a network), so that guessing gets slower.

use crate::error::StoreError;
use crate::scope::PlatformTx;
use crate::tx::args;
use baluardo_model::Timestamp;

crate::statements! {
    GET = "SELECT failures, since FROM throttle WHERE tenant = 'platform' AND subject = $1";
    PUT = "INSERT INTO throttle (tenant, subject, failures, since) VALUES ('platform', $1, $2, $3)
        ON CONFLICT (tenant, subject) DO UPDATE SET failures = excluded.failures, since = excluded.since";
    GIVE_BACK = "UPDATE throttle SET failures = failures - 1
        WHERE tenant = 'platform' AND subject = $1 AND failures > 0";
    CLEAR = "DELETE FROM throttle WHERE tenant = 'platform' AND subject = $1";
    SWEEP = "DELETE FROM throttle WHERE since < $1";
}

/// How often something was tried, and when last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tries {
    /// How often.
    pub count: u64,
    /// When last.
    pub last: Timestamp,
}

impl PlatformTx<'_> {
    /// The counter of a subject. Holds the subject's turn, so that tries made at once are counted one by one.
    ///
    /// # Errors
    /// What the database says.
    pub async fn tries(&mut self, subject: &str) -> Result<Option<Tries>, StoreError> {
        self.tx.hold_turn(&format!("throttle {subject}")).await?;
        let Some(row) = self.tx.optional(GET, args![subject]).await? else { return Ok(None) };
        Ok(Some(Tries { count: row.count(0)?, last: row.time(1)? }))
    }

    /// Writes the counter of a subject.
    ///
    /// # Errors
    /// What the database says.
    pub async fn put_tries(&mut self, subject: &str, tries: Tries) -> Result<(), StoreError> {
        self.tx.execute(PUT, args![subject, tries.count, tries.last]).await.map(drop)
    }

    /// Takes one try back that turned out to be honest.
    ///
    /// # Errors
    /// What the database says.
    pub async fn give_back_try(&mut self, subject: &str) -> Result<(), StoreError> {
        self.tx.execute(GIVE_BACK, args![subject]).await.map(drop)
    }

    /// Forgets the tries of a subject.
    ///
    /// # Errors
    /// What the database says.
    pub async fn clear_tries(&mut self, subject: &str) -> Result<(), StoreError> {
        self.tx.execute(CLEAR, args![subject]).await.map(drop)
    }

    /// Forgets counters that did not move since an instant.
    ///
    /// # Errors
    /// What the database says.
    pub async fn sweep_tries(&mut self, before: Timestamp) -> Result<u64, StoreError> {
        self.tx.execute(SWEEP, args![before]).await
    }
}

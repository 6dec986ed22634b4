//! One-time links, kept as the hash of their secret.

use crate::error::StoreError;
use crate::scope::{PlatformTx, TenantTx};
use crate::tx::args;
use baluardo_model::{PersonId, TenantId, Timestamp};

crate::statements! {
    INSERT = "INSERT INTO signin_link (tenant, secret_hash, person, created_at, expires_at, used_at)
        VALUES ($1, $2, $3, $4, $5, NULL)";
    FIND = "SELECT tenant, person, expires_at, used_at FROM signin_link WHERE secret_hash = $1";
    USE = "UPDATE signin_link SET used_at = $3
        WHERE tenant = $1 AND secret_hash = $2 AND used_at IS NULL AND expires_at > $3";
    CLOSE = "UPDATE signin_link SET used_at = $3 WHERE tenant = $1 AND person = $2 AND used_at IS NULL";
    SWEEP = "DELETE FROM signin_link WHERE expires_at < $1";
}

/// A link as the database knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredLink {
    /// Whose tenant.
    pub tenant: TenantId,
    /// Whose.
    pub person: PersonId,
    /// Until when it is good.
    pub expires_at: Timestamp,
    /// When it was used, or closed because another one was.
    pub used_at: Option<Timestamp>,
}

impl TenantTx<'_> {
    /// Keeps a new link.
    ///
    /// # Errors
    /// What the database says.
    pub async fn insert_link(
        &mut self,
        secret_hash: &str,
        person: PersonId,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<(), StoreError> {
        self.tx.execute(INSERT, args![self.tenant, secret_hash, person, now, expires_at]).await.map(drop)
    }

    /// Uses a link up; `false` when it is used or expired. Of two at once only one gets `true`.
    ///
    /// # Errors
    /// What the database says.
    pub async fn use_link(&mut self, secret_hash: &str, now: Timestamp) -> Result<bool, StoreError> {
        Ok(self.tx.execute(USE, args![self.tenant, secret_hash, now]).await? == 1)
    }

    /// Closes every link of a person that is still open.
    ///
    /// # Errors
    /// What the database says.
    pub async fn close_links(&mut self, person: PersonId, now: Timestamp) -> Result<(), StoreError> {
        self.tx.execute(CLOSE, args![self.tenant, person, now]).await.map(drop)
    }
}

impl PlatformTx<'_> {
    /// The link with this hash.
    ///
    /// # Errors
    /// What the database says.
    pub async fn find_link(&mut self, secret_hash: &str) -> Result<Option<StoredLink>, StoreError> {
        let Some(row) = self.tx.optional(FIND, args![secret_hash]).await? else { return Ok(None) };
        Ok(Some(StoredLink {
            tenant: row.parsed(0, "signin_link", "tenant")?,
            person: row.parsed(1, "signin_link", "person")?,
            expires_at: row.time(2)?,
            used_at: row.time_or_null(3)?,
        }))
    }

    /// Forgets links that expired before an instant.
    ///
    /// # Errors
    /// What the database says.
    pub async fn sweep_links(&mut self, before: Timestamp) -> Result<u64, StoreError> {
        self.tx.execute(SWEEP, args![before]).await
    }
}

//! Passkey ceremonies between their two halves.

use crate::error::StoreError;
use crate::scope::{PlatformTx, TenantTx};
use crate::tx::args;
use baluardo_model::{PersonId, TenantId, Timestamp};

crate::statements! {
    INSERT = "INSERT INTO ceremony (tenant, secret_hash, person, kind, state, expires_at)
        VALUES ($1, $2, $3, $4, $5, $6)";
    TAKE = "DELETE FROM ceremony WHERE secret_hash = $1 RETURNING tenant, person, kind, state, expires_at";
    SWEEP = "DELETE FROM ceremony WHERE expires_at < $1";
}

/// A ceremony that was begun.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ceremony {
    /// Whose tenant.
    pub tenant: TenantId,
    /// Whose.
    pub person: PersonId,
    /// `setup` or `signin`.
    pub kind: String,
    /// What the second half needs, as JSON.
    pub state: String,
    /// Until when the second half may come.
    pub expires_at: Timestamp,
}

impl TenantTx<'_> {
    /// Keeps the first half; its tenant is that of the scope, whatever the struct says.
    ///
    /// # Errors
    /// What the database says.
    pub async fn begin_ceremony(&mut self, secret_hash: &str, new: &Ceremony) -> Result<(), StoreError> {
        let values = args![self.tenant, secret_hash, new.person, new.kind.as_str(), new.state.as_str(), new.expires_at];
        self.tx.execute(INSERT, values).await.map(drop)
    }
}

impl PlatformTx<'_> {
    /// Takes a ceremony out, so that its challenge answers once.
    ///
    /// # Errors
    /// What the database says.
    pub async fn take_ceremony(&mut self, secret_hash: &str) -> Result<Option<Ceremony>, StoreError> {
        let Some(row) = self.tx.optional(TAKE, args![secret_hash]).await? else { return Ok(None) };
        Ok(Some(Ceremony {
            tenant: row.parsed(0, "ceremony", "tenant")?,
            person: row.parsed(1, "ceremony", "person")?,
            kind: row.text(2)?,
            state: row.text(3)?,
            expires_at: row.time(4)?,
        }))
    }

    /// Forgets ceremonies that expired before an instant.
    ///
    /// # Errors
    /// What the database says.
    pub async fn sweep_ceremonies(&mut self, before: Timestamp) -> Result<u64, StoreError> {
        self.tx.execute(SWEEP, args![before]).await
    }
}

//! One-time enrolment tokens: the database keeps only their hash.

use crate::error::StoreError;
use crate::scope::{PlatformTx, TenantTx};
use crate::tx::{Row, args};
use baluardo_model::{DeviceId, TenantId, Timestamp};
use serde::Serialize;

crate::statements! {
    INSERT = "INSERT INTO enrol_token (tenant, secret_hash, label, created_by, created_at, expires_at, used_at, device)
        VALUES ($1, $2, $3, $4, $5, $6, NULL, NULL)";
    FIND = "SELECT tenant, secret_hash, label, created_by, created_at, expires_at, used_at, device FROM enrol_token
        WHERE secret_hash = $1";
    OPEN = "SELECT tenant, secret_hash, label, created_by, created_at, expires_at, used_at, device FROM enrol_token
        WHERE tenant = $1 AND used_at IS NULL AND expires_at > $2 ORDER BY created_at DESC, secret_hash";
    USE = "UPDATE enrol_token SET used_at = $3, device = $4 WHERE tenant = $1 AND secret_hash = $2 AND used_at IS NULL";
    WITHDRAW = "UPDATE enrol_token SET expires_at = 0 WHERE tenant = $1 AND secret_hash = $2 AND used_at IS NULL
        AND expires_at > $3";
}

/// An enrolment token as the database knows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EnrolTokenRow {
    /// The tenant that a device joins with it.
    pub tenant: TenantId,
    /// Hash of its secret; it names the token.
    pub id: String,
    /// What its maker wrote on it.
    pub label: String,
    /// Name of who made it.
    pub created_by: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends; 0 when it was withdrawn.
    pub expires_at: Timestamp,
    /// When it was used.
    pub used_at: Option<Timestamp>,
    /// The device that used it.
    pub device: Option<String>,
}

fn token(row: &Row) -> Result<EnrolTokenRow, StoreError> {
    Ok(EnrolTokenRow {
        tenant: row.parsed(0, "enrol_token", "tenant")?,
        id: row.text(1)?,
        label: row.text(2)?,
        created_by: row.text(3)?,
        created_at: row.time(4)?,
        expires_at: row.time(5)?,
        used_at: row.time_or_null(6)?,
        device: row.text_or_null(7)?,
    })
}

impl TenantTx<'_> {
    /// Keeps a new token under the hash of its secret.
    ///
    /// # Errors
    /// What the database says.
    pub async fn insert_enrol_token(
        &mut self,
        secret_hash: &str,
        label: &str,
        created_by: &str,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<(), StoreError> {
        self.tx.execute(INSERT, args![self.tenant, secret_hash, label, created_by, now, expires_at]).await.map(drop)
    }

    /// Tokens that can still be used, newest first.
    ///
    /// # Errors
    /// What the database says.
    pub async fn open_enrol_tokens(&mut self, now: Timestamp) -> Result<Vec<EnrolTokenRow>, StoreError> {
        self.tx.all(OPEN, args![self.tenant, now]).await?.iter().map(token).collect()
    }

    /// Uses a token up for `device`; false when it was used by somebody else meanwhile.
    ///
    /// # Errors
    /// What the database says.
    pub async fn use_enrol_token(&mut self, id: &str, device: DeviceId, now: Timestamp) -> Result<bool, StoreError> {
        Ok(self.tx.execute(USE, args![self.tenant, id, now, device]).await? == 1)
    }

    /// Makes a token useless; false when there is no such open token.
    ///
    /// # Errors
    /// What the database says.
    pub async fn withdraw_enrol_token(&mut self, id: &str, now: Timestamp) -> Result<bool, StoreError> {
        Ok(self.tx.execute(WITHDRAW, args![self.tenant, id, now]).await? == 1)
    }
}

impl PlatformTx<'_> {
    /// The token with this hash, of whatever tenant: it is how an unknown device says where it belongs.
    ///
    /// # Errors
    /// What the database says.
    pub async fn find_enrol_token(&mut self, secret_hash: &str) -> Result<Option<EnrolTokenRow>, StoreError> {
        self.tx.optional(FIND, args![secret_hash]).await?.as_ref().map(token).transpose()
    }
}

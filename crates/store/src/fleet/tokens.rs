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
    LIST = "SELECT t.tenant, t.secret_hash, t.label, t.created_by, t.created_at, t.expires_at, t.used_at, t.device,
        d.hostname FROM enrol_token t LEFT JOIN device d ON d.tenant = t.tenant AND d.device = t.device
        WHERE t.tenant = $1 AND (t.created_at > $2 OR (t.used_at IS NULL AND t.expires_at > $3))
        ORDER BY t.created_at DESC, t.secret_hash LIMIT $4";
    USE = "UPDATE enrol_token SET used_at = $3, device = $4 WHERE tenant = $1 AND secret_hash = $2 AND used_at IS NULL";
    WITHDRAW = "UPDATE enrol_token SET expires_at = 0 WHERE tenant = $1 AND secret_hash = $2 AND used_at IS NULL
        AND expires_at > $3 RETURNING label";
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

impl EnrolTokenRow {
    /// Whether it was withdrawn before its time.
    #[must_use]
    pub fn is_withdrawn(&self) -> bool {
        self.expires_at == WITHDRAWN
    }
}

/// The end of a token that was withdrawn: no token was ever good at that instant.
const WITHDRAWN: Timestamp = Timestamp::from_micros(0);

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

    /// Tokens that can still be used at `now`, and those made after `since`, newest first, at most `limit`; each with
    /// the name of the device that used it.
    ///
    /// # Errors
    /// What the database says.
    pub async fn enrol_tokens(
        &mut self,
        since: Timestamp,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<(EnrolTokenRow, Option<String>)>, StoreError> {
        let rows = self.tx.all(LIST, args![self.tenant, since, now, i64::from(limit)]).await?;
        rows.iter().map(|row| Ok((token(row)?, row.text_or_null(8)?))).collect()
    }

    /// Uses a token up for `device`; false when it was used by somebody else meanwhile.
    ///
    /// # Errors
    /// What the database says.
    pub async fn use_enrol_token(&mut self, id: &str, device: DeviceId, now: Timestamp) -> Result<bool, StoreError> {
        Ok(self.tx.execute(USE, args![self.tenant, id, now, device]).await? == 1)
    }

    /// Makes a token useless and tells what was written on it; none when there is no such open token.
    ///
    /// # Errors
    /// What the database says.
    pub async fn withdraw_enrol_token(&mut self, id: &str, now: Timestamp) -> Result<Option<String>, StoreError> {
        self.tx.optional(WITHDRAW, args![self.tenant, id, now]).await?.map(|row| row.text(0)).transpose()
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

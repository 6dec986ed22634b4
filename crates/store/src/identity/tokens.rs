//! Tokens for the JSON API, kept as the hash of their secret.

use crate::error::StoreError;
use crate::scope::{PlatformTx, TenantTx};
use crate::tx::{Row, args, to_json};
use baluardo_model::identity::Role;
use baluardo_model::{ApiTokenId, PersonId, TenantId, Timestamp};

crate::statements! {
    INSERT = "INSERT INTO api_token (tenant, token, secret_hash, name, role, scopes, created_at, expires_at, revoked_at,
        used_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, NULL, NULL)";
    LIST = "SELECT tenant, token, name, role, scopes, created_at, expires_at, revoked_at, used_at FROM api_token
        WHERE tenant = $1 ORDER BY created_at DESC, token";
    FIND = "SELECT tenant, token, name, role, scopes, created_at, expires_at, revoked_at, used_at FROM api_token
        WHERE secret_hash = $1";
    REVOKE = "UPDATE api_token SET revoked_at = $3 WHERE tenant = $1 AND token = $2 AND revoked_at IS NULL";
    REVOKE_OF = "UPDATE api_token SET revoked_at = $3 WHERE tenant = $1 AND revoked_at IS NULL
        AND 'token ' || token IN (SELECT target FROM audit WHERE tenant = $1 AND act = 'tokens.create' AND actor = $2)";
    USED = "UPDATE api_token SET used_at = $3 WHERE tenant = $1 AND token = $2";
    COUNT = "SELECT COUNT(*) FROM api_token WHERE tenant = $1 AND token = $2";
}

/// A token as the database knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredToken {
    /// Whose.
    pub tenant: TenantId,
    /// Which.
    pub id: ApiTokenId,
    /// What its maker calls it.
    pub name: String,
    /// The role that it acts as.
    pub role: Role,
    /// What it may do, by the words of acts.
    pub scopes: Vec<String>,
    /// Since when.
    pub created_at: Timestamp,
    /// Until when.
    pub expires_at: Timestamp,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
    /// When it was last used, to the minute.
    pub used_at: Option<Timestamp>,
}

fn token(row: &Row) -> Result<StoredToken, StoreError> {
    Ok(StoredToken {
        tenant: row.parsed(0, "api_token", "tenant")?,
        id: row.parsed(1, "api_token", "token")?,
        name: row.text(2)?,
        role: row.coded(3, Role::from_code, "api_token", "role")?,
        scopes: row.json(4, "api_token", "scopes")?,
        created_at: row.time(5)?,
        expires_at: row.time(6)?,
        revoked_at: row.time_or_null(7)?,
        used_at: row.time_or_null(8)?,
    })
}

impl TenantTx<'_> {
    /// Keeps a new token; its tenant is that of the scope, whatever the struct says.
    ///
    /// # Errors
    /// What the database says.
    pub async fn insert_token(&mut self, new: &StoredToken, secret_hash: &str) -> Result<(), StoreError> {
        let values = args![
            self.tenant,
            new.id,
            secret_hash,
            new.name.as_str(),
            new.role.code(),
            to_json(&new.scopes),
            new.created_at,
            new.expires_at,
        ];
        self.tx.execute(INSERT, values).await.map(drop)
    }

    /// Every token of this tenant, the newest first.
    ///
    /// # Errors
    /// What the database says.
    pub async fn tokens(&mut self) -> Result<Vec<StoredToken>, StoreError> {
        self.tx.all(LIST, args![self.tenant]).await?.iter().map(token).collect()
    }

    /// Notes that a token was used.
    ///
    /// # Errors
    /// What the database says.
    pub async fn token_used(&mut self, id: ApiTokenId, now: Timestamp) -> Result<(), StoreError> {
        self.tx.execute(USED, args![self.tenant, id, now]).await.map(drop)
    }

    /// Revokes a token: `None` when there is none, `false` when it was revoked before.
    ///
    /// # Errors
    /// What the database says.
    pub async fn revoke_token(&mut self, id: ApiTokenId, now: Timestamp) -> Result<Option<bool>, StoreError> {
        if self.tx.number(COUNT, args![self.tenant, id]).await? == 0 {
            return Ok(None);
        }
        Ok(Some(self.tx.execute(REVOKE, args![self.tenant, id, now]).await? == 1))
    }
}

impl TenantTx<'_> {
    /// Revokes every token that this person made, as the log tells; gives how many.
    ///
    /// # Errors
    /// What the database says.
    pub async fn revoke_tokens_of(&mut self, maker: PersonId, now: Timestamp) -> Result<u64, StoreError> {
        self.tx.execute(REVOKE_OF, args![self.tenant, maker, now]).await
    }
}

impl PlatformTx<'_> {
    /// The token with this hash, revoked or not.
    ///
    /// # Errors
    /// What the database says.
    pub async fn find_token(&mut self, secret_hash: &str) -> Result<Option<StoredToken>, StoreError> {
        self.tx.optional(FIND, args![secret_hash]).await?.as_ref().map(token).transpose()
    }
}

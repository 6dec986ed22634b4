//! Lists and revokes tokens for the JSON API.

use crate::audit::record;
use crate::error::Error;
use crate::house::House;
use crate::rights::{Act, tenant_scope};
use baluardo_model::identity::{Actor, Role};
use baluardo_model::{ApiTokenId, TenantId, Timestamp};
use serde::Serialize;

/// A token, as the list shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TokenView {
    /// Which.
    pub id: ApiTokenId,
    /// What its maker calls it.
    pub name: String,
    /// The role that it acts as.
    pub role: Role,
    /// What it may do.
    pub scopes: Vec<String>,
    /// Since when.
    pub created_at: Timestamp,
    /// Until when.
    pub expires_at: Timestamp,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
    /// When it was last used, to the minute.
    pub used_at: Option<Timestamp>,
    /// Whether it works now.
    pub works: bool,
}

/// Every token of a tenant, the newest first.
///
/// # Errors
/// As [`tenant_scope`].
#[crate::act]
pub async fn list_tokens(house: &House, actor: &Actor, tenant: TenantId) -> Result<Vec<TokenView>, Error> {
    let now = house.now();
    let mut tx = house.store.read().await?;
    let scope = tenant_scope(&mut tx, actor, Act::ManageTokens, tenant).await?;
    let tokens = tx.tenant(scope).tokens().await?;
    let view = |token: baluardo_store::identity::StoredToken| TokenView {
        works: token.revoked_at.is_none() && token.expires_at > now,
        id: token.id,
        name: token.name,
        role: token.role,
        scopes: token.scopes,
        created_at: token.created_at,
        expires_at: token.expires_at,
        revoked_at: token.revoked_at,
        used_at: token.used_at,
    };
    Ok(tokens.into_iter().map(view).collect())
}

/// Revokes a token at once. Doing it twice is fine.
///
/// # Errors
/// As [`tenant_scope`]; [`Error::NotFound`] for a token of another tenant.
#[crate::act]
pub async fn revoke_token(house: &House, actor: &Actor, tenant: TenantId, token: ApiTokenId) -> Result<(), Error> {
    let mut tx = house.store.write().await?;
    let scope = tenant_scope(&mut tx, actor, Act::ManageTokens, tenant).await?;
    if tx.tenant(scope).revoke_token(token, house.now()).await?.ok_or(Error::NotFound)? {
        record(house, &mut tx, scope, actor, "tokens.revoke", format!("token {token}"), "").await?;
    }
    tx.commit().await?;
    Ok(())
}

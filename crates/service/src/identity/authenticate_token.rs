//! Recognises the bearer of a token for the JSON API.

use crate::error::Error;
use crate::house::House;
use crate::identity::create_token::PREFIX;
use crate::identity::session::NOTED;
use crate::rights::platform_scope;
use crate::secret;
use baluardo_model::identity::Actor;

/// The actor that a bearer secret stands for; nobody when it is unknown, expired or revoked.
///
/// # Errors
/// What the store says.
#[crate::act]
pub async fn authenticate_token(house: &House, bearer: &str) -> Result<Option<Actor>, Error> {
    if !bearer.starts_with(PREFIX) {
        return Ok(None);
    }
    let now = house.now();
    let mut tx = house.store.read().await?;
    let found = tx.platform().find_token(&secret::hash(bearer)).await?;
    let Some(token) = found.filter(|token| token.revoked_at.is_none() && token.expires_at > now) else {
        return Ok(None);
    };
    // On SQLite in memory readers and the writer share one connection, so the reading ends first.
    drop(tx);
    if token.used_at.is_none_or(|used| now.since(used) >= NOTED) {
        let mut tx = house.store.write().await?;
        tx.tenant(platform_scope(token.tenant)).token_used(token.id, now).await?;
        tx.commit().await?;
    }
    Ok(Some(Actor::Token { id: token.id, tenant: token.tenant, role: token.role, scopes: token.scopes }))
}

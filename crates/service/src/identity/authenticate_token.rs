//! Recognises the bearer of a token for the JSON API.

use crate::error::Error;
use crate::house::House;
use crate::identity::create_token::PREFIX;
use crate::secret;
use baluardo_model::identity::Actor;

/// The actor that a bearer secret stands for; nobody when it is unknown, expired or revoked.
///
/// # Errors
/// What the store says.
pub async fn authenticate_token(house: &House, bearer: &str) -> Result<Option<Actor>, Error> {
    if !bearer.starts_with(PREFIX) {
        return Ok(None);
    }
    let mut tx = house.store.read().await?;
    let found = tx.platform().find_token(&secret::hash(bearer)).await?;
    let good = found.filter(|token| token.revoked_at.is_none() && token.expires_at > house.now());
    Ok(good.map(|token| Actor::Token { id: token.id, tenant: token.tenant, role: token.role, scopes: token.scopes }))
}

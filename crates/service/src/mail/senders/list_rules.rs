//! The rules of a comune for senders.

use crate::error::Error;
use crate::house::House;
use crate::rights::{Act, tenant_scope};
use baluardo_model::TenantId;
use baluardo_model::identity::Actor;
use baluardo_store::mail::rules::SenderRule;

/// The most rules that are shown.
const MAX_ROWS: u32 = 2_500;

/// Rules in whose subject or reason `text` stands: those that stand first, then the newest.
///
/// # Errors
/// As [`tenant_scope`].
#[crate::act]
pub async fn list_sender_rules(
    house: &House,
    actor: &Actor,
    tenant: TenantId,
    text: &str,
) -> Result<Vec<SenderRule>, Error> {
    let mut tx = house.store.read().await?;
    let scope = tenant_scope(&mut tx, actor, Act::RuleSenders, tenant).await?;
    Ok(tx.tenant(scope).sender_rules(text, house.now(), MAX_ROWS).await?)
}

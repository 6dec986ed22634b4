//! Ends a rule for a sender before its time.

use crate::audit::record;
use crate::error::Error;
use crate::fleet::actor_name;
use crate::house::House;
use crate::rights::{Act, tenant_scope};
use baluardo_model::identity::Actor;
use baluardo_model::{SenderRuleId, TenantId};

/// Withdraws a rule.
///
/// # Errors
/// [`Error::NotFound`] when the tenant has no such rule; [`Error::Conflict`] `mail.rule_over` when it does not stand any more; as
/// [`tenant_scope`].
#[crate::act]
pub async fn withdraw_sender_rule(
    house: &House,
    actor: &Actor,
    tenant: TenantId,
    id: SenderRuleId,
) -> Result<(), Error> {
    let mut tx = house.store.write().await?;
    let scope = tenant_scope(&mut tx, actor, Act::RuleSenders, tenant).await?;
    let rule = tx.tenant(scope).sender_rule(id).await?.ok_or(Error::NotFound)?;
    if !tx.tenant(scope).end_sender_rule(id, &actor_name(actor), house.now()).await? {
        return Err(Error::conflict("mail.rule_over", "this rule is over already"));
    }
    record(house, &mut tx, scope, actor, "mail.sender_rule_withdrawn", format!("rule {id}"), rule.act.code()).await?;
    tx.commit().await?;
    Ok(())
}

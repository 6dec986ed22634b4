//! Allows or blocks a sender for some time.

use super::rule_form::{NewSenderRule, checked};
use crate::audit::record;
use crate::error::Error;
use crate::fleet::actor_name;
use crate::house::House;
use crate::rights::{Act, tenant_scope};
use baluardo_model::identity::Actor;
use baluardo_model::{SenderRuleId, TenantId};
use baluardo_store::mail::rules::SenderRule;
use std::time::Duration;

/// The most rules of one tenant that stand.
const MOST_RULES: u64 = 2_000;
/// One day.
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Makes a rule; an earlier one on the same subject ends. The log names the rule by its id, never the sender.
///
/// # Errors
/// [`Error::Invalid`] for each field that is wrong; [`Error::Conflict`] `mail.rules_many`; as [`tenant_scope`].
#[crate::act]
pub async fn make_sender_rule(
    house: &House,
    actor: &Actor,
    tenant: TenantId,
    new: &NewSenderRule,
) -> Result<SenderRule, Error> {
    let mut tx = house.store.write().await?;
    let scope = tenant_scope(&mut tx, actor, Act::RuleSenders, tenant).await?;
    let own = tx.tenant(scope).mail_domains().await?;
    let form = checked(new, &own)?;
    let now = house.now();
    if tx.tenant(scope).standing_sender_rules(now).await? >= MOST_RULES {
        return Err(Error::conflict("mail.rules_many", format!("at most {MOST_RULES} rules: withdraw some first")));
    }
    let rule = SenderRule {
        id: SenderRuleId::new(now, house.chance.as_ref()),
        act: new.act,
        subject: form.subject.as_str().to_owned(),
        reason: form.reason,
        made_by: actor_name(actor),
        made_at: now,
        ends_at: now.plus(DAY.saturating_mul(new.days)),
        ended_by: String::new(),
        ended_at: None,
    };
    tx.tenant(scope).make_sender_rule(&rule).await?;
    let kind = if form.subject.is_address() { "address" } else { "domain" };
    let detail = format!("{} one {kind} for {} days", rule.act.code(), new.days);
    record(house, &mut tx, scope, actor, "mail.sender_ruled", format!("rule {}", rule.id), &detail).await?;
    tx.commit().await?;
    Ok(rule)
}

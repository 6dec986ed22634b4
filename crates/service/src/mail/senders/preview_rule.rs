//! What a rule for a sender would have changed, before anybody makes it.

use super::rule_form::{NewSenderRule, checked_subject};
use super::seen::keyed_subject;
use super::writer::{Writer, address_in};
use crate::error::Error;
use crate::house::House;
use crate::mail::standing_policy;
use crate::rights::{Act, tenant_scope};
use baluardo_model::identity::Actor;
use baluardo_model::mail::senders::{SenderAct, SenderSeen, SenderSubject};
use baluardo_model::{HeldMailId, TenantId};
use baluardo_store::mail::held::HeldRow;
use baluardo_store::mail::rules::SenderRule;
use std::time::Duration;

/// How far back a preview looks, in days, where so much is kept.
const LOOKS_BACK: u32 = 30;
/// The most held messages that are looked at.
const MOST_HELD: u32 = 500;
/// One day.
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// What a rule would have changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RulePreview {
    /// What it would be about.
    pub subject: SenderSubject,
    /// Of how many days this tells: 30, or as long as anything of mail is kept.
    pub days: u32,
    /// Held messages that would have been delivered; none for a rule that blocks.
    pub freed: Vec<HeldRow>,
    /// Held messages of this sender that would have been held all the same.
    pub still_held: u64,
    /// Delivered messages that would have been held; 0 for a rule that allows. Nothing but this number is known of them.
    pub stopped: u64,
    /// The rule on this subject that stands, and that this one would end.
    pub replaces: Option<SenderRule>,
}

/// What `new` would have changed among the mail of the last 30 days. Only act and subject are looked at.
///
/// # Errors
/// [`Error::Invalid`] for a subject that is none; as [`tenant_scope`].
#[crate::act]
pub async fn preview_sender_rule(
    house: &House,
    actor: &Actor,
    tenant: TenantId,
    new: &NewSenderRule,
) -> Result<RulePreview, Error> {
    let mut tx = house.store.read().await?;
    let scope = tenant_scope(&mut tx, actor, Act::RuleSenders, tenant).await?;
    let own = tx.tenant(scope).mail_domains().await?;
    let subject = checked_subject(new, &own)?;
    let days = standing_policy(&mut tx, scope).await?.days().min(LOOKS_BACK);
    let since = house.now().minus(DAY.saturating_mul(days));
    let mut rows = tx.tenant(scope);
    let held = rows.held_of_sender(subject.as_str(), since, MOST_HELD).await?;
    let of_sender = |row: &HeldRow| match new.act {
        SenderAct::Allow => subject.covers(address_in(&row.author).unwrap_or_default()),
        SenderAct::Block => subject.covers(address_in(&row.author).unwrap_or_default()) || subject.covers(&row.sender),
    };
    let held: Vec<HeldRow> = held.into_iter().filter(of_sender).collect();
    let all = held.len();
    let freed: Vec<HeldRow> =
        held.into_iter().filter(|row| new.act == SenderAct::Allow && would_be_freed(row)).collect();
    let seen = rows.sender_seen(&keyed_subject(house, tenant, subject.as_str()), since).await?;
    let delivered = seen.iter().filter(|one| matches!(one.seen, SenderSeen::Delivered | SenderSeen::Unproven));
    let replaces = rows.sender_rules_about(&[subject.as_str().to_owned()], house.now()).await?.pop();
    Ok(RulePreview {
        days,
        still_held: (all - freed.len()) as u64,
        freed,
        stopped: if new.act == SenderAct::Block { delivered.map(|one| one.count).sum() } else { 0 },
        replaces,
        subject,
    })
}

/// Whether a rule that allows its sender would have let a held message through.
fn would_be_freed(row: &HeldRow) -> bool {
    let author = address_in(&row.author).unwrap_or_default();
    row.class != "malware" && Writer { author, sender: &row.sender, results: None }.is_proven()
}

/// The sender of a held message, for a form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SenderOfHeld {
    /// The address that the message says it comes from, or else the sender of its envelope.
    pub address: String,
}

/// Whom a rule would be about that somebody makes from a held message.
///
/// # Errors
/// [`Error::NotFound`] when the tenant holds no such message; as [`tenant_scope`].
#[crate::act]
pub async fn sender_of_held(
    house: &House,
    actor: &Actor,
    tenant: TenantId,
    id: HeldMailId,
) -> Result<SenderOfHeld, Error> {
    let mut tx = house.store.read().await?;
    let scope = tenant_scope(&mut tx, actor, Act::RuleSenders, tenant).await?;
    let row = tx.tenant(scope).held_mail(id).await?.ok_or(Error::NotFound)?;
    let address = address_in(&row.author).unwrap_or(&row.sender).to_lowercase();
    Ok(SenderOfHeld { address })
}

//! What a comune knows of a message on its way in, beside the message itself.

use super::reports::reported_as;
use super::senders::{Writer, acquaintance, rules_for};
use crate::error::Error;
use crate::house::House;
use crate::rights::platform_scope;
use baluardo_mail::{Fingerprint, Local};
use baluardo_model::TenantId;
use baluardo_model::mail::MailPolicy;
use baluardo_model::mail::senders::subjects_of;
use std::time::Duration;

/// How many subjects of author and of sender are asked for.
const SUBJECTS: usize = 5;
/// One day.
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A message on its way in.
#[derive(Clone, Copy, Debug)]
pub struct Newcomer<'a> {
    /// Who wrote it.
    pub writer: Writer<'a>,
    /// By what those like it are known.
    pub fingerprint: &'a Fingerprint,
}

/// What the comune knows: its rules for the writer, whether people reported such messages, how well it knows the writer.
///
/// # Errors
/// What the store says.
#[crate::act]
pub async fn know_locally(
    house: &House,
    tenant: TenantId,
    policy: &MailPolicy,
    mail: &Newcomer<'_>,
) -> Result<Local, Error> {
    let scope = platform_scope(tenant);
    let now = house.now();
    let mut tx = house.store.read().await?;
    let of = |address: &str| subjects_of(address).into_iter().take(SUBJECTS);
    let subjects: Vec<String> = of(mail.writer.author).chain(of(mail.writer.sender)).collect();
    let rules = tx.tenant(scope).sender_rules_about(&subjects, now).await?;
    let said = rules_for(&rules, &mail.writer);
    let reported = reported_as(house, &mut tx, scope, policy, mail.fingerprint).await?;
    let since = now.minus(DAY.saturating_mul(policy.days()));
    let acquaintance = acquaintance(house, &mut tx, scope, &mail.writer, since).await?;
    Ok(Local { blocked: said.blocked, allowed: said.allowed, reported, acquaintance })
}

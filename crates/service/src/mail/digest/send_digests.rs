//! Writes the letters that are due: a job of the server, once a minute.

use super::letter::{Told, letter};
use super::may_release::may_release;
use super::token::Claim;
use super::turn;
use crate::audit::record;
use crate::error::Error;
use crate::house::House;
use crate::identity::check_email;
use crate::mail::standing_policy;
use crate::rights::platform_scope;
use crate::secret;
use baluardo_model::identity::{Actor, Tenant};
use baluardo_model::mail::{DomainState, MailPolicy, domain_of};
use baluardo_model::{OutboxId, TenantId, Timestamp};
use baluardo_store::mail::digests::Untold;
use baluardo_store::{TenantScope, Tx};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// The most messages that a letter lists; of the others it gives the number.
const MOST_LISTED: usize = 50;
/// One day.
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// For how long a link is good, unless its message ends before.
const GOOD: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// Writes the letters of every comune whose hour has come, and gives how many. Those of a comune are one transaction with the mark on
/// their messages: so nobody is told twice of the same message and nobody is left out, whenever this breaks off. A comune whose
/// letters cannot be written does not hold back the others; its turn comes again.
///
/// # Errors
/// What the store says before any comune was looked at.
#[crate::act]
pub async fn send_digests(house: &House) -> Result<u64, Error> {
    let mut letters = 0;
    for tenant in due_tenants(house).await? {
        match write_letters(house, tenant).await {
            Ok(written) => letters += written,
            Err(error) => tracing::warn!(%tenant, %error, "the letters about held mail are written later"),
        }
    }
    Ok(letters)
}

/// Whose hour has come. Most of the time it is nobody's: that is found out without the turn of whoever writes.
async fn due_tenants(house: &House) -> Result<Vec<TenantId>, Error> {
    let mut tx = house.store.read().await?;
    let mut due = Vec::new();
    for (tenant, oldest) in tx.platform().tenants_with_untold().await? {
        match moment(house, &mut tx, tenant).await {
            Ok(Some((_, moment))) if oldest <= moment => due.push(tenant),
            Ok(_) => {}
            Err(error) => tracing::warn!(%tenant, %error, "when letters about held mail are due cannot be told"),
        }
    }
    Ok(due)
}

/// The policy of a comune with the moment for which its letters are due.
async fn moment(house: &House, tx: &mut Tx, tenant: TenantId) -> Result<Option<(MailPolicy, Timestamp)>, Error> {
    let scope = platform_scope(tenant);
    let policy = standing_policy(tx, scope).await?;
    let due = turn::due(tx, scope, &policy, house.now()).await?;
    Ok(due.map(|moment| (policy, moment)))
}

/// Those of one comune.
async fn write_letters(house: &House, id: TenantId) -> Result<u64, Error> {
    let (scope, now) = (platform_scope(id), house.now());
    let mut tx = house.store.write().await?;
    tx.tenant(scope).hold_digest().await?;
    let Some((policy, moment)) = moment(house, &mut tx, id).await? else { return Ok(0) };
    let untold = tx.tenant(scope).tell_held(moment, now).await?;
    if untold.is_empty() {
        return Ok(0);
    }
    turn::written(&mut tx, scope, moment).await?;
    let tenant = tx.platform().find_tenant(id).await?.ok_or(Error::NotFound)?;
    let people = by_recipient(&mut tx, scope, &untold).await?;
    let writer = Writer { house, scope, policy: &policy, tenant: &tenant, moment, now };
    let mut letters = 0;
    for (address, messages) in people {
        letters += u64::from(writer.write(&mut tx, &address, messages).await?);
    }
    if letters > 0 {
        let detail = format!("{letters} letters about {} messages", untold.len());
        record(house, &mut tx, scope, &Actor::Platform, "mail.digest_sent", "mail", &detail).await?;
    }
    tx.commit().await?;
    Ok(letters)
}

/// What came for each address of the comune's domains. What is no address that mail can be sent to gets no letter.
async fn by_recipient<'a>(
    tx: &mut Tx,
    scope: TenantScope,
    untold: &'a [Untold],
) -> Result<BTreeMap<String, Vec<&'a Untold>>, Error> {
    let domains = tx.tenant(scope).mail_domains().await?.into_iter();
    let own: BTreeSet<String> =
        domains.filter(|claim| claim.state == DomainState::Approved).map(|claim| claim.domain).collect();
    let mut people: BTreeMap<String, Vec<&Untold>> = BTreeMap::new();
    for message in untold {
        let addresses: BTreeSet<String> =
            message.recipients.iter().filter_map(|recipient| check_email("recipient", recipient).ok()).collect();
        for address in addresses {
            if domain_of(&address).is_some_and(|domain| own.contains(&domain)) {
                people.entry(address).or_default().push(message);
            }
        }
    }
    Ok(people)
}

/// Who writes the letters of one comune.
struct Writer<'a> {
    house: &'a House,
    scope: TenantScope,
    policy: &'a MailPolicy,
    tenant: &'a Tenant,
    moment: Timestamp,
    now: Timestamp,
}

impl Writer<'_> {
    /// Puts the letter to one address into the outbox, those messages first that are most likely wanted; false when there is nothing
    /// to tell.
    async fn write(&self, tx: &mut Tx, address: &str, mut messages: Vec<&Untold>) -> Result<bool, Error> {
        messages.retain(|message| self.end_of(message) > self.now);
        messages.sort_by_key(|message| (message.score, std::cmp::Reverse(message.taken_at)));
        let others = messages.len().saturating_sub(MOST_LISTED);
        messages.truncate(MOST_LISTED);
        let Some(oldest) = messages.iter().map(|message| message.taken_at).min() else { return Ok(false) };
        let mut told = Vec::with_capacity(messages.len());
        for message in messages {
            let row = tx.tenant(self.scope).held_mail(message.id).await?.ok_or(Error::NotFound)?;
            let until = self.end_of(message).min(self.now.plus(GOOD));
            let claim = Claim::new(&self.house.seal, self.tenant.id, message.id, address, until);
            let (token, may_release) = (claim.token(&self.house.seal), may_release(self.policy, &row));
            told.push(Told { row, may_release, token, until: claim.expires_at });
        }
        let mail = letter(self.house, self.tenant, address, &told, others);
        let key = format!("digest {} {}", self.moment.micros(), secret::hash(address));
        let id = OutboxId::new(self.now, self.house.chance.as_ref());
        let mut rows = tx.tenant(self.scope);
        let new = rows.put_digest(id, &key, &mail, self.now).await?;
        if new {
            rows.note_digest(id, oldest).await?;
        }
        Ok(new)
    }

    /// When a message is forgotten.
    fn end_of(&self, message: &Untold) -> Timestamp {
        message.taken_at.plus(DAY.saturating_mul(self.policy.days()))
    }
}

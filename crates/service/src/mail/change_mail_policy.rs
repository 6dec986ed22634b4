//! Changes what a comune wants to happen to its mail.

use super::digest::begin_anew;
use super::standing_policy::{SETTING, standing_policy};
use crate::audit::record;
use crate::error::Error;
use crate::house::House;
use crate::rights::{Act, tenant_scope};
use baluardo_model::TenantId;
use baluardo_model::identity::Actor;
use baluardo_model::mail::{MOST_DAYS, MOST_DAYS_WITH_BASIS, MailPolicy};

/// The most characters of what is put before a subject.
const MOST_PREFIX: usize = 40;
/// The last hour of a day.
const LAST_HOUR: u8 = 23;
/// The most characters of a legal basis.
const MOST_BASIS: usize = 1_000;

/// Keeps another policy. The comune alone changes it, whoever manages its devices.
///
/// # Errors
/// [`Error::Invalid`] `mail.prefix_bad`, `mail.days_out_of_range`, `mail.basis_missing`, `mail.basis_long` and `mail.hour_bad`; as
/// [`tenant_scope`].
#[crate::act]
pub async fn change_mail_policy(
    house: &House,
    actor: &Actor,
    tenant: TenantId,
    wanted: &MailPolicy,
) -> Result<MailPolicy, Error> {
    let policy = checked(wanted)?;
    let mut tx = house.store.write().await?;
    let scope = tenant_scope(&mut tx, actor, Act::ChangeMailPolicy, tenant).await?;
    let before = standing_policy(&mut tx, scope).await?;
    if before != policy {
        let text = serde_json::to_string(&policy).map_err(Error::internal)?;
        tx.tenant(scope).put_setting(SETTING, &text).await?;
        if before.share_reports && !policy.share_reports {
            tx.tenant(scope).unshare_alikes().await?;
        }
        if (before.digest, before.digest_hour) != (policy.digest, policy.digest_hour) {
            begin_anew(&mut tx, scope, house.now()).await?;
        }
        record(house, &mut tx, scope, actor, "mail.policy_changed", "mail policy", &difference(&before, &policy))
            .await?;
        tx.commit().await?;
    }
    Ok(policy)
}

fn checked(wanted: &MailPolicy) -> Result<MailPolicy, Error> {
    let policy = MailPolicy {
        prefix: wanted.prefix.trim().to_owned(),
        legal_basis: wanted.legal_basis.trim().to_owned(),
        ..wanted.clone()
    };
    if policy.prefix.chars().count() > MOST_PREFIX || !policy.prefix.chars().all(|c| c == ' ' || c.is_ascii_graphic()) {
        let message = format!("write at most {MOST_PREFIX} plain letters, such as [SOSPETTO]");
        return Err(Error::invalid("prefix", "mail.prefix_bad", message));
    }
    if policy.legal_basis.chars().count() > MOST_BASIS || policy.legal_basis.contains('\0') {
        return Err(Error::invalid("legal_basis", "mail.basis_long", format!("write at most {MOST_BASIS} characters")));
    }
    if policy.keep_days == 0 || policy.keep_days > MOST_DAYS_WITH_BASIS {
        let message = format!("give a number from 1 to {MOST_DAYS_WITH_BASIS}");
        return Err(Error::invalid("keep_days", "mail.days_out_of_range", message));
    }
    if policy.keep_days > MOST_DAYS && policy.legal_basis.is_empty() {
        let message = format!("write down the legal basis for more than {MOST_DAYS} days");
        return Err(Error::invalid("legal_basis", "mail.basis_missing", message));
    }
    if policy.digest_hour > LAST_HOUR {
        let message = format!("give an hour from 0 to {LAST_HOUR}");
        return Err(Error::invalid("digest_hour", "mail.hour_bad", message));
    }
    Ok(policy)
}

/// What changed, for the log.
fn difference(before: &MailPolicy, after: &MailPolicy) -> String {
    let mut parts = Vec::new();
    let mut part = |what: &str, old: &str, new: &str| {
        if old != new {
            parts.push(format!("{what}: {old} -> {new}"));
        }
    };
    part("on_suspicion", before.on_suspicion.code(), after.on_suspicion.code());
    part("on_trouble", before.on_trouble.code(), after.on_trouble.code());
    part("prefix", &before.prefix, &after.prefix);
    part("consortium", before.consortium.code(), after.consortium.code());
    part("keep_days", &before.keep_days.to_string(), &after.keep_days.to_string());
    part("legal_basis", &before.legal_basis, &after.legal_basis);
    part("share_reports", &before.share_reports.to_string(), &after.share_reports.to_string());
    part("digest", before.digest.code(), after.digest.code());
    part("digest_hour", &before.digest_hour.to_string(), &after.digest_hour.to_string());
    part("recipients_may", before.recipients_may.code(), after.recipients_may.code());
    parts.join("; ")
}

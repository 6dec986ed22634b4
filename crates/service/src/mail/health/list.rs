//! How the domains of a comune stand.

use super::keep::{MOST_MARKS, MOST_SELECTORS};
use super::own_domain;
use crate::audit::record;
use crate::error::Error;
use crate::house::House;
use crate::rights::{Act, tenant_scope};
use baluardo_mail::Language;
use baluardo_mail::health::{Check, Code, Publish, health_words};
use baluardo_model::identity::Actor;
use baluardo_model::mail::DomainState;
use baluardo_model::{TenantId, Timestamp};
use serde::Deserialize;

/// What is told of one check, in one language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckText {
    /// What was found, and what to do.
    pub text: String,
    /// Why it matters at all.
    pub why: String,
}

/// One thing that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HealthCheck {
    /// What it is about: `mx`, `spf`, `dkim`, `dmarc`, `mta_sts`, `tls_rpt`, `dnssec`, `blacklist`.
    pub topic: &'static str,
    /// What was found, a stable code.
    pub code: &'static str,
    /// `good`, `unknown`, `warning` or `bad`.
    pub grade: &'static str,
    /// In Italian.
    pub it: CheckText,
    /// In English.
    pub en: CheckText,
    /// What to publish instead: name, kind and value of each record.
    pub publish: Vec<(String, String, String)>,
}

/// A domain and how it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DomainHealth {
    /// Which.
    pub domain: String,
    /// The mark, `A` to `F`; nothing while none could be given.
    pub mark: Option<String>,
    /// The mark before it got worse, until somebody saw that.
    pub fallen_from: Option<String>,
    /// When this was found; nothing while it never could be.
    pub looked_at: Option<Timestamp>,
    /// When it was last tried; nothing while the server has not come to it yet.
    pub tried_at: Option<Timestamp>,
    /// What was found.
    pub checks: Vec<HealthCheck>,
    /// The marks that it had and since when, the newest first.
    pub marks: Vec<(Timestamp, String)>,
    /// Selectors that somebody here named.
    pub named: Vec<String>,
    /// Selectors with which receivers saw mail signed.
    pub reported: Vec<String>,
}

/// What stands in a row. A check of a later version that this one does not know is passed over.
#[derive(Deserialize)]
struct Kept {
    code: String,
    #[serde(default)]
    found: String,
    #[serde(default)]
    publish: Vec<Publish>,
}

/// Each domain for which the comune answers.
///
/// # Errors
/// As [`tenant_scope`].
#[crate::act]
pub async fn list_health(house: &House, actor: &Actor, tenant: TenantId) -> Result<Vec<DomainHealth>, Error> {
    let mut tx = house.store.read().await?;
    let scope = tenant_scope(&mut tx, actor, Act::SeeMailHealth, tenant).await?;
    let mut rows = tx.tenant(scope);
    let known = rows.domain_healths().await?;
    let mut found = Vec::new();
    for own in rows.mail_domains().await?.into_iter().filter(|own| own.state == DomainState::Approved) {
        let row = known.iter().find(|row| row.domain == own.domain);
        let selectors = rows.domain_selectors(&own.domain, MOST_SELECTORS).await?;
        let (named, reported): (Vec<_>, Vec<_>) = selectors.into_iter().partition(|(_, named)| *named);
        let names = |selectors: Vec<(String, bool)>| selectors.into_iter().map(|(name, _)| name).collect();
        let filled = |text: &String| (!text.is_empty()).then(|| text.clone());
        found.push(DomainHealth {
            marks: rows.domain_marks(&own.domain, MOST_MARKS).await?,
            domain: own.domain,
            mark: row.and_then(|row| filled(&row.mark)),
            fallen_from: row.and_then(|row| filled(&row.fallen_from)),
            looked_at: row.and_then(|row| row.looked_at),
            tried_at: row.map(|row| row.tried_at),
            checks: row.map(|row| checks(&row.checks)).unwrap_or_default(),
            named: names(named),
            reported: names(reported),
        });
    }
    Ok(found)
}

fn checks(json: &str) -> Vec<HealthCheck> {
    let kept: Vec<Kept> = serde_json::from_str(json).unwrap_or_default();
    kept.into_iter().filter_map(check).collect()
}

fn check(kept: Kept) -> Option<HealthCheck> {
    let check = Check { code: Code::from_code(&kept.code)?, found: kept.found, publish: kept.publish };
    let text = |language| {
        let words = health_words(&check, language);
        CheckText { text: words.text, why: words.why }
    };
    Some(HealthCheck {
        topic: check.code.topic().code(),
        code: check.code.code(),
        grade: check.code.grade().code(),
        it: text(Language::Italian),
        en: text(Language::English),
        publish: check.publish.iter().map(|one| (one.name.clone(), one.kind.clone(), one.value.clone())).collect(),
    })
}

/// Notes that somebody saw that a domain got worse: it stands no more among the things to do.
///
/// # Errors
/// [`Error::NotFound`] for a domain for which the comune does not answer; as [`tenant_scope`].
#[crate::act]
pub async fn see_fall(house: &House, actor: &Actor, tenant: TenantId, domain: &str) -> Result<(), Error> {
    let mut tx = house.store.write().await?;
    let scope = tenant_scope(&mut tx, actor, Act::SeeMailHealth, tenant).await?;
    let domain = own_domain(&mut tx, scope, domain).await?;
    if tx.tenant(scope).see_domain_fall(&domain).await? {
        record(house, &mut tx, scope, actor, "mail.domain_fall_seen", format!("domain {domain}"), "").await?;
        tx.commit().await?;
    }
    Ok(())
}

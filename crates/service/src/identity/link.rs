//! One-time links: made here, looked at, and used up with the credential that they were for.

use crate::audit::record;
use crate::error::Error;
use crate::house::House;
use crate::identity::session::{self, NewSession, actor_of};
use crate::rights::platform_scope;
use crate::secret;
use baluardo_model::Timestamp;
use baluardo_model::identity::{Actor, Person, Tenant};
use baluardo_store::Tx;
use baluardo_store::identity::{Credential, StoredLink};
use std::time::Duration;

/// Where the console answers to links: the secret follows it.
pub const LINK_PATH: &str = "/link/";

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// A link that somebody was sent without having asked for it just now: an invitation, an activation.
pub(crate) const MAILED: Duration = DAY.saturating_mul(7);
/// The same in days, for letters.
pub(crate) const MAILED_DAYS: u32 = 7;
/// A link that somebody asked for and waits for.
pub(crate) const ASKED: Duration = DAY;

/// A fresh link. Its address is a secret: it goes into one mail, or onto the operator's terminal, and nowhere else.
#[derive(Clone, PartialEq, Eq)]
pub struct SigninLink {
    /// The whole address.
    pub url: String,
    /// Until when it is good.
    pub expires_at: Timestamp,
    /// The hash that the database keeps, which names the link in keys and logs.
    pub(crate) hash: String,
}

impl std::fmt::Debug for SigninLink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SigninLink").field("expires_at", &self.expires_at).finish_non_exhaustive()
    }
}

/// Makes a link for a person.
///
/// # Errors
/// What the store says.
pub(crate) async fn make_link(
    house: &House,
    tx: &mut Tx,
    person: &Person,
    valid: Duration,
) -> Result<SigninLink, Error> {
    let now = house.now();
    let secret = secret::fresh(&*house.chance);
    let hash = secret::hash(&secret);
    let expires_at = now.plus(valid);
    tx.tenant(platform_scope(person.tenant)).insert_link(&hash, person.id, now, expires_at).await?;
    Ok(SigninLink { url: format!("{}{LINK_PATH}{secret}", house.settings.public_url), expires_at, hash })
}

/// A link that exists, with whom it is for.
pub(crate) struct FoundLink {
    pub(crate) hash: String,
    pub(crate) stored: StoredLink,
    pub(crate) person: Person,
    pub(crate) tenant: Tenant,
}

/// The link of a secret.
///
/// # Errors
/// [`Error::NotFound`] for a secret that no link has, and for a link of somebody who may not sign in any more.
pub(crate) async fn find_link(tx: &mut Tx, secret: &str) -> Result<FoundLink, Error> {
    let hash = secret::hash(secret);
    let stored = tx.platform().find_link(&hash).await?.ok_or(Error::NotFound)?;
    let person = tx.tenant(platform_scope(stored.tenant)).person(stored.person).await?.ok_or(Error::NotFound)?;
    if person.disabled_at.is_some() {
        return Err(Error::NotFound);
    }
    let tenant = tx.platform().find_tenant(stored.tenant).await?.ok_or(Error::NotFound)?;
    Ok(FoundLink { hash, stored, person: person.person, tenant })
}

impl FoundLink {
    /// Whether the link is good now.
    ///
    /// # Errors
    /// `link_used` or `link_expired`.
    pub(crate) fn check_good(&self, now: Timestamp) -> Result<(), Error> {
        if self.stored.used_at.is_some() {
            return Err(Error::conflict("link_used", "this link was used already: ask for a new one"));
        }
        if self.stored.expires_at <= now {
            return Err(Error::conflict("link_expired", "this link has expired: ask for a new one"));
        }
        Ok(())
    }
}

/// Finds the link of somebody who wants to use it, and logs the refusal of one that is used or expired.
///
/// # Errors
/// As [`find_link`] and [`FoundLink::check_good`].
pub(crate) async fn link_to_use(house: &House, secret: &str) -> Result<FoundLink, Error> {
    let mut tx = house.store.write().await?;
    let found = find_link(&mut tx, secret).await?;
    if let Err(refusal) = found.check_good(house.now()) {
        let scope = platform_scope(found.stored.tenant);
        let target = format!("person {}", found.person.id);
        record(house, &mut tx, scope, &Actor::Public, "link.refused", target, refusal.code()).await?;
        tx.commit().await?;
        return Err(refusal);
    }
    Ok(found)
}

/// Uses a link up: keeps the credentials, ends what was open under the old ones, opens a session. All in `tx`.
///
/// # Errors
/// `link_used` or `link_expired` when somebody was faster; then the transaction must be dropped.
pub(crate) async fn redeem_link(
    house: &House,
    tx: &mut Tx,
    link: &FoundLink,
    credentials: &[Credential],
) -> Result<NewSession, Error> {
    let now = house.now();
    let person = &link.person;
    let scope = platform_scope(person.tenant);
    let mut rows = tx.tenant(scope);
    if !rows.use_link(&link.hash, now).await? {
        link.check_good(now)?;
        return Err(Error::conflict("link_used", "this link was used already: ask for a new one"));
    }
    rows.close_links(person.id, now).await?;
    rows.end_sessions(person.id, now).await?;
    for credential in credentials {
        rows.put_credential(person.id, credential).await?;
    }
    let kinds: Vec<&str> = credentials.iter().map(|credential| credential.kind.code()).collect();
    let target = format!("person {}", person.id);
    record(house, tx, scope, &actor_of(person), "credential.set", target, &kinds.join(", ")).await?;
    session::open(house, tx, person, "link").await
}

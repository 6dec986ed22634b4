//! Sessions: a secret in a cookie, its hash in the database.
//!
//! A session ends seven days after the sign-in, and twelve hours after its last use: an RTD signs in once in the
//! morning, and a browser left behind over the weekend is signed out.

use crate::audit::record;
use crate::error::Error;
use crate::house::House;
use crate::rights::platform_scope;
use crate::secret;
use baluardo_model::Timestamp;
use baluardo_model::identity::{Actor, Person, Tenant};
use baluardo_store::Tx;
use std::time::Duration;

/// How long a session lasts at most.
const LONGEST: Duration = Duration::from_secs(7 * 24 * 60 * 60);
/// How long a session may rest.
pub(crate) const IDLE: Duration = Duration::from_secs(12 * 60 * 60);
/// How long a proof of who somebody is lets them change how they sign in.
const PROOF: Duration = Duration::from_secs(10 * 60);
/// How exactly the last use is noted: not every page costs a write.
pub(crate) const NOTED: Duration = Duration::from_secs(60);

/// A session that was just opened.
#[derive(Clone, PartialEq, Eq)]
pub struct NewSession {
    /// What the cookie holds: Secure, `HttpOnly`, `SameSite=Lax`.
    pub cookie_secret: String,
    /// What every form carries.
    pub csrf: String,
    /// How long the cookie is kept.
    pub max_age: Duration,
}

impl std::fmt::Debug for NewSession {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewSession").field("max_age", &self.max_age).finish_non_exhaustive()
    }
}

/// Who is signed in.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// To be passed to every use case.
    pub actor: Actor,
    /// The person.
    pub person: Person,
    /// Their tenant.
    pub tenant: Tenant,
    /// What every form of this session carries.
    pub csrf: String,
    /// Names the session in the database and in logs; not a secret.
    pub session: String,
    /// When its holder last proved who they are: by signing in, or again since.
    pub proved_at: Timestamp,
}

/// Whether the holder of a session proved who they are within the last ten minutes. A browser that was left open does
/// not.
pub(crate) fn is_proved(house: &House, me: &SignedIn) -> bool {
    let now = house.now();
    // A proof from the future was noted by a clock that has been put back since: it proves nothing.
    me.proved_at <= now && now.since(me.proved_at) < PROOF
}

/// Asks for such a proof.
///
/// # Errors
/// `proof_needed`.
pub(crate) fn need_proof(house: &House, me: &SignedIn) -> Result<(), Error> {
    if is_proved(house, me) {
        return Ok(());
    }
    Err(Error::conflict("proof_needed", "first confirm who you are: with your passkey, or with password and code"))
}

/// The actor that a person is.
pub(crate) fn actor_of(person: &Person) -> Actor {
    Actor::Person { id: person.id, tenant: person.tenant, role: person.role, name: person.name.clone() }
}

/// Opens a session for somebody who has just proved who they are, by `means`.
///
/// # Errors
/// What the store says.
pub(crate) async fn open(house: &House, tx: &mut Tx, person: &Person, means: &str) -> Result<NewSession, Error> {
    let now = house.now();
    let scope = platform_scope(person.tenant);
    let cookie_secret = secret::fresh(&*house.chance);
    let csrf = secret::fresh(&*house.chance);
    let hash = secret::hash(&cookie_secret);
    tx.tenant(scope).insert_session(&hash, person.id, &csrf, now, now.plus(LONGEST)).await?;
    record(house, tx, scope, &actor_of(person), "signin.ok", format!("person {}", person.id), means).await?;
    Ok(NewSession { cookie_secret, csrf, max_age: LONGEST })
}

/// Who holds this cookie; nobody when the session ended, expired, rested too long or never was, when the person may not
/// sign in any more, and when it was last used in a future that never came: after a clock was put right, such a session
/// would live for as long as the clock had been wrong.
///
/// # Errors
/// What the store says.
#[crate::act]
pub async fn authenticate_session(house: &House, cookie_secret: &str) -> Result<Option<SignedIn>, Error> {
    let now = house.now();
    let hash = secret::hash(cookie_secret);
    let mut tx = house.store.read().await?;
    let Some(found) = tx.platform().find_session(&hash).await? else { return Ok(None) };
    let over = found.ended_at.is_some()
        || found.expires_at <= now
        || now.since(found.seen_at) >= IDLE
        || found.seen_at.since(now) >= IDLE
        || found.person.disabled_at.is_some();
    if over {
        return Ok(None);
    }
    let (person, proved_at) = (found.person.person, found.proved_at);
    let Some(tenant) = tx.platform().find_tenant(person.tenant).await? else { return Ok(None) };
    // On SQLite in memory readers and the writer share one connection, so the reading ends first.
    drop(tx);
    if now.since(found.seen_at) >= NOTED {
        let mut tx = house.store.write().await?;
        tx.tenant(platform_scope(person.tenant)).session_seen(&hash, now).await?;
        tx.commit().await?;
    }
    Ok(Some(SignedIn { actor: actor_of(&person), person, tenant, csrf: found.csrf, session: hash, proved_at }))
}

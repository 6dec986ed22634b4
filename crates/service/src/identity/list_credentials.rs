//! Shows a person how they sign in.

use crate::error::Error;
use crate::house::House;
use crate::identity::session::{SignedIn, is_proved};
use crate::identity::totp::{self, TotpSetup};
use crate::rights::platform_scope;
use baluardo_model::Timestamp;
use baluardo_store::identity::{Credential, CredentialKind};
use serde::Serialize;

/// A passkey of the person who asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PasskeyView {
    /// Which.
    pub id: String,
    /// What its owner calls it; empty when they never said.
    pub name: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last worked.
    pub used_at: Option<Timestamp>,
}

/// The password of the person who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct PasswordView {
    /// Since when it is this one.
    pub set_at: Timestamp,
    /// Since when the second factor is this one.
    pub totp_set_at: Timestamp,
    /// When the two last worked.
    pub used_at: Option<Timestamp>,
}

/// How a person signs in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MyCredentials {
    /// Their passkeys, the oldest first.
    pub passkeys: Vec<PasskeyView>,
    /// Their password with its second factor.
    pub password: Option<PasswordView>,
    /// Whether one way to sign in may be removed, because another remains.
    pub several: bool,
    /// Whether they proved who they are just now, and so may change any of it.
    pub proved: bool,
    /// Whether passkeys can be used at the address of this console.
    pub passkeys_possible: bool,
    /// What their app needs for a new second factor. Only while they are proved.
    #[serde(skip)]
    pub totp: Option<TotpSetup>,
}

/// How the person of a session signs in.
///
/// # Errors
/// What the store says.
#[crate::act]
pub async fn list_credentials(house: &House, me: &SignedIn) -> Result<MyCredentials, Error> {
    let mut tx = house.store.read().await?;
    let credentials = tx.tenant(platform_scope(me.person.tenant)).credentials(me.person.id).await?;
    let proved = is_proved(house, me);
    let secret = totp::secret_of_change(house, &me.session, set_at(&credentials, CredentialKind::Totp));
    Ok(MyCredentials {
        passkeys: credentials.iter().filter(|one| one.kind == CredentialKind::Passkey).map(passkey).collect(),
        password: password(&credentials),
        several: ways(house, &credentials) > 1,
        proved,
        passkeys_possible: house.passkeys.is_some(),
        totp: if proved { Some(totp::show(&secret, &me.person.email)?) } else { None },
    })
}

fn passkey(credential: &Credential) -> PasskeyView {
    PasskeyView {
        id: credential.id.clone(),
        name: credential.name.clone(),
        created_at: credential.created_at,
        used_at: credential.used_at,
    }
}

fn password(credentials: &[Credential]) -> Option<PasswordView> {
    let totp = credentials.iter().find(|one| one.kind == CredentialKind::Totp)?;
    let set_at = set_at(credentials, CredentialKind::Password)?;
    Some(PasswordView { set_at, totp_set_at: totp.created_at, used_at: totp.used_at })
}

/// Since when a person has a credential of a kind of which they have one at most.
pub(crate) fn set_at(credentials: &[Credential], kind: CredentialKind) -> Option<Timestamp> {
    credentials.iter().find(|one| one.kind == kind).map(|one| one.created_at)
}

/// How many ways of signing in these credentials open today. A password opens none without its second factor, nor a
/// passkey where browsers use none.
pub(crate) fn ways(house: &House, credentials: &[Credential]) -> usize {
    let passkeys = credentials.iter().filter(|one| one.kind == CredentialKind::Passkey).count();
    let usable = if house.passkeys.is_some() { passkeys } else { 0 };
    usable + usize::from(password(credentials).is_some())
}

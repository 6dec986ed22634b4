//! Changes, adds and removes the password of a signed-in person, and its second factor.

use crate::audit::record;
use crate::error::Error;
use crate::house::House;
use crate::identity::complete_setup_password::{password_credential, totp_credential};
use crate::identity::credential_change::{Change, keep, remove};
use crate::identity::list_credentials::set_at;
use crate::identity::password::{check_password, hash_password};
use crate::identity::prove_password::password_is_right;
use crate::identity::session::{SignedIn, need_proof};
use crate::identity::totp;
use crate::rights::platform_scope;
use baluardo_store::identity::{Credential, CredentialKind};

/// Sets a new password in the place of the present one. Every other session of the person ends.
///
/// # Errors
/// `proof_needed`; `password_none` for who has none; `password_*` in the field `password`; `password_present_wrong` in
/// the field `present`; [`Error::Throttled`].
#[crate::act]
pub async fn change_password(house: &House, me: &SignedIn, present: &str, new: &str) -> Result<(), Error> {
    need_proof(house, me)?;
    check_password(new, &me.person.email)?;
    if present == new {
        return Err(Error::invalid("password", "password_same", "this is the present password: choose another one"));
    }
    need_password(&mine(house, me).await?)?;
    let (right, _) = password_is_right(house, me, present).await?;
    if !right {
        let mut tx = house.store.write().await?;
        let scope = platform_scope(me.person.tenant);
        record(house, &mut tx, scope, &me.actor, "proof.failed", format!("person {}", me.person.id), "password")
            .await?;
        tx.commit().await?;
        return Err(Error::invalid("present", "password_present_wrong", "this is not the present password"));
    }
    let hash = hash_password(house, new).await?;
    keep(house, me, &[password_credential(house, me.person.id, &hash)?], Change::Password).await
}

/// Sets a password with a second factor for somebody who has passkeys only. `code` shows that the secret of
/// [`list_credentials`](crate::identity::list_credentials()) has arrived in their app.
///
/// # Errors
/// `proof_needed`; `password_there` for who has one; `password_*` in the field `password`; `code_wrong` in the field
/// `code`.
#[crate::act]
pub async fn add_password(house: &House, me: &SignedIn, new: &str, code: &str) -> Result<(), Error> {
    need_proof(house, me)?;
    let credentials = mine(house, me).await?;
    if need_password(&credentials).is_ok() {
        return Err(Error::conflict("password_there", "you have a password already: change that one"));
    }
    check_password(new, &me.person.email)?;
    let secret = totp::secret_of_change(house, &me.session, set_at(&credentials, CredentialKind::Totp));
    let step = totp::shown_step(house, &secret, code)?;
    let hash = hash_password(house, new).await?;
    let new = [password_credential(house, me.person.id, &hash)?, totp_credential(house, me.person.id, &secret, step)?];
    keep(house, me, &new, Change::PasswordAdded).await
}

/// Takes the second factor that [`list_credentials`](crate::identity::list_credentials()) shows in the place of the
/// present one. Every other session of the person ends.
///
/// # Errors
/// `proof_needed`; `password_none` for who has none; `code_wrong` in the field `code`.
#[crate::act]
pub async fn change_totp(house: &House, me: &SignedIn, code: &str) -> Result<(), Error> {
    need_proof(house, me)?;
    let credentials = mine(house, me).await?;
    need_password(&credentials)?;
    let secret = totp::secret_of_change(house, &me.session, set_at(&credentials, CredentialKind::Totp));
    let step = totp::shown_step(house, &secret, code)?;
    keep(house, me, &[totp_credential(house, me.person.id, &secret, step)?], Change::Totp).await
}

/// Removes the password with its second factor. Every other session of the person ends.
///
/// # Errors
/// `password_none` for who has none; `proof_needed`; `last_way` when they could not sign in afterwards.
#[crate::act]
pub async fn remove_password(house: &House, me: &SignedIn) -> Result<(), Error> {
    need_password(&mine(house, me).await?)?;
    remove(house, me, &[CredentialKind::Password.code(), CredentialKind::Totp.code()], Change::PasswordRemoved).await
}

async fn mine(house: &House, me: &SignedIn) -> Result<Vec<Credential>, Error> {
    let mut tx = house.store.read().await?;
    Ok(tx.tenant(platform_scope(me.person.tenant)).credentials(me.person.id).await?)
}

fn need_password(credentials: &[Credential]) -> Result<(), Error> {
    match set_at(credentials, CredentialKind::Password) {
        Some(_) => Ok(()),
        None => Err(Error::conflict("password_none", "you have no password: add one first")),
    }
}

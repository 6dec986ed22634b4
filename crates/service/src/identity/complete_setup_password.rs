//! Uses a link up to set a password with a time-based code.

use crate::error::Error;
use crate::house::House;
use crate::identity::link::{link_to_use, redeem_link};
use crate::identity::password::{check_password, hash_password};
use crate::identity::session::NewSession;
use crate::identity::totp::{self, TotpSecret};
use baluardo_model::PersonId;
use baluardo_store::identity::{Credential, CredentialKind};

/// Sets the password and the TOTP secret of the link's person, in the place of those they had, and signs them in.
///
/// `code` shows that the secret of [`open_link`](crate::identity::open_link()) has arrived in the person's app.
///
/// # Errors
/// [`Error::NotFound`], `link_used`, `link_expired`; `password_*` in the field `password`; `code_wrong` in the field
/// `code`.
#[crate::act]
pub async fn complete_setup_password(
    house: &House,
    link_secret: &str,
    password: &str,
    code: &str,
) -> Result<NewSession, Error> {
    let link = link_to_use(house, link_secret).await?;
    check_password(password, &link.person.email)?;
    let secret = totp::secret_of_link(house, &link.hash);
    let step = totp::shown_step(house, &secret, code)?;
    let person = link.person.id;
    let hash = hash_password(house, password).await?;
    let credentials = [password_credential(house, person, &hash)?, totp_credential(house, person, &secret, step)?];
    let mut tx = house.store.write().await?;
    let session = redeem_link(house, &mut tx, &link, &credentials).await?;
    tx.commit().await?;
    Ok(session)
}

/// A hashed password, ready to be kept.
///
/// # Errors
/// As [`crate::seal::SealKey::seal`].
pub(crate) fn password_credential(house: &House, person: PersonId, hash: &str) -> Result<Credential, Error> {
    let sealed = house.seal.seal(&password_seal(person), hash.as_bytes(), &*house.chance)?;
    Ok(fresh(house, CredentialKind::Password, sealed, None))
}

/// A TOTP secret whose code of `step` was shown, ready to be kept: that code works no second time.
///
/// # Errors
/// As [`crate::seal::SealKey::seal`].
pub(crate) fn totp_credential(
    house: &House,
    person: PersonId,
    secret: &TotpSecret,
    step: i64,
) -> Result<Credential, Error> {
    Ok(fresh(house, CredentialKind::Totp, totp::seal(house, person, secret)?, Some(step)))
}

fn fresh(house: &House, kind: CredentialKind, secret: String, last_step: Option<i64>) -> Credential {
    let id = kind.code().to_owned();
    Credential { id, kind, secret, last_step, created_at: house.now(), used_at: None, name: String::new() }
}

/// What the hash of a person's password is sealed for: a stolen database alone gives nothing to guess against.
pub(crate) fn password_seal(person: PersonId) -> String {
    format!("password {person}")
}

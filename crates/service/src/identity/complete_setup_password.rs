//! Uses a link up to set a password with a time-based code.

use crate::error::Error;
use crate::house::House;
use crate::identity::link::{link_to_use, redeem_link};
use crate::identity::password::{check_password, hash_password};
use crate::identity::session::NewSession;
use crate::identity::totp;
use baluardo_store::identity::{Credential, CredentialKind};

/// Sets the password and the TOTP secret of the link's person, in the place of those they had, and signs them in.
///
/// `code` shows that the secret of [`open_link`](crate::identity::open_link()) has arrived in the person's app.
///
/// # Errors
/// [`Error::NotFound`], `link_used`, `link_expired`; `password_*` in the field `password`; `code_wrong` in the field
/// `code`.
pub async fn complete_setup_password(
    house: &House,
    link_secret: &str,
    password: &str,
    code: &str,
) -> Result<NewSession, Error> {
    let link = link_to_use(house, link_secret).await?;
    check_password(password, &link.person.email)?;
    let now = house.now();
    let secret = totp::secret_of_link(house, &link.hash);
    let step = totp::step_of(&secret, code, now).ok_or_else(|| {
        Error::invalid("code", "code_wrong", "this is not the code of now: check that the phone's clock is right")
    })?;
    let person = link.person.id;
    let hash = hash_password(house, password).await?;
    let credential = |kind: CredentialKind, secret: String, last_step| Credential {
        id: kind.code().to_owned(),
        kind,
        secret,
        last_step,
        created_at: now,
        used_at: None,
    };
    let sealed = house.seal.seal(&password_seal(person), hash.as_bytes(), &*house.chance)?;
    let credentials = [
        credential(CredentialKind::Password, sealed, None),
        credential(CredentialKind::Totp, totp::seal(house, person, &secret)?, Some(step)),
    ];
    let mut tx = house.store.write().await?;
    let session = redeem_link(house, &mut tx, &link, &credentials).await?;
    tx.commit().await?;
    Ok(session)
}

/// What the hash of a person's password is sealed for: a stolen database alone gives nothing to guess against.
pub(crate) fn password_seal(person: baluardo_model::PersonId) -> String {
    format!("password {person}")
}

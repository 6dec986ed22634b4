//! Signs in with address, password and time-based code.

use crate::audit::record;
use crate::error::Error;
use crate::house::House;
use crate::identity::complete_setup_password::password_seal;
use crate::identity::password::verify_password;
use crate::identity::session::{self, NewSession};
use crate::identity::throttle::{
    ClientHint, SIGN_INS_OF_ADDRESS, SIGN_INS_OF_NETWORK, charge, charge_network, forgive, write_for_nobody,
};
use crate::identity::totp;
use crate::rights::platform_scope;
use baluardo_model::identity::{Actor, Person};
use baluardo_store::Tx;
use baluardo_store::identity::{Credential, CredentialKind};

/// Signs a person in. Whatever is wrong (address, password, code, a code that was used before, a person who may not
/// sign in any more) gets the same answer after the same work.
///
/// # Errors
/// `signin_wrong` in the field `password`; [`Error::Throttled`].
#[crate::act]
pub async fn sign_in_password(
    house: &House,
    email: &str,
    password: &str,
    code: &str,
    client: &ClientHint,
) -> Result<NewSession, Error> {
    let email = email.trim().to_ascii_lowercase();
    let mut tx = house.store.write().await?;
    charge_network(house, &mut tx, &SIGN_INS_OF_NETWORK, client).await?;
    charge(house, &mut tx, &SIGN_INS_OF_ADDRESS, &email).await?;
    let known = known(&mut tx, &email).await?;
    tx.commit().await?;

    let hash = known.as_ref().map(|known| password_hash(house, &known.person, &known.credentials));
    let hash = hash.transpose()?.flatten();
    let right = verify_password(house, password, hash.as_deref()).await?;

    let mut tx = house.store.write().await?;
    let Some(Known { person, credentials }) = known else {
        write_for_nobody(house, &mut tx).await?;
        tx.commit().await?;
        return Err(wrong());
    };
    if right && code_holds(house, &mut tx, &person, &credentials, code).await? {
        let session = session::open(house, &mut tx, &person, "password").await?;
        forgive(&mut tx, &email, client).await?;
        tx.commit().await?;
        return Ok(session);
    }
    let scope = platform_scope(person.tenant);
    let which = if right { "code" } else { "password" };
    record(house, &mut tx, scope, &Actor::Public, "signin.failed", format!("person {}", person.id), which).await?;
    tx.commit().await?;
    Err(wrong())
}

fn wrong() -> Error {
    Error::invalid("password", "signin_wrong", "address, password or code is wrong")
}

struct Known {
    person: Person,
    credentials: Vec<Credential>,
}

/// The person with this address, if they may sign in.
async fn known(tx: &mut Tx, email: &str) -> Result<Option<Known>, Error> {
    let Some(found) = tx.platform().person_by_email(email).await? else { return Ok(None) };
    if found.disabled_at.is_some() {
        return Ok(None);
    }
    let person = found.person;
    let credentials = tx.tenant(platform_scope(person.tenant)).credentials(person.id).await?;
    Ok(Some(Known { person, credentials }))
}

/// The hash of a person's password; nothing for who has none.
///
/// # Errors
/// As [`crate::seal::SealKey::open`].
pub(crate) fn password_hash(
    house: &House,
    person: &Person,
    credentials: &[Credential],
) -> Result<Option<String>, Error> {
    let Some(credential) = credentials.iter().find(|one| one.kind == CredentialKind::Password) else {
        return Ok(None);
    };
    let plain = house.seal.open(&password_seal(person.id), &credential.secret)?;
    String::from_utf8(plain).map(Some).map_err(Error::internal)
}

/// Whether the code is the one of now, and was not used before.
///
/// # Errors
/// What the store says.
pub(crate) async fn code_holds(
    house: &House,
    tx: &mut Tx,
    person: &Person,
    credentials: &[Credential],
    code: &str,
) -> Result<bool, Error> {
    let Some(credential) = credentials.iter().find(|one| one.kind == CredentialKind::Totp) else { return Ok(false) };
    let secret = totp::open(house, person.id, &credential.secret)?;
    let now = house.now();
    match totp::step_of(&secret, code, now) {
        Some(step) => Ok(tx.tenant(platform_scope(person.tenant)).take_totp_step(person.id, step, now).await?),
        None => Ok(false),
    }
}

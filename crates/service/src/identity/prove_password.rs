//! Proves again, within a session, who its holder is: with password and code.

use crate::audit::record;
use crate::error::Error;
use crate::house::House;
use crate::identity::password::verify_password;
use crate::identity::session::SignedIn;
use crate::identity::sign_in_password::{code_holds, password_hash};
use crate::identity::throttle::{ClientHint, SIGN_INS_OF_ADDRESS, charge, forgive};
use crate::rights::platform_scope;
use baluardo_store::Tx;
use baluardo_store::identity::Credential;

/// Notes that the holder of a session has just proved who they are. Tries count as sign-ins with this address do.
///
/// # Errors
/// `proof_wrong` in the field `password`, whichever of the two is wrong; [`Error::Throttled`].
#[crate::act]
pub async fn prove_password(house: &House, me: &SignedIn, password: &str, code: &str) -> Result<(), Error> {
    let (right, credentials) = password_is_right(house, me, password).await?;
    let scope = platform_scope(me.person.tenant);
    let mut tx = house.store.write().await?;
    if right && code_holds(house, &mut tx, &me.person, &credentials, code).await? {
        return proved(house, tx, me, "password").await;
    }
    let which = if right { "code" } else { "password" };
    record(house, &mut tx, scope, &me.actor, "proof.failed", format!("person {}", me.person.id), which).await?;
    tx.commit().await?;
    Err(Error::invalid("password", "proof_wrong", "password or code is wrong"))
}

/// Counts a try, then tells whether a password is the person's own, with what else they sign in by.
///
/// # Errors
/// [`Error::Throttled`].
pub(crate) async fn password_is_right(
    house: &House,
    me: &SignedIn,
    password: &str,
) -> Result<(bool, Vec<Credential>), Error> {
    let mut tx = house.store.write().await?;
    charge(house, &mut tx, &SIGN_INS_OF_ADDRESS, &me.person.email).await?;
    let credentials = tx.tenant(platform_scope(me.person.tenant)).credentials(me.person.id).await?;
    tx.commit().await?;
    let hash = password_hash(house, &me.person, &credentials)?;
    Ok((verify_password(house, password, hash.as_deref()).await?, credentials))
}

/// Notes the proof and gives its tries back.
///
/// # Errors
/// [`Error::SignIn`] when the session ended meanwhile.
pub(crate) async fn proved(house: &House, mut tx: Tx, me: &SignedIn, means: &str) -> Result<(), Error> {
    let scope = platform_scope(me.person.tenant);
    if !tx.tenant(scope).session_proved(&me.session, house.now()).await? {
        return Err(Error::SignIn);
    }
    record(house, &mut tx, scope, &me.actor, "proof.ok", format!("person {}", me.person.id), means).await?;
    forgive(&mut tx, &me.person.email, &ClientHint::default()).await?;
    Ok(tx.commit().await?)
}

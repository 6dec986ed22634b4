//! Proves again, within a session, who its holder is: with a passkey.

use crate::audit::record;
use crate::error::Error;
use crate::house::House;
use crate::identity::passkey::{self, PasskeyStart, begin, passkeys, passkeys_of, read_answer, used};
use crate::identity::prove_password::proved;
use crate::identity::session::SignedIn;
use crate::rights::platform_scope;
use serde_json::Value;
use webauthn_rs::prelude::{PasskeyAuthentication, PublicKeyCredential};

/// The word of this ceremony.
const KIND: &str = "prove";

/// Begins the proof.
///
/// # Errors
/// `passkeys_unavailable`; `passkey_none` for who has none.
#[crate::act]
pub async fn start_passkey_proof(house: &House, me: &SignedIn) -> Result<PasskeyStart, Error> {
    let relying_party = passkeys(house)?;
    let mut tx = house.store.write().await?;
    let credentials = tx.tenant(platform_scope(me.person.tenant)).credentials(me.person.id).await?;
    let keys = passkeys_of(&credentials)?;
    if keys.is_empty() {
        return Err(Error::conflict("passkey_none", "you have no passkey: confirm with password and code"));
    }
    let (options, state) = relying_party.start_passkey_authentication(&keys).map_err(Error::internal)?;
    let ceremony = begin(house, &mut tx, &me.person, KIND, &state).await?;
    tx.commit().await?;
    Ok(PasskeyStart { ceremony, options: serde_json::to_value(options).map_err(Error::internal)? })
}

/// Ends the proof: notes that the holder of the session has just shown who they are.
///
/// # Errors
/// `ceremony_over`; `passkey_unreadable` and `passkey_wrong` in the field `passkey`.
#[crate::act]
pub async fn finish_passkey_proof(house: &House, me: &SignedIn, ceremony: &str, answer: Value) -> Result<(), Error> {
    let relying_party = passkeys(house)?;
    let answer: PublicKeyCredential = read_answer(answer)?;
    let (begun, state) = passkey::take::<PasskeyAuthentication>(house, ceremony, KIND).await?;
    if begun.person != me.person.id {
        return Err(passkey::wrong("it was made for somebody else"));
    }
    let judged = relying_party.finish_passkey_authentication(&answer, &state);
    let scope = platform_scope(me.person.tenant);
    let mut tx = house.store.write().await?;
    let result = match judged {
        Ok(result) => result,
        Err(why) => {
            let target = format!("person {}", me.person.id);
            record(house, &mut tx, scope, &me.actor, "proof.failed", target, "passkey").await?;
            tx.commit().await?;
            return Err(passkey::wrong(why));
        }
    };
    let credentials = tx.tenant(scope).credentials(me.person.id).await?;
    let (id, secret) = used(&credentials, &result)?;
    tx.tenant(scope).credential_used(me.person.id, &id, &secret, house.now()).await?;
    proved(house, tx, me, "passkey").await
}

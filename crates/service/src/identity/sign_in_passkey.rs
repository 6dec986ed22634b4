//! Signs in with a passkey.

use crate::audit::record;
use crate::error::Error;
use crate::house::House;
use crate::identity::address::check_email;
use crate::identity::passkey::{self, PasskeyStart, begin, passkeys, passkeys_of, read_answer, used};
use crate::identity::session::{self, NewSession};
use crate::identity::throttle::{ClientHint, SIGN_INS_OF_NETWORK, charge_network, forgive};
use crate::rights::platform_scope;
use crate::secret;
use baluardo_model::identity::{Actor, Person};
use baluardo_store::Tx;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use serde_json::{Value, json};
use webauthn_rs::Webauthn;
use webauthn_rs::prelude::{Passkey, PasskeyAuthentication, PublicKeyCredential};

/// The word of this ceremony.
const KIND: &str = "signin";

/// Begins a sign-in with the passkey of whoever has this address. An address without passkeys gets a challenge too,
/// always with the same made-up passkey, so that nobody learns which addresses are known.
///
/// # Errors
/// `email_invalid`, `passkeys_unavailable`; [`Error::Throttled`].
#[crate::act]
pub async fn start_passkey_sign_in(house: &House, email: &str, client: &ClientHint) -> Result<PasskeyStart, Error> {
    let relying_party = passkeys(house)?;
    let email = check_email("email", email)?;
    let mut tx = house.store.write().await?;
    charge_network(house, &mut tx, &SIGN_INS_OF_NETWORK, client).await?;
    let start = match known(&mut tx, &email).await? {
        Some((person, keys)) => {
            let (options, state) = relying_party.start_passkey_authentication(&keys).map_err(Error::internal)?;
            let ceremony = begin(house, &mut tx, &person, KIND, &state).await?;
            PasskeyStart { ceremony, options: serde_json::to_value(options).map_err(Error::internal)? }
        }
        None => decoy(house, relying_party, &email)?,
    };
    tx.commit().await?;
    Ok(start)
}

/// The person with this address and their passkeys, if they may sign in and have some.
async fn known(tx: &mut Tx, email: &str) -> Result<Option<(Person, Vec<Passkey>)>, Error> {
    let found = tx.platform().person_by_email(email).await?.filter(|found| found.disabled_at.is_none());
    let Some(person) = found.map(|found| found.person) else { return Ok(None) };
    let credentials = tx.tenant(platform_scope(person.tenant)).credentials(person.id).await?;
    let keys = passkeys_of(&credentials)?;
    Ok((!keys.is_empty()).then_some((person, keys)))
}

/// A challenge that nothing can answer.
fn decoy(house: &House, relying_party: &Webauthn, email: &str) -> Result<PasskeyStart, Error> {
    let (options, _) = relying_party.start_passkey_authentication(&[]).map_err(Error::internal)?;
    let mut options = serde_json::to_value(options).map_err(Error::internal)?;
    let id = BASE64.encode(house.seal.derive(&format!("passkey decoy {email}")));
    if let Some(allowed) = options.pointer_mut("/publicKey/allowCredentials") {
        *allowed = json!([{ "type": "public-key", "id": id }]);
    }
    Ok(PasskeyStart { ceremony: secret::fresh(&*house.chance), options })
}

/// Ends the sign-in.
///
/// # Errors
/// `ceremony_over`; `passkey_unreadable` and `passkey_wrong` in the field `passkey`.
#[crate::act]
pub async fn finish_passkey_sign_in(
    house: &House,
    ceremony: &str,
    answer: Value,
    client: &ClientHint,
) -> Result<NewSession, Error> {
    let relying_party = passkeys(house)?;
    let answer: PublicKeyCredential = read_answer(answer)?;
    let (begun, state) = passkey::take::<PasskeyAuthentication>(house, ceremony, KIND).await?;
    let judged = relying_party.finish_passkey_authentication(&answer, &state);

    let scope = platform_scope(begun.tenant);
    let mut tx = house.store.write().await?;
    let found = tx.tenant(scope).person(begun.person).await?.filter(|found| found.disabled_at.is_none());
    let person = found.ok_or_else(|| passkey::wrong("nobody has it"))?.person;
    let result = match judged {
        Ok(result) => result,
        Err(why) => {
            let target = format!("person {}", person.id);
            record(house, &mut tx, scope, &Actor::Public, "signin.failed", target, "passkey").await?;
            tx.commit().await?;
            return Err(passkey::wrong(why));
        }
    };
    let credentials = tx.tenant(scope).credentials(person.id).await?;
    let (id, secret) = used(&credentials, &result)?;
    tx.tenant(scope).credential_used(person.id, &id, &secret, house.now()).await?;
    let session = session::open(house, &mut tx, &person, "passkey").await?;
    forgive(&mut tx, &person.email, client).await?;
    tx.commit().await?;
    Ok(session)
}

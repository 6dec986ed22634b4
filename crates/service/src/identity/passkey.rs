//! Passkeys (WebAuthn): the relying party, and ceremonies between their two halves.
//!
//! The relying party is the host name of the console's public address: passkeys made under one name work under no
//! other. A ceremony lies in the database under the hash of a name that only the browser has; it is taken out before it
//! is judged, so that one challenge answers once.

use crate::error::Error;
use crate::house::House;
use crate::rights::platform_scope;
use crate::secret;
use baluardo_model::identity::Person;
use baluardo_store::Tx;
use baluardo_store::identity::{Ceremony, Credential, CredentialKind};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::time::Duration;
use url::Url;
use webauthn_rs::prelude::{AuthenticationResult, Passkey};
use webauthn_rs::{Webauthn, WebauthnBuilder};

/// How long a person may take between the two halves.
const CEREMONY: Duration = Duration::from_secs(5 * 60);

/// The first half of a ceremony, for the browser.
#[derive(Clone, Serialize)]
pub struct PasskeyStart {
    /// Names the ceremony; comes back with the second half. A secret of this browser.
    pub ceremony: String,
    /// The argument of `navigator.credentials.create` or `.get`, with binary values in base64url.
    pub options: serde_json::Value,
}

impl std::fmt::Debug for PasskeyStart {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PasskeyStart")
    }
}

/// The relying party of a public address; nothing for a bare IP address, for which no browser makes passkeys.
///
/// # Errors
/// [`Error::Internal`] when the address is none.
pub(crate) fn relying_party(public_url: &str) -> Result<Option<Webauthn>, Error> {
    let bad = |why: String| Error::internal(format!("the setting public_url ({public_url}) cannot be used: {why}"));
    let origin = Url::parse(public_url).map_err(|e| bad(e.to_string()))?;
    let Some(name) = origin.domain() else { return Ok(None) };
    let builder = WebauthnBuilder::new(name, &origin).map_err(|e| bad(e.to_string()))?;
    builder.rp_name("Baluardo").build().map(Some).map_err(|e| bad(e.to_string()))
}

/// The relying party, or why there is none.
///
/// # Errors
/// `passkeys_unavailable`.
pub(crate) fn passkeys(house: &House) -> Result<&Webauthn, Error> {
    house.passkeys.as_ref().ok_or_else(|| {
        Error::conflict("passkeys_unavailable", "passkeys need a console with a host name: use a password instead")
    })
}

/// Keeps the first half and gives the name under which the second will ask for it.
pub(crate) async fn begin(
    house: &House,
    tx: &mut Tx,
    person: &Person,
    kind: &str,
    state: &impl Serialize,
) -> Result<String, Error> {
    let name = secret::fresh(&*house.chance);
    let ceremony = Ceremony {
        tenant: person.tenant,
        person: person.id,
        kind: kind.to_owned(),
        state: serde_json::to_string(state).map_err(Error::internal)?,
        expires_at: house.now().plus(CEREMONY),
    };
    tx.tenant(platform_scope(person.tenant)).begin_ceremony(&secret::hash(&name), &ceremony).await?;
    Ok(name)
}

/// Takes the first half out, once.
///
/// # Errors
/// `ceremony_over` when it was taken before, took too long, or was of another kind.
pub(crate) async fn take<T: DeserializeOwned>(house: &House, name: &str, kind: &str) -> Result<(Ceremony, T), Error> {
    let over = || Error::conflict("ceremony_over", "this took too long or was sent twice: begin again");
    let mut tx = house.store.write().await?;
    let ceremony = tx.platform().take_ceremony(&secret::hash(name)).await?;
    tx.commit().await?;
    let ceremony = ceremony.filter(|found| found.kind == kind && found.expires_at > house.now()).ok_or_else(over)?;
    let state = serde_json::from_str(&ceremony.state).map_err(Error::internal)?;
    Ok((ceremony, state))
}

/// What the browser sent as the second half.
///
/// # Errors
/// `passkey_unreadable`.
pub(crate) fn read_answer<T: DeserializeOwned>(answer: serde_json::Value) -> Result<T, Error> {
    serde_json::from_value(answer)
        .map_err(|e| Error::invalid("passkey", "passkey_unreadable", format!("not an answer of a passkey: {e}")))
}

/// The answer to a second half that does not hold.
pub(crate) fn wrong(why: impl std::fmt::Display) -> Error {
    Error::invalid("passkey", "passkey_wrong", format!("the passkey was not accepted: {why}"))
}

/// The passkeys among credentials.
pub(crate) fn passkeys_of(credentials: &[Credential]) -> Result<Vec<Passkey>, Error> {
    credentials
        .iter()
        .filter(|credential| credential.kind == CredentialKind::Passkey)
        .map(|credential| serde_json::from_str(&credential.secret).map_err(Error::internal))
        .collect()
}

/// A passkey that was just made, ready to be kept under a name.
///
/// # Errors
/// `passkey_taken` in the field `passkey` when anybody has it already.
pub(crate) async fn fresh(house: &House, tx: &mut Tx, made: &Passkey, name: String) -> Result<Credential, Error> {
    let id = id_of(made);
    if tx.platform().passkey_taken(&id).await? {
        return Err(Error::invalid("passkey", "passkey_taken", "this passkey is registered already"));
    }
    Ok(Credential {
        id,
        kind: CredentialKind::Passkey,
        secret: serde_json::to_string(made).map_err(Error::internal)?,
        last_step: None,
        created_at: house.now(),
        used_at: None,
        name,
    })
}

/// The passkey that answered, by its id, and what it looks like now that its counter has moved.
///
/// # Errors
/// `passkey_wrong` when it was removed meanwhile.
pub(crate) fn used(credentials: &[Credential], result: &AuthenticationResult) -> Result<(String, String), Error> {
    let mut keys = passkeys_of(credentials)?;
    let used = keys.iter_mut().find(|key| key.cred_id() == result.cred_id());
    let used = used.ok_or_else(|| wrong("it was removed meanwhile"))?;
    used.update_credential(result);
    Ok((id_of(used), serde_json::to_string(used).map_err(Error::internal)?))
}

/// The id under which a passkey is kept.
pub(crate) fn id_of(passkey: &Passkey) -> String {
    BASE64.encode(passkey.cred_id())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_numbered_console_has_no_passkeys_and_a_nonsense_one_is_refused() {
        assert!(relying_party("https://localhost:8443").unwrap().is_some());
        assert!(relying_party("https://127.0.0.1:8443").unwrap().is_none());
        assert!(relying_party("localhost").is_err());
    }
}

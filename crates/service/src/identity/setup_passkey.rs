//! Uses a link up to register a passkey.

use crate::error::Error;
use crate::house::House;
use crate::identity::link::{link_to_use, redeem_link};
use crate::identity::passkey::{self, PasskeyStart, begin, passkeys, passkeys_of, read_answer};
use crate::identity::session::NewSession;
use crate::rights::platform_scope;
use webauthn_rs::prelude::PasskeyRegistration;

/// The word of this ceremony.
const KIND: &str = "setup";

/// Begins the registration of a passkey for the person of a link. The link stays good.
///
/// # Errors
/// [`Error::NotFound`], `link_used`, `link_expired`, `passkeys_unavailable`.
#[crate::act]
pub async fn start_passkey_setup(house: &House, link_secret: &str) -> Result<PasskeyStart, Error> {
    let relying_party = passkeys(house)?;
    let link = link_to_use(house, link_secret).await?;
    let person = &link.person;
    let mut tx = house.store.write().await?;
    let credentials = tx.tenant(platform_scope(person.tenant)).credentials(person.id).await?;
    let known = passkeys_of(&credentials)?.iter().map(|passkey| passkey.cred_id().clone()).collect();
    let (options, state) = relying_party
        .start_passkey_registration(person.id.0, &person.email, &person.name, Some(known))
        .map_err(Error::internal)?;
    let ceremony = begin(house, &mut tx, person, KIND, &state).await?;
    tx.commit().await?;
    Ok(PasskeyStart { ceremony, options: serde_json::to_value(options).map_err(Error::internal)? })
}

/// Ends the registration: keeps the passkey, uses the link up, and signs the person in.
///
/// # Errors
/// As [`start_passkey_setup`]; `ceremony_over`; `passkey_unreadable`, `passkey_wrong` and `passkey_taken` in the field
/// `passkey`.
#[crate::act]
pub async fn finish_passkey_setup(
    house: &House,
    link_secret: &str,
    ceremony: &str,
    answer: serde_json::Value,
) -> Result<NewSession, Error> {
    let relying_party = passkeys(house)?;
    let link = link_to_use(house, link_secret).await?;
    let answer = read_answer(answer)?;
    let (begun, state) = passkey::take::<PasskeyRegistration>(house, ceremony, KIND).await?;
    if begun.person != link.person.id {
        return Err(passkey::wrong("it was made for somebody else"));
    }
    let registered = relying_party.finish_passkey_registration(&answer, &state).map_err(passkey::wrong)?;
    let mut tx = house.store.write().await?;
    let credential = passkey::fresh(house, &mut tx, &registered, String::new()).await?;
    let session = redeem_link(house, &mut tx, &link, &[credential]).await?;
    tx.commit().await?;
    Ok(session)
}

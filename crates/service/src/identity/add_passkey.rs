//! Adds, renames and removes passkeys of a signed-in person.

use crate::audit::record;
use crate::error::Error;
use crate::house::House;
use crate::identity::address::check_line;
use crate::identity::credential_change::{Change, keep, remove};
use crate::identity::passkey::{self, PasskeyStart, begin, passkeys, passkeys_of, read_answer};
use crate::identity::session::{SignedIn, need_proof};
use crate::rights::platform_scope;
use baluardo_store::identity::CredentialKind;
use webauthn_rs::prelude::PasskeyRegistration;

/// The word of this ceremony.
const KIND: &str = "add";

/// The most passkeys of one person.
const MOST: usize = 20;

/// The longest name of a passkey, in characters.
const LONGEST_NAME: usize = 60;

/// Begins to make one more passkey. `name` is what its owner will know it by; it may be empty.
///
/// # Errors
/// `proof_needed`; `passkeys_unavailable`; `passkeys_many` beyond twenty; those of a line in the field `name`.
#[crate::act]
pub async fn start_passkey_addition(house: &House, me: &SignedIn, name: &str) -> Result<PasskeyStart, Error> {
    need_proof(house, me)?;
    let relying_party = passkeys(house)?;
    let name = match name.trim() {
        "" => String::new(),
        name => check_line("name", name, LONGEST_NAME)?,
    };
    let person = &me.person;
    let mut tx = house.store.write().await?;
    let known = passkeys_of(&tx.tenant(platform_scope(person.tenant)).credentials(person.id).await?)?;
    if known.len() >= MOST {
        return Err(Error::conflict("passkeys_many", format!("{MOST} passkeys are the most: remove one first")));
    }
    let known = known.iter().map(|passkey| passkey.cred_id().clone()).collect();
    let (options, state) = relying_party
        .start_passkey_registration(person.id.0, &person.email, &person.name, Some(known))
        .map_err(Error::internal)?;
    let ceremony = begin(house, &mut tx, person, KIND, &(name, state)).await?;
    tx.commit().await?;
    Ok(PasskeyStart { ceremony, options: serde_json::to_value(options).map_err(Error::internal)? })
}

/// Keeps the passkey that an authenticator made.
///
/// # Errors
/// `proof_needed`; `ceremony_over`; `passkey_unreadable`, `passkey_wrong` and `passkey_taken` in the field `passkey`.
#[crate::act]
pub async fn finish_passkey_addition(
    house: &House,
    me: &SignedIn,
    ceremony: &str,
    answer: serde_json::Value,
) -> Result<(), Error> {
    need_proof(house, me)?;
    let relying_party = passkeys(house)?;
    let answer = read_answer(answer)?;
    let (begun, (name, state)) = passkey::take::<(String, PasskeyRegistration)>(house, ceremony, KIND).await?;
    if begun.person != me.person.id {
        return Err(passkey::wrong("it was made for somebody else"));
    }
    let registered = relying_party.finish_passkey_registration(&answer, &state).map_err(passkey::wrong)?;
    let mut tx = house.store.write().await?;
    let credential = passkey::fresh(house, &mut tx, &registered, name).await?;
    drop(tx);
    keep(house, me, &[credential], Change::PasskeyAdded).await
}

/// Calls a passkey by another name.
///
/// # Errors
/// [`Error::NotFound`] when the person has no such passkey; `proof_needed`; those of a line in the field `name`.
#[crate::act]
pub async fn rename_passkey(house: &House, me: &SignedIn, id: &str, name: &str) -> Result<(), Error> {
    let scope = platform_scope(me.person.tenant);
    let mut tx = house.store.write().await?;
    let mine = tx.tenant(scope).hold_credentials(me.person.id).await?;
    let known = mine.iter().any(|one| one.kind == CredentialKind::Passkey && one.id == id);
    if !known {
        return Err(Error::NotFound);
    }
    need_proof(house, me)?;
    let name = check_line("name", name, LONGEST_NAME)?;
    tx.tenant(scope).rename_credential(me.person.id, id, &name).await?;
    let target = format!("person {}", me.person.id);
    record(house, &mut tx, scope, &me.actor, "credential.passkey_renamed", target, &name).await?;
    Ok(tx.commit().await?)
}

/// Removes a passkey. Every other session of the person ends: one may be open where the passkey was lost.
///
/// # Errors
/// [`Error::NotFound`] when the person has no such passkey; `proof_needed`; `last_way` when they could not sign in
/// afterwards.
#[crate::act]
pub async fn remove_passkey(house: &House, me: &SignedIn, id: &str) -> Result<(), Error> {
    // A password is removed together with its second factor, by another door.
    if [CredentialKind::Password.code(), CredentialKind::Totp.code()].contains(&id) {
        return Err(Error::NotFound);
    }
    remove(house, me, &[id], Change::PasskeyRemoved).await
}

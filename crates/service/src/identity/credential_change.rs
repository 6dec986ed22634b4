//! What every change of how a person signs in has in common: the rows, the end of other sessions, the log, and a letter,
//! in one transaction.

use crate::audit::record;
use crate::error::Error;
use crate::house::House;
use crate::identity::letters;
use crate::identity::list_credentials::ways;
use crate::identity::session::{SignedIn, need_proof};
use crate::rights::platform_scope;
use baluardo_model::OutboxId;
use baluardo_store::Tx;
use baluardo_store::identity::Credential;

/// What was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    Password,
    PasswordAdded,
    PasswordRemoved,
    Totp,
    PasskeyAdded,
    PasskeyRemoved,
}

impl Change {
    /// The act in the log.
    const fn act(self) -> &'static str {
        match self {
            Self::Password => "credential.password_changed",
            Self::PasswordAdded => "credential.password_added",
            Self::PasswordRemoved => "credential.password_removed",
            Self::Totp => "credential.totp_changed",
            Self::PasskeyAdded => "credential.passkey_added",
            Self::PasskeyRemoved => "credential.passkey_removed",
        }
    }

    /// What the letter says of it.
    const fn words(self) -> &'static str {
        match self {
            Self::Password => "la password è stata cambiata",
            Self::PasswordAdded => "è stata aggiunta una password",
            Self::PasswordRemoved => "la password è stata tolta",
            Self::Totp => "l'app dei codici è stata cambiata",
            Self::PasskeyAdded => "è stata aggiunta una passkey",
            Self::PasskeyRemoved => "una passkey è stata tolta",
        }
    }

    /// Whether something stopped working, so that who held it is signed out.
    const fn takes_away(self) -> bool {
        !matches!(self, Self::PasswordAdded | Self::PasskeyAdded)
    }
}

/// Keeps credentials of somebody who is proved.
///
/// # Errors
/// What the store says.
pub(crate) async fn keep(house: &House, me: &SignedIn, new: &[Credential], change: Change) -> Result<(), Error> {
    let mut tx = house.store.write().await?;
    for credential in new {
        tx.tenant(platform_scope(me.person.tenant)).put_credential(me.person.id, credential).await?;
    }
    let name = new.first().map_or("", |credential| credential.name.as_str()).to_owned();
    tell(house, &mut tx, me, change, &name).await?;
    Ok(tx.commit().await?)
}

/// Removes credentials, if another way to sign in remains.
///
/// # Errors
/// [`Error::NotFound`] when the person has none of them; `proof_needed`; `last_way`.
pub(crate) async fn remove(house: &House, me: &SignedIn, ids: &[&str], change: Change) -> Result<(), Error> {
    let scope = platform_scope(me.person.tenant);
    let mut tx = house.store.write().await?;
    let before = tx.tenant(scope).hold_credentials(me.person.id).await?;
    let (gone, rest): (Vec<_>, Vec<_>) = before.into_iter().partition(|one| ids.contains(&one.id.as_str()));
    let name = gone.first().ok_or(Error::NotFound)?.name.clone();
    need_proof(house, me)?;
    if ways(house, &rest) == 0 {
        let why = "you could not sign in any more: first add another passkey or a password";
        return Err(Error::conflict("last_way", why));
    }
    for credential in &gone {
        tx.tenant(scope).remove_credential(me.person.id, &credential.id).await?;
    }
    tell(house, &mut tx, me, change, &name).await?;
    Ok(tx.commit().await?)
}

/// Ends what was open by the old credentials, links that wait included, and tells the log and the person.
async fn tell(house: &House, tx: &mut Tx, me: &SignedIn, change: Change, name: &str) -> Result<(), Error> {
    let (scope, now) = (platform_scope(me.person.tenant), house.now());
    if change.takes_away() {
        tx.tenant(scope).end_other_sessions(me.person.id, &me.session, now).await?;
        tx.tenant(scope).close_links(me.person.id, now).await?;
    }
    let target = format!("person {}", me.person.id);
    record(house, tx, scope, &me.actor, change.act(), target, name).await?;
    let mail = letters::access_changed(house, me, change.words(), now);
    let id = OutboxId::new(now, &*house.chance);
    Ok(tx.tenant(scope).put_mail(id, &format!("access {id}"), &mail, now).await?)
}

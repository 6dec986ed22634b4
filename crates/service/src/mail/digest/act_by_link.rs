//! What a recipient does with a link: has the message released to themselves, or asks the RTD for it.

use super::followed::{Followed, follow, refuse};
use super::may_release::may_release;
use super::open_link::{HeldLanding, landing};
use crate::audit::record;
use crate::error::Error;
use crate::house::House;
use crate::identity::ClientHint;
use crate::mail::standing_policy;
use baluardo_model::identity::Actor;
use baluardo_store::Tx;

/// The most recipients of one message who can ask for it.
const MOST_ASKING: usize = 100;

/// Sends the message to the recipient of the link, and to nobody else; [`crate::mail::send_released()`] brings it to the mail server. It
/// teaches nothing about the sender: a recipient can be deceived, and an RTD looks closer.
///
/// # Errors
/// [`Error::Conflict`] `mail.link_not_yours` when the policy leaves this message to the RTD; as [`super::open_held_link()`].
#[crate::act]
pub async fn release_by_link(house: &House, token: &str, client: &ClientHint) -> Result<HeldLanding, Error> {
    let (mut tx, followed) = begin(house, token, client).await?;
    let policy = standing_policy(&mut tx, followed.scope).await?;
    if !may_release(&policy, &followed.row) {
        let message = "the RTD decides on this message: ask for it with the same link";
        return Err(Error::conflict("mail.link_not_yours", message));
    }
    let (id, now) = (followed.claim.held, house.now());
    let mut rows = tx.tenant(followed.scope);
    if followed.is_sole() {
        rows.release_held(id, &followed.recipient, now).await?;
    } else {
        rows.release_part(id, &followed.recipient, now).await?;
    }
    told(house, &mut tx, &followed, "mail.released_by_recipient").await?;
    finish(tx, followed).await
}

/// Asks the RTD for the message: the list of held mail shows who asks. Asking again changes nothing.
///
/// # Errors
/// As [`super::open_held_link()`].
#[crate::act]
pub async fn ask_by_link(house: &House, token: &str, client: &ClientHint) -> Result<HeldLanding, Error> {
    let (mut tx, mut followed) = begin(house, token, client).await?;
    let asked_by = &mut followed.row.asked_by;
    if !asked_by.contains(&followed.recipient) && asked_by.len() < MOST_ASKING {
        asked_by.push(followed.recipient.clone());
        tx.tenant(followed.scope).ask_for_held(followed.claim.held, asked_by).await?;
        told(house, &mut tx, &followed, "mail.asked_by_recipient").await?;
    }
    finish(tx, followed).await
}

/// Takes the turn of deciding on the message of a link that opens.
async fn begin(house: &House, token: &str, client: &ClientHint) -> Result<(Tx, Followed), Error> {
    let mut tx = house.store.write().await?;
    let found = match follow(house, &mut tx, token).await? {
        Ok(first) => {
            tx.tenant(first.scope).hold_decision(first.claim.held).await?;
            // Somebody else may have decided before the turn came.
            follow(house, &mut tx, token).await?
        }
        refused => refused,
    };
    match found {
        Ok(followed) => Ok((tx, followed)),
        Err(why) => {
            drop(tx);
            Err(refuse(house, why, client).await)
        }
    }
}

/// No address goes into the log: it outlives the message.
async fn told(house: &House, tx: &mut Tx, followed: &Followed, act: &str) -> Result<(), Error> {
    let target = format!("mail {}", followed.claim.held);
    record(house, tx, followed.scope, &Actor::Public, act, target, &followed.row.class).await
}

async fn finish(mut tx: Tx, followed: Followed) -> Result<HeldLanding, Error> {
    let shown = landing(&mut tx, followed).await?;
    tx.commit().await?;
    Ok(shown)
}

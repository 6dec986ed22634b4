//! Shows what a link of a letter is for, without doing it: mail scanners open links too.

use super::followed::{Followed, follow, refuse};
use super::letter::called;
use super::may_release::may_release;
use crate::error::Error;
use crate::house::House;
use crate::identity::ClientHint;
use crate::mail::{HeldReason, standing_policy};
use baluardo_model::Timestamp;
use baluardo_store::Tx;

/// What the page behind a link shows. All but the name of the comune comes from outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldLanding {
    /// The comune.
    pub tenant: String,
    /// Who the message says wrote it.
    pub author: String,
    /// What it says it is about.
    pub subject: String,
    /// The judge's word for it.
    pub class: String,
    /// When it came.
    pub taken_at: Timestamp,
    /// Why it is held.
    pub reasons: Vec<HeldReason>,
    /// Until when the link is good.
    pub expires_at: Timestamp,
    /// Whether the recipient may have it by themselves; else they may ask for it.
    pub may_release: bool,
    /// Whether they asked for it already.
    pub asked: bool,
}

/// What a link is for.
///
/// # Errors
/// [`Error::Conflict`] `mail.link_bad`, `mail.link_expired`, `mail.link_used`, `mail.link_deleted` and `mail.link_gone`, which are
/// counted; [`Error::Throttled`] where there were too many of them.
#[crate::act]
pub async fn open_held_link(house: &House, token: &str, client: &ClientHint) -> Result<HeldLanding, Error> {
    let mut tx = house.store.read().await?;
    match follow(house, &mut tx, token).await? {
        Ok(followed) => landing(&mut tx, followed).await,
        Err(why) => {
            drop(tx);
            Err(refuse(house, why, client).await)
        }
    }
}

pub(super) async fn landing(tx: &mut Tx, followed: Followed) -> Result<HeldLanding, Error> {
    let policy = standing_policy(tx, followed.scope).await?;
    let tenant = tx.platform().find_tenant(followed.claim.tenant).await?.ok_or(Error::NotFound)?;
    let asked = followed.row.asked_by.contains(&followed.recipient);
    let mail = followed.row.mail;
    Ok(HeldLanding {
        tenant: called(&tenant),
        may_release: may_release(&policy, &mail),
        asked,
        author: mail.author,
        subject: mail.subject,
        class: mail.class,
        taken_at: followed.row.taken_at,
        reasons: mail.reasons,
        expires_at: followed.claim.expires_at,
    })
}

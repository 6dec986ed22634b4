//! Reads the local inbox, and tells how the mail stands.

use crate::error::Error;
use crate::house::House;
use crate::rights::{Act, consortium_scope};
use baluardo_model::identity::Actor;
use baluardo_store::outbox::{LocalMail, MailTrouble};
use serde::Serialize;

/// How many mails the inbox shows.
const SHOWN: u32 = 200;

/// The newest mails of the local inbox. Whoever reads them can sign in as anybody, so there is no inbox unless the
/// settings keep mail here, and the face shows it on a loopback listener only.
///
/// # Errors
/// [`Error::NotFound`] where mail leaves.
#[crate::act]
pub async fn list_local_mail(house: &House) -> Result<Vec<LocalMail>, Error> {
    if !house.settings.local_mail {
        return Err(Error::NotFound);
    }
    let mut tx = house.store.read().await?;
    Ok(tx.platform().local_mail(SHOWN).await?)
}

/// How the mail of this installation stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MailState {
    /// Mails that wait to leave.
    pub waiting: u64,
    /// Those among them that were tried in vain.
    pub trouble: Option<MailTrouble>,
}

/// How the mail stands, for operators.
///
/// # Errors
/// As [`consortium_scope`].
#[crate::act]
pub async fn mail_state(house: &House, actor: &Actor) -> Result<MailState, Error> {
    let mut tx = house.store.read().await?;
    consortium_scope(&mut tx, actor, Act::SeeRequests).await?;
    let mut platform = tx.platform();
    Ok(MailState { waiting: platform.mail_waiting().await?, trouble: platform.mail_in_trouble().await? })
}

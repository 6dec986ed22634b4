//! What the job that guards mailboxes asks and tells. It acts for the platform: the RTD said that it may, by adding the mailbox.

use super::door::{Checked, Trouble};
use super::secret::{Credential, Secret};
use super::settings::Connection;
use super::{Guarded, MailboxRow};
use crate::error::Error;
use crate::fleet::foreign_text::bound;
use crate::house::House;
use crate::mail::standing_policy;
use crate::rights::platform_scope;
use baluardo_model::mail::{MailPolicy, Outcome};
use baluardo_model::{MailboxId, TenantId, Timestamp};

/// The most bytes of what a server says that are kept.
const MOST_SAID: usize = 500;

/// A mailbox that is to be guarded, opened.
#[derive(Clone, Debug)]
pub struct Opened {
    /// How it is reached.
    pub connection: Connection,
    /// What the comune wants.
    pub policy: MailPolicy,
    /// The server's mark for numbers of messages when it was last read; 0 before.
    pub validity: u32,
    /// The last message that was read.
    pub last_uid: u32,
    /// When.
    pub read_at: Option<Timestamp>,
}

/// Every mailbox that is to be guarded.
///
/// # Errors
/// What the store says.
#[crate::act]
pub async fn guarded(house: &House) -> Result<Vec<Guarded>, Error> {
    Ok(house.store.read().await?.platform().guarded_mailboxes().await?)
}

/// Opens one of them.
///
/// # Errors
/// [`Error::NotFound`] when it was removed; [`Error::Internal`] when its secret cannot be opened.
#[crate::act]
pub async fn open_mailbox(house: &House, tenant: TenantId, id: MailboxId) -> Result<Opened, Error> {
    let mut tx = house.store.read().await?;
    let scope = platform_scope(tenant);
    let row = tx.tenant(scope).mailbox(id).await?.ok_or(Error::NotFound)?;
    let policy = standing_policy(&mut tx, scope).await?;
    let connection = connection(house, tenant, &row)?;
    Ok(Opened { connection, policy, validity: row.validity, last_uid: row.last_uid, read_at: row.read_at })
}

pub(super) fn connection(house: &House, tenant: TenantId, row: &MailboxRow) -> Result<Connection, Error> {
    let settings = &row.settings;
    let secret = Secret::open(house, tenant, row.id, &settings.sealed)?;
    Ok(Connection {
        kind: settings.kind,
        address: settings.address.clone(),
        host: settings.host.clone(),
        port: settings.port,
        tls: settings.tls,
        login: settings.login.clone(),
        credential: secret.credential(settings.auth, &settings.token_url, &settings.client),
        folder: settings.folder.clone(),
        authserv: settings.authserv.clone(),
    })
}

/// Notes how a mailbox stands.
///
/// # Errors
/// What the store says.
#[crate::act]
pub async fn note_checked(
    house: &House,
    tenant: TenantId,
    id: MailboxId,
    answer: Result<&Checked, &Trouble>,
) -> Result<(), Error> {
    let mut said: String = match answer {
        Ok(_) => String::new(),
        Err(trouble) => trouble.said.chars().map(|c| if c.is_control() { ' ' } else { c }).collect(),
    };
    bound(&mut said, MOST_SAID);
    let remarks = answer.map_or(&[][..], |checked| &checked.remarks);
    let trouble = answer.err().map(|trouble| trouble.trouble);
    let mut tx = house.store.write().await?;
    tx.tenant(platform_scope(tenant)).mailbox_checked(id, trouble, &said, remarks, house.now()).await?;
    tx.commit().await?;
    Ok(())
}

/// Notes up to where a mailbox was read, and how the messages ended that nobody holds.
///
/// # Errors
/// What the store says.
#[crate::act]
pub async fn note_read(
    house: &House,
    tenant: TenantId,
    id: MailboxId,
    (validity, last_uid): (u32, u32),
    outcome: Option<Outcome>,
) -> Result<(), Error> {
    let mut tx = house.store.write().await?;
    let mut rows = tx.tenant(platform_scope(tenant));
    rows.mailbox_read(id, validity, last_uid, house.now()).await?;
    if let Some(outcome) = outcome {
        rows.count_mail(outcome, 1, house.now()).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Keeps the token that a provider handed out in place of the one that renews. False where somebody changed the mailbox
/// meanwhile: then what they typed stays.
///
/// # Errors
/// [`Error::NotFound`] when it was removed; what the store says.
#[crate::act]
pub async fn renew_token(
    house: &House,
    tenant: TenantId,
    id: MailboxId,
    before: &Credential,
    after: &Credential,
) -> Result<bool, Error> {
    let Credential::Oauth2 { client_secret, refresh_token, .. } = after else { return Ok(false) };
    let secret =
        Secret { password: String::new(), client_secret: client_secret.clone(), refresh_token: refresh_token.clone() };
    let sealed = secret.seal(house, tenant, id)?;
    let mut tx = house.store.write().await?;
    let mut rows = tx.tenant(platform_scope(tenant));
    let row = rows.mailbox(id).await?.ok_or(Error::NotFound)?;
    if connection(house, tenant, &row)?.credential != *before {
        return Ok(false);
    }
    rows.renew_mailbox_secret(id, &sealed).await?;
    tx.commit().await?;
    Ok(true)
}

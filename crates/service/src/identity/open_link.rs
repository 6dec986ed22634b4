//! Shows what a link is for, without using it up.

use crate::error::Error;
use crate::house::House;
use crate::identity::link::find_link;
use crate::identity::totp::{self, TotpSetup};
use baluardo_model::Timestamp;
use baluardo_model::identity::Role;
use serde::Serialize;

/// What the page behind a link shows. The secret of the link is all that its forms need to carry: no other page knows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LinkLanding {
    /// Name of the person.
    pub name: String,
    /// The address that they will sign in with.
    pub email: String,
    /// What they are.
    pub role: Role,
    /// Name of their tenant.
    pub tenant: String,
    /// Until when the link is good.
    pub expires_at: Timestamp,
    /// For those who choose a password: what their app needs. The same each time this link is opened.
    pub totp: TotpSetup,
    /// Whether passkeys can be used at the address of this console.
    pub passkeys: bool,
}

/// What a link is for.
///
/// # Errors
/// [`Error::NotFound`] for a link that is not ours; `link_used` or `link_expired`.
#[crate::act]
pub async fn open_link(house: &House, secret: &str) -> Result<LinkLanding, Error> {
    let mut tx = house.store.read().await?;
    let found = find_link(&mut tx, secret).await?;
    found.check_good(house.now())?;
    Ok(LinkLanding {
        totp: totp::show(&totp::secret_of_link(house, &found.hash), &found.person.email)?,
        name: found.person.name,
        email: found.person.email,
        role: found.person.role,
        tenant: found.tenant.name,
        expires_at: found.stored.expires_at,
        passkeys: house.passkeys.is_some(),
    })
}

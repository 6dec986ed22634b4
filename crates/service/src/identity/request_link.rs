//! Sends a link to whoever signs in with an address and has lost the way in.

use crate::audit::record;
use crate::error::Error;
use crate::house::House;
use crate::identity::address::check_email;
use crate::identity::letters;
use crate::identity::link::{ASKED, make_link};
use crate::identity::throttle::{ClientHint, LINKS_OF_ADDRESS, LINKS_OF_NETWORK, charge, charge_network};
use crate::rights::platform_scope;
use baluardo_model::OutboxId;
use baluardo_model::identity::{Actor, Person};
use baluardo_store::Tx;

/// Puts a mail with a link into the outbox if the address is somebody's. The answer is the same for every address, and
/// so is the work: one transaction.
///
/// # Errors
/// `email_invalid`; [`Error::Throttled`] for known and unknown addresses alike.
#[crate::act]
pub async fn request_link(house: &House, email: &str, client: &ClientHint) -> Result<(), Error> {
    let email = check_email("email", email)?;
    let mut tx = house.store.write().await?;
    charge_network(house, &mut tx, &LINKS_OF_NETWORK, client).await?;
    charge(house, &mut tx, &LINKS_OF_ADDRESS, &email).await?;
    let found = tx.platform().person_by_email(&email).await?;
    if let Some(found) = found.filter(|found| found.disabled_at.is_none()) {
        send(house, &mut tx, &found.person).await?;
    }
    tx.commit().await?;
    Ok(())
}

async fn send(house: &House, tx: &mut Tx, person: &Person) -> Result<(), Error> {
    let tenant = tx.platform().find_tenant(person.tenant).await?.ok_or(Error::NotFound)?;
    let link = make_link(house, tx, person, ASKED).await?;
    let mail = letters::asked_link(person, &tenant, &link);
    let scope = platform_scope(person.tenant);
    let now = house.now();
    let id = OutboxId::new(now, &*house.chance);
    tx.tenant(scope).put_mail(id, &format!("link {}", link.hash), &mail, now).await?;
    record(house, tx, scope, &Actor::Public, "link.ask", format!("person {}", person.id), "").await
}

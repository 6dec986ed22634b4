//! Suspicious certified mail: what it is and why, not what it says.

use super::PecNote;
use crate::audit::record;
use crate::error::Error;
use crate::fleet::actor_name;
use crate::house::House;
use crate::rights::{Act, tenant_scope};
use baluardo_model::TenantId;
use baluardo_model::identity::Actor;

/// The most notes that are shown.
const MAX_ROWS: u32 = 500;

/// The notes of `tenant`: hostile ones that nobody has seen first, then the newest; at most 500. That somebody looked stands in
/// the log.
///
/// # Errors
/// As [`tenant_scope`].
#[crate::act]
pub async fn list_pec(house: &House, actor: &Actor, tenant: TenantId) -> Result<Vec<PecNote>, Error> {
    let mut tx = house.store.write().await?;
    let scope = tenant_scope(&mut tx, actor, Act::SeeHeldMail, tenant).await?;
    let notes = tx.tenant(scope).pec_notes(MAX_ROWS).await?;
    if !notes.is_empty() {
        record(house, &mut tx, scope, actor, "pec.looked", "pec", "").await?;
        tx.commit().await?;
    }
    Ok(notes)
}

/// Says that somebody knows of a message; it leaves the things to do.
///
/// # Errors
/// [`Error::NotFound`] when there is none that nobody has seen; as [`tenant_scope`].
#[crate::act]
pub async fn mark_pec_seen(house: &House, actor: &Actor, tenant: TenantId, identity: &str) -> Result<(), Error> {
    let mut tx = house.store.write().await?;
    let scope = tenant_scope(&mut tx, actor, Act::ChangeHeldMail, tenant).await?;
    let identity = identity.replace('\0', "");
    if !tx.tenant(scope).pec_seen(&identity, &actor_name(actor), house.now()).await? {
        return Err(Error::NotFound);
    }
    record(house, &mut tx, scope, actor, "pec.seen", format!("pec {identity}"), "").await?;
    tx.commit().await?;
    Ok(())
}

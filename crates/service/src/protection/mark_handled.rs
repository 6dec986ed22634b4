//! Marks a finding as handled.

use crate::audit::record;
use crate::error::Error;
use crate::fleet::actor_name;
use crate::house::House;
use crate::live::Topic;
use crate::rights::{Act, tenant_scope};
use baluardo_model::identity::Actor;
use baluardo_model::{FindingId, TenantId};

/// The most characters of a note.
const MAX_NOTE: usize = 2_000;

/// Marks a finding as handled, with a note of what was done (it may be empty).
///
/// # Errors
/// [`Error::NotFound`] when the tenant has no such finding; [`Error::Conflict`] `finding.handled` when it was marked
/// before; [`Error::Invalid`] `finding.note_long` beyond 2,000 characters; as [`tenant_scope`].
#[crate::act]
pub async fn mark_handled(
    house: &House,
    actor: &Actor,
    tenant: TenantId,
    finding: FindingId,
    note: &str,
) -> Result<(), Error> {
    let note = checked_note(note)?;
    let mut tx = house.store.write().await?;
    let scope = tenant_scope(&mut tx, actor, Act::HandleFinding, tenant).await?;
    let mut rows = tx.tenant(scope);
    rows.finding(finding).await?.ok_or(Error::NotFound)?;
    if !rows.handle_finding(finding, &actor_name(actor), &note, house.now()).await? {
        return Err(Error::conflict("finding.handled", "this finding was marked as handled before"));
    }
    record(house, &mut tx, scope, actor, "finding.handled", format!("finding {finding}"), &note).await?;
    tx.commit().await?;
    house.live.tell(tenant, Topic::Finding, finding);
    Ok(())
}

/// A note as it is kept.
pub(super) fn checked_note(note: &str) -> Result<String, Error> {
    let note = note.trim().replace('\0', "\u{fffd}");
    if note.chars().count() > MAX_NOTE {
        return Err(Error::invalid("note", "finding.note_long", format!("write at most {MAX_NOTE} characters")));
    }
    Ok(note)
}

//! The RTD says what a reported message is.

use crate::audit::record;
use crate::error::Error;
use crate::fleet::actor_name;
use crate::house::House;
use crate::identity::check_text;
use crate::mail::standing_policy;
use crate::rights::{Act, tenant_scope};
use baluardo_model::identity::Actor;
use baluardo_model::mail::reports::ReportState;
use baluardo_model::{ReportId, TenantId};
use baluardo_store::mail::reports::Decision;

/// The most characters of a note.
const MOST_NOTE: usize = 500;

/// Keeps what somebody says of a reported message and of those that are alike: of hostile ones more are held, for the other comuni
/// too where both share reports; of harmless ones none are held for the reports' sake. The word is a label of the digests by
/// which such messages are known. A later word replaces the earlier one.
///
/// # Errors
/// [`Error::NotFound`] when the tenant has no such report; [`Error::Invalid`] `choice_missing` for [`ReportState::Open`], and what
/// is said of a note that is too long; as [`tenant_scope`].
#[crate::act]
pub async fn decide_report(
    house: &House,
    actor: &Actor,
    tenant: TenantId,
    id: ReportId,
    state: ReportState,
    note: &str,
) -> Result<(), Error> {
    let act = match state {
        ReportState::Open => {
            return Err(Error::invalid("state", "choice_missing", "say whether it is hostile or harmless"));
        }
        ReportState::Hostile => "mail.report_confirmed",
        ReportState::Harmless => "mail.report_cleared",
    };
    let note = check_text("note", note, MOST_NOTE)?;
    let mut tx = house.store.write().await?;
    let scope = tenant_scope(&mut tx, actor, Act::DecideReport, tenant).await?;
    let row = tx.tenant(scope).report(id).await?.ok_or(Error::NotFound)?;
    let hostile = state == ReportState::Hostile;
    let shared = hostile && standing_policy(&mut tx, scope).await?.share_reports;
    let by = actor_name(actor);
    let decision = Decision { state, holding: hostile, shared, by: &by, note: &note };
    tx.tenant(scope).decide_alike(row.report.alike, decision, house.now()).await?;
    let detail = if shared { format!("{}, shared", row.report.class) } else { row.report.class.clone() };
    record(house, &mut tx, scope, actor, act, format!("report {id}"), &detail).await?;
    tx.commit().await?;
    Ok(())
}

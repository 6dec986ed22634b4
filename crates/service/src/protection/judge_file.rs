//! A person says whether a file that was found is malware, and the policy of the comune follows.

use crate::audit::record;
use crate::error::Error;
use crate::fleet::{MAX_INDICATORS, OrderSigner, SCAN_ORDER_LIFE, actor_name, replace_policy, start_policy};
use crate::house::House;
use crate::live::Topic;
use crate::protection::mark_handled::checked_note;
use crate::rights::{Act, tenant_scope};
use baluardo_model::fleet::{DeviceState, OrderKind, Policy};
use baluardo_model::identity::Actor;
use baluardo_model::protection::{FindingKind, Judgement};
use baluardo_model::{DeviceId, FindingId, TenantId};
use baluardo_store::protection::findings::FindingRow;
use baluardo_store::protection::labels::Label;
use baluardo_store::{TenantScope, Tx};
use std::path::Path;

/// Whether a finding is of a file of which a person can say that it is harmful or harmless.
#[must_use]
pub fn is_judged(kind: FindingKind, sha256: Option<&str>) -> bool {
    let is_digest = |text: &str| text.len() == 64 && text.bytes().all(|digit| digit.is_ascii_hexdigit());
    sha256.is_some_and(is_digest) && matches!(kind, FindingKind::Suspicious | FindingKind::Malware)
}

/// Keeps what a person says of the file of a finding, marks the finding as handled, and changes the policy: every device stops
/// a harmful file wherever it meets it, and says nothing any more of a harmless one. The device that found a harmful file
/// looks at its folder again. A later word on the same content replaces the earlier one.
///
/// # Errors
/// [`Error::NotFound`] when the tenant has no such finding; [`Error::Conflict`] `finding.no_file` when it is not of a file;
/// [`Error::Invalid`] `finding.note_long`, or `policy.too_many` when the policy's list is full; as [`tenant_scope`].
#[crate::act]
pub async fn judge_file(
    house: &House,
    actor: &Actor,
    tenant: TenantId,
    finding: FindingId,
    judgement: Judgement,
    note: &str,
) -> Result<(), Error> {
    let note = checked_note(note)?;
    let mut tx = house.store.write().await?;
    let scope = tenant_scope(&mut tx, actor, Act::HandleFinding, tenant).await?;
    let (row, story) = tx.tenant(scope).finding(finding).await?.ok_or(Error::NotFound)?;
    let digest = row.sha256.as_deref().filter(|_| is_judged(row.kind, row.sha256.as_deref()));
    let Some(sha256) = digest.map(str::to_ascii_lowercase) else {
        return Err(Error::conflict("finding.no_file", "this finding is not of one file"));
    };
    let label = Label {
        sha256: sha256.clone(),
        judgement,
        finding,
        kind: row.kind,
        reasons: story.reasons,
        note: note.clone(),
        decided_by: actor_name(actor),
        decided_at: house.now(),
    };
    tx.tenant(scope).keep_label(&label).await?;
    tx.tenant(scope).handle_finding(finding, &label.decided_by, &note, house.now()).await?;
    let before = start_policy(house, &mut tx, scope).await?;
    let replaced = replace_policy(house, &mut tx, scope, actor, &before, with(&before, &sha256, judgement)?).await?;
    let scanned = match judgement {
        Judgement::Harmful => look_again(house, &mut tx, scope, &row).await?,
        Judgement::Harmless => None,
    };
    let detail = format!("{}: {sha256} {note}", judgement.code());
    record(house, &mut tx, scope, actor, "file.judged", format!("finding {finding}"), detail.trim_end()).await?;
    tx.commit().await?;
    if let Some(replaced) = &replaced {
        replaced.announce(house, tenant);
    }
    if let Some(device) = scanned {
        house.fleet.order_given(device);
    }
    house.live.tell(tenant, Topic::Finding, finding);
    Ok(())
}

/// The policy with the digest on one of its lists and not on the other.
fn with(before: &Policy, sha256: &str, judgement: Judgement) -> Result<Policy, Error> {
    let mut policy = before.clone();
    let (onto, off, field) = match judgement {
        Judgement::Harmful => (&mut policy.bad_sha256, &mut policy.good_sha256, "bad_sha256"),
        Judgement::Harmless => (&mut policy.good_sha256, &mut policy.bad_sha256, "good_sha256"),
    };
    off.retain(|known| known != sha256);
    if !onto.iter().any(|known| known == sha256) {
        onto.push(sha256.to_owned());
        onto.sort_unstable();
    }
    if onto.len() > MAX_INDICATORS {
        let message = format!("the policy holds {MAX_INDICATORS} of them already: take some off its list first");
        return Err(Error::invalid(field, "policy.too_many", message));
    }
    Ok(policy)
}

/// Has the device scan the folder of the file, after it took the new policy; not while another scan waits.
async fn look_again(
    house: &House,
    tx: &mut Tx,
    scope: TenantScope,
    row: &FindingRow,
) -> Result<Option<DeviceId>, Error> {
    let device = tx.tenant(scope).device(row.device).await?;
    let takes_orders = device.is_some_and(|device| device.state == DeviceState::Active);
    // The path is foreign text: a folder that no scan could be ordered of is not ordered.
    let folder = Path::new(&row.path).parent().filter(|folder| folder.is_absolute()).and_then(Path::to_str);
    let Some(folder) = folder.filter(|folder| takes_orders && *folder != "/") else { return Ok(None) };
    if tx.tenant(scope).order_waits(row.device, "scan", house.now()).await? {
        return Ok(None);
    }
    let signer = OrderSigner::load(house, tx).await?;
    let order = OrderKind::Scan { folders: vec![folder.to_owned()] };
    signer.give(tx, scope, row.device, order, String::new(), SCAN_ORDER_LIFE).await?;
    Ok(Some(row.device))
}

//! Goes on after numbers that an agent can no longer send, and tells people so.
//!
//! A server that was put back from a backup knows less of a device than it did. The device sends the rest again, as far as
//! its disk still has it. What it no longer has is passed over here: in one transaction the device's own number moves on,
//! and a finding and a line of the audit log say which events are missing. Nothing else of the device, and nothing of any
//! other, is touched, and the number never goes back.

use crate::audit::record_at;
use crate::fleet::refusal::Refusal;
use crate::house::House;
use crate::live::Topic;
use crate::rights::device_scope;
use baluardo_model::fleet::{Device, DeviceState};
use baluardo_model::identity::Actor;
use baluardo_model::protection::{Finding, FindingKind, Reason, Severity, Step, StepKind};
use baluardo_model::{DeviceId, FindingId, Timestamp};
use baluardo_wire::exchange::Gone;

/// The largest number that a device can come to: a thousand events a second for a quarter of a million years, and a whole
/// number in every language that reads JSON.
const MAX_NUMBER: u64 = 1 << 53;

/// Passes over the numbers in `gone` if the device's row stands where the agent believes; hands back where it stands now.
///
/// # Errors
/// `exchange.disorder` when the numbers make no sense, `exchange.gone_again` when the device said so a moment ago,
/// `device.unknown`, `device.revoked`; `busy` and `internal`.
pub(super) async fn pass_over(house: &House, actor: &Actor, device: DeviceId, gone: Gone) -> Result<u64, Refusal> {
    if gone.until <= gone.after || gone.until > MAX_NUMBER {
        return Err(Refusal::disorder(gone.after, gone.until));
    }
    let scope = device_scope(actor)?;
    let now = house.now();
    let mut tx = house.store.write().await?;
    let row = tx.tenant(scope).device(device).await?.ok_or_else(Refusal::device_unknown)?;
    if row.state == DeviceState::Revoked {
        return Err(Refusal::device_revoked());
    }
    if row.acked_seq != gone.after {
        // It stands elsewhere by now, and the agent goes by that.
        house.fleet.memory.stands_at(device, row.acked_seq);
        return Ok(row.acked_seq);
    }
    if !house.fleet.memory.may_pass_over(device, now) {
        return Err(Refusal::gone_again());
    }
    if !tx.tenant(scope).device_passes_over(device, gone.after, gone.until).await? {
        return Err(Refusal::busy());
    }
    let finding = told(house, &row, gone, now);
    tx.tenant(scope).keep_finding(device, &finding, now).await?;
    let target = format!("device {device}");
    record_at(now, &mut tx, scope, actor, "device.events_gone", target, &sentence(gone)).await?;
    tx.commit().await?;
    house.fleet.memory.stands_at(device, gone.until);
    house.fleet.memory.passed_over(device, now);
    house.live.tell(scope.tenant(), Topic::Finding, finding.id);
    Ok(gone.until)
}

fn sentence(gone: Gone) -> String {
    format!(
        "events {} to {} ({} in all) are missing for good: this server was put back to an older state, and the device no \
         longer has them",
        gone.after + 1,
        gone.until,
        gone.until - gone.after
    )
}

/// What people read among the findings.
fn told(house: &House, device: &Device, gone: Gone, now: Timestamp) -> Finding {
    let detail = sentence(gone);
    let step = "look into a newer backup of this server, and through the device's folders, for what they told";
    Finding {
        id: FindingId::new(now, house.chance.as_ref()),
        kind: FindingKind::AgentTrouble,
        severity: Severity::High,
        detected_at: now,
        path: device.hostname.clone(),
        sha256: None,
        reasons: vec![Reason { engine: "server".to_owned(), rule: "events_gone".to_owned(), detail }],
        processes: Vec::new(),
        techniques: Vec::new(),
        files_touched: 0,
        files_lost: 0,
        steps: vec![Step { at: now, kind: StepKind::Failed, detail: step.to_owned(), files: 0 }],
        intrusion: None,
    }
}

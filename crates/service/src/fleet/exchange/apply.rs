//! Keeps the news of one exchange within a transaction.

use super::check::fresh;
use super::ingest::News;
use super::inventory;
use crate::audit::record_at;
use crate::error::Error;
use crate::fleet::refusal::Refusal;
use crate::live::Topic;
use crate::protection::join;
use crate::rights::device_scope;
use baluardo_model::fleet::{DeviceState, OrderOutcome};
use baluardo_model::hunt::{HuntState, MAX_HITS};
use baluardo_model::identity::Actor;
use baluardo_model::protection::QuarantineState;
use baluardo_model::rollback::{Rollback, RollbackStage, RollbackTally};
use baluardo_model::{Chance, DeviceId, OrderId, QuarantineId, Timestamp};
use baluardo_store::{TenantScope, Tx};
use baluardo_wire::exchange::{Event, EventBody};

/// How often the acknowledged number is read again when it moved under our hands.
const TRIES: usize = 3;

/// The most packages of evidence that one device keeps here without being asked.
const MOST_UNASKED: i64 = 20;

/// What was kept.
#[derive(Debug)]
pub(super) struct Kept {
    pub(super) acked: u64,
    /// What to tell listeners after the commit.
    pub(super) changes: Vec<(Topic, String)>,
}

/// Keeps the events after the acknowledged number and what the agent said of itself. `acked` is where the number
/// stood when last looked at; the row itself decides.
pub(super) async fn apply(
    tx: &mut Tx,
    (now, chance): (Timestamp, &dyn Chance),
    news: &News,
    mut acked: u64,
) -> Result<Result<Kept, Refusal>, Error> {
    let scope = device_scope(&news.actor)?;
    for round in 0..TRIES {
        match fresh(&news.events, acked) {
            Ok((events, last)) => {
                if tx.tenant(scope).device_spoke(news.device, (acked, last), now, &news.said).await? {
                    return Ok(Ok(Kept { acked: last, changes: keep(tx, scope, (now, chance), news, events).await? }));
                }
            }
            Err(refusal) if round > 0 => return Ok(Err(refusal)),
            // The number was memory's: whether there is a gap, the row says.
            Err(_) => {}
        }
        match tx.tenant(scope).device(news.device).await? {
            None => return Ok(Err(Refusal::device_unknown())),
            Some(row) if row.state == DeviceState::Revoked => return Ok(Err(Refusal::device_revoked())),
            Some(row) => acked = row.acked_seq,
        }
    }
    Ok(Err(Refusal::busy()))
}

/// Keeps fresh events; hands back what to tell listeners.
async fn keep(
    tx: &mut Tx,
    scope: TenantScope,
    (now, chance): (Timestamp, &dyn Chance),
    news: &News,
    events: &[Event],
) -> Result<Vec<(Topic, String)>, Error> {
    let mut desk = Desk { tx, scope, now, chance, actor: &news.actor, device: news.device, changes: Vec::new() };
    for event in events {
        desk.keep(event).await?;
    }
    if events.is_empty() {
        desk.changes.push((Topic::Device, news.device.to_string()));
    }
    Ok(desk.changes)
}

/// One exchange's work within the transaction.
struct Desk<'a> {
    tx: &'a mut Tx,
    scope: TenantScope,
    now: Timestamp,
    chance: &'a dyn Chance,
    actor: &'a Actor,
    device: DeviceId,
    changes: Vec<(Topic, String)>,
}

impl Desk<'_> {
    async fn keep(&mut self, event: &Event) -> Result<(), Error> {
        let (device, now) = (self.device, self.now);
        let mut rows = self.tx.tenant(self.scope);
        let (kept, code, id) = match &event.body {
            EventBody::Finding { finding } => {
                let kept = rows.keep_finding(device, finding, now).await?;
                if kept {
                    join(&mut rows, device, finding, (now, self.chance)).await?;
                }
                (kept, "exchange.foreign_finding", self.changed(kept, Topic::Finding, finding.id))
            }
            EventBody::FindingStep { finding, step, files_touched, files_lost } => {
                let kept = rows.keep_step(device, *finding, event.seq, step, (*files_touched, *files_lost)).await?;
                (kept, "exchange.unknown_finding", self.changed(kept, Topic::Finding, *finding))
            }
            EventBody::Quarantined { item } => {
                let kept = rows.keep_quarantined(device, item, now).await?;
                (kept, "exchange.foreign_quarantine", self.changed(kept, Topic::Quarantine, item.id))
            }
            EventBody::QuarantineChanged { item, state } => {
                let kept = rows.change_quarantined(device, *item, *state, now).await?;
                (kept, "exchange.unknown_quarantine", self.changed(kept, Topic::Quarantine, *item))
            }
            EventBody::OrderEnded { order, outcome, note } => {
                (self.order_ended(*order, *outcome, note).await?, "exchange.unknown_order", order.to_string())
            }
            EventBody::Isolated { until, code, finding } => {
                let detail = match finding {
                    Some(finding) => format!("until {}, because of finding {finding}", until.rfc3339()),
                    None => format!("until {}", until.rfc3339()),
                };
                self.isolation(Some((*until, code)), "device.isolated", &detail).await?;
                return Ok(());
            }
            EventBody::HuntTold { hunt, state, checked, hits, note } => {
                let told = (*state, *checked, note.as_str());
                let kept = rows.hunt_told((*hunt, device), told, (hits, MAX_HITS), now).await?;
                (kept, "exchange.unknown_hunt", self.changed(kept, Topic::Device, device))
            }
            EventBody::Inventory { taken_at, packed } => {
                let kept = inventory::keep(&mut rows, device, (*taken_at, now), packed).await?;
                (kept, "exchange.inventory_unreadable", self.changed(kept, Topic::Device, device))
            }
            EventBody::StopCode { code } => {
                (rows.set_stop_code(device, code).await?, "exchange.stop_code", device.to_string())
            }
            EventBody::EvidenceCollected { evidence } => {
                // Nobody asked for those of a device's own policy, so their number is bounded.
                let asked = rows.evidence(evidence.id).await?.is_some();
                let many = !asked && rows.evidence_unasked(device).await? >= MOST_UNASKED;
                let kept = !many && rows.keep_evidence(device, evidence, now).await?;
                if kept {
                    let detail =
                        format!("evidence {}, {} bytes, SHA-256 {}", evidence.id, evidence.size, evidence.sha256);
                    let target = format!("device {device}");
                    record_at(now, self.tx, self.scope, self.actor, "evidence.collected", target, &detail).await?;
                }
                (kept, "exchange.foreign_evidence", self.changed(kept, Topic::Device, device))
            }
            EventBody::Rollback { rollback } => {
                let kept = rows.keep_rollback(device, rollback, now).await?;
                if kept && matches!(rollback.stage, RollbackStage::Done | RollbackStage::Failed) {
                    self.rollback_ended(rollback).await?;
                }
                (kept, "exchange.foreign_rollback", self.changed(kept, Topic::Device, device))
            }
            EventBody::Rejoined { how } => return self.isolation(None, "device.rejoined", how.code()).await,
        };
        if !kept {
            let detail = format!("event {} of device {device} is about {id}, which is not its own", event.seq);
            self.tx.tenant(self.scope).count_refusals(code, 1, now, &detail).await?;
        }
        Ok(())
    }

    /// Notes that the device is cut off, with the sealed code that lifts it, or that it no longer is.
    async fn isolation(&mut self, isolated: Option<(Timestamp, &str)>, act: &str, detail: &str) -> Result<(), Error> {
        let device = self.device;
        self.tx.tenant(self.scope).device_isolated(device, isolated).await?;
        self.changes.push((Topic::Device, device.to_string()));
        record_at(self.now, self.tx, self.scope, self.actor, act, format!("device {device}"), detail).await
    }

    /// What came of a roll back, for the log: also of one that was begun on the device.
    async fn rollback_ended(&mut self, told: &Rollback) -> Result<(), Error> {
        let RollbackTally { changed, returned, aside, stuck, .. } = told.tally;
        let moment = told.to.rfc3339();
        let detail = format!(
            "{} to {moment}: {}, {changed} changed, {returned} returned, {aside} aside, {stuck} stuck {}",
            told.folder,
            told.stage.code(),
            told.note
        );
        let target = format!("device {}", self.device);
        record_at(self.now, self.tx, self.scope, self.actor, "rollback.ended", target, detail.trim_end()).await
    }

    fn changed(&mut self, kept: bool, topic: Topic, id: impl std::fmt::Display) -> String {
        let id = id.to_string();
        if kept {
            self.changes.push((topic, id.clone()));
        }
        id
    }

    /// Notes how an order ended and what follows from it; false when the device never had such an order.
    async fn order_ended(&mut self, id: OrderId, outcome: OrderOutcome, note: &str) -> Result<bool, Error> {
        let mut rows = self.tx.tenant(self.scope);
        let Some(order) = rows.order(self.device, id).await? else { return Ok(false) };
        if !rows.end_order(self.device, id, outcome, note, self.now).await? {
            // The same end told twice.
            return Ok(true);
        }
        self.changes.push((Topic::Device, self.device.to_string()));
        if order.kind == "apply_policy" {
            return Ok(true);
        }
        if let ("hunt", Ok(hunt), true) = (order.kind.as_str(), order.target.parse(), outcome != OrderOutcome::Done) {
            let told = (HuntState::Failed, 0, note);
            rows.hunt_told((hunt, self.device), told, (&[], MAX_HITS), self.now).await?;
        }
        let state = match order.kind.as_str() {
            "release_quarantine" => Some(QuarantineState::Released),
            "delete_quarantine" => Some(QuarantineState::Deleted),
            _ => None,
        };
        if let (Some(state), Ok(item)) = (state, order.target.parse::<QuarantineId>()) {
            match outcome {
                OrderOutcome::Done => {
                    rows.change_quarantined(self.device, item, state, self.now).await?;
                }
                OrderOutcome::Failed | OrderOutcome::Refused => rows.quarantine_order_failed(item, id).await?,
            }
            self.changes.push((Topic::Quarantine, item.to_string()));
        }
        let detail = format!("{} {}: {} {note}", order.kind, order.target, outcome.code());
        let target = format!("order {id}");
        record_at(self.now, self.tx, self.scope, self.actor, "order.ended", target, detail.trim_end()).await?;
        Ok(true)
    }
}

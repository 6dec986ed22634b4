//! Bounds on what a device may make the house keep.

use crate::fleet::foreign_text::{MAX_NAME, MAX_TEXT, bound, name};
use baluardo_model::hunt::MAX_HITS;
use baluardo_model::intrusion::Intrusion;
use baluardo_model::protection::{Finding, FindingKind, QuarantineItem, Reason};
use baluardo_model::rollback::{MOMENTS, NAMED, Rollback};
use baluardo_store::fleet::devices::Spoken;
use baluardo_wire::exchange::{Event, EventBody, Status};

/// The most entries of each list in a finding.
const MAX_REASONS: usize = 64;
const MAX_PROCESSES: usize = 64;
const MAX_TECHNIQUES: usize = 32;
const MAX_STEPS: usize = 256;
const MAX_ACCOUNTS: usize = 16;
const MAX_FIELDS: usize = 32;

/// What an agent says of itself, bounded.
pub(super) fn spoken(status: &Status) -> Spoken {
    let mut coverage_note = status.coverage_note.clone();
    bound(&mut coverage_note, MAX_TEXT);
    Spoken {
        agent_version: name(&status.agent_version),
        coverage: status.coverage,
        coverage_note,
        policy_version: status.policy_version,
    }
}

/// Bounds every text and list of an event; what was cut is said in it.
pub(super) fn event(event: &mut Event) {
    match &mut event.body {
        EventBody::Finding { finding } => bound_finding(finding),
        EventBody::FindingStep { step, .. } => bound(&mut step.detail, MAX_TEXT),
        EventBody::Quarantined { item } => bound_item(item),
        EventBody::OrderEnded { note, .. } => bound(note, MAX_TEXT),
        EventBody::Isolated { code, .. } | EventBody::StopCode { code } => bound(code, MAX_TEXT),
        EventBody::HuntTold { hits, note, .. } => {
            bound(note, MAX_TEXT);
            hits.truncate(MAX_HITS);
            for text in hits.iter_mut().flat_map(|hit| [&mut hit.what, &mut hit.detail]) {
                bound(text, MAX_NAME * 4);
            }
        }
        EventBody::EvidenceCollected { evidence } => {
            bound(&mut evidence.by, MAX_TEXT);
            bound(&mut evidence.reason, MAX_TEXT);
            evidence.sha256 = sha256(&evidence.sha256).unwrap_or_default();
        }
        EventBody::Rollback { rollback } => bound_rollback(rollback),
        // An inventory is bounded where it is unpacked.
        EventBody::QuarantineChanged { .. } | EventBody::Rejoined { .. } | EventBody::Inventory { .. } => {}
    }
}

fn bound_rollback(told: &mut Rollback) {
    told.stuck.truncate(NAMED);
    told.open.truncate(NAMED);
    told.moments.truncate(MOMENTS);
    let texts = [&mut told.folder, &mut told.aside, &mut told.note];
    let stuck = told.stuck.iter_mut().flat_map(|stuck| [&mut stuck.path, &mut stuck.why]);
    for text in texts.into_iter().chain(stuck).chain(&mut told.open) {
        bound(text, MAX_TEXT);
    }
}

fn bound_item(item: &mut QuarantineItem) {
    bound(&mut item.path, MAX_TEXT);
    item.sha256 = sha256(&item.sha256).unwrap_or_default();
}

fn bound_finding(finding: &mut Finding) {
    let mut cuts = Vec::new();
    cut("reasons", &mut finding.reasons, MAX_REASONS, &mut cuts);
    cut("processes", &mut finding.processes, MAX_PROCESSES, &mut cuts);
    cut("techniques", &mut finding.techniques, MAX_TECHNIQUES, &mut cuts);
    cut("steps", &mut finding.steps, MAX_STEPS, &mut cuts);
    finding.reasons.extend(cuts);
    bound(&mut finding.path, MAX_TEXT);
    finding.sha256 = finding.sha256.as_deref().and_then(sha256);
    for reason in &mut finding.reasons {
        bound(&mut reason.engine, MAX_TEXT);
        bound(&mut reason.rule, MAX_TEXT);
        bound(&mut reason.detail, MAX_TEXT);
    }
    for process in &mut finding.processes {
        bound(&mut process.exe, MAX_TEXT);
        bound(&mut process.cmdline, MAX_TEXT);
    }
    for technique in &mut finding.techniques {
        bound(technique, MAX_TEXT);
    }
    for step in &mut finding.steps {
        bound(&mut step.detail, MAX_TEXT);
    }
    match &mut finding.intrusion {
        Some(intrusion) if finding.kind == FindingKind::Intrusion => bound_intrusion(intrusion),
        told => *told = None,
    }
}

fn bound_intrusion(intrusion: &mut Intrusion) {
    intrusion.accounts.truncate(MAX_ACCOUNTS);
    intrusion.fields.truncate(MAX_FIELDS);
    let texts = [&mut intrusion.rule, &mut intrusion.title, &mut intrusion.title_it];
    let fields = intrusion.fields.iter_mut().flat_map(|field| [&mut field.name, &mut field.value]);
    for text in texts.into_iter().chain(&mut intrusion.accounts).chain(fields) {
        bound(text, MAX_TEXT);
    }
}

/// Keeps the first `most` entries; what is gone is told as a reason of the server's own.
fn cut<T>(what: &str, list: &mut Vec<T>, most: usize, cuts: &mut Vec<Reason>) {
    if list.len() > most {
        let detail = format!("the agent sent {} {what}, the first {most} are kept", list.len());
        cuts.push(Reason { engine: "server".to_owned(), rule: "cut".to_owned(), detail });
        list.truncate(most);
    }
}

/// A SHA-256 in lower case, if it is one.
fn sha256(text: &str) -> Option<String> {
    let is_one = text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit());
    is_one.then(|| text.to_ascii_lowercase())
}

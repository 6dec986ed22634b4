//! From what the service floor says to what a page shows: one row each.

use crate::view::parts::RefusalLine;
use crate::view::{fleet, intrusion, members, overview, packs, protection};
use baluardo_model::fleet::{Coverage as Watch, OrderOutcome};
use baluardo_model::identity::{Management, Tenant};
use baluardo_model::intrusion::{EventField, Intrusion};
use baluardo_model::protection::Severity;
use baluardo_model::register::Register;
use baluardo_model::{OrderId, Timestamp};
use baluardo_service::fleet::{
    AdhesionFigures, Coverage, DeviceProtection, DeviceRow, EnrolTokenView, FEWEST, LeftOut, MemberReason, MemberRow,
    OrderRow, PackRow, PackSource, RefusalRow,
};
use baluardo_service::protection::{
    Campaign, FindingRow, Label, MembersCampaign, QuarantineRow, TenantOverview, TodoKind, TriedMember,
};

/// What protects a device, in one word.
#[must_use]
pub fn device_status(row: &DeviceRow) -> fleet::DeviceStatus {
    match (row.protection, row.device.coverage) {
        (DeviceProtection::Revoked, _) => fleet::DeviceStatus::Revoked,
        (DeviceProtection::Silent, _) => fleet::DeviceStatus::Silent,
        (DeviceProtection::NotCovered, _) | (DeviceProtection::Protected, Watch::None) => {
            fleet::DeviceStatus::NotCovered
        }
        (DeviceProtection::Protected, Watch::Detecting) => fleet::DeviceStatus::Detecting,
        (DeviceProtection::Protected, Watch::Blocking) => fleet::DeviceStatus::Protected,
    }
}

/// A device in a list.
#[must_use]
pub fn device(row: &DeviceRow) -> fleet::DeviceRow {
    fleet::DeviceRow {
        id: row.device.id.to_string(),
        hostname: row.device.hostname.clone(),
        os: row.device.os.clone(),
        status: device_status(row),
        last_seen: row.device.last_seen,
        open_findings: row.open_findings,
        isolated_until: row.device.isolated_until,
    }
}

/// A token for a computer.
#[must_use]
pub fn enrol_token(view: &EnrolTokenView) -> fleet::EnrolTokenRow {
    fleet::EnrolTokenRow {
        id: view.id.clone(),
        label: view.label.clone(),
        created_by: view.created_by.clone(),
        created_at: view.created_at,
        expires_at: view.expires_at,
        state: view.state.code().to_owned(),
        used_at: view.used_at,
        device: view.device.clone(),
        hostname: view.hostname.clone().unwrap_or_default(),
    }
}

/// An order of a device.
#[must_use]
pub fn order(row: &OrderRow, now: Timestamp) -> fleet::OrderRow {
    fleet::OrderRow {
        issued_at: row.issued_at,
        kind: row.kind.clone(),
        state: order_state(row, now).to_owned(),
        note: row.note.clone(),
    }
}

/// An order in the story of a finding.
#[must_use]
pub fn order_line(row: &OrderRow, now: Timestamp) -> protection::OrderLine {
    protection::OrderLine {
        kind: row.kind.clone(),
        state: order_state(row, now).to_owned(),
        issued_at: row.issued_at,
        ended_at: row.ended_at.or_else(|| (row.expires_at <= now).then_some(row.expires_at)),
        note: row.note.clone(),
    }
}

/// How an order stands, in one stable word.
fn order_state(row: &OrderRow, now: Timestamp) -> &'static str {
    match row.outcome {
        Some(OrderOutcome::Done) => "done",
        Some(OrderOutcome::Failed) => "failed",
        Some(OrderOutcome::Refused) => "refused",
        // A newer order took its place: to the device it is as if it had run out.
        None if row.ended_at.is_some() || row.expires_at <= now => "expired",
        None => "waiting",
    }
}

/// A finding in a list.
#[must_use]
pub fn finding(row: &FindingRow) -> protection::FindingRow {
    protection::FindingRow {
        id: row.id.to_string(),
        kind: row.kind,
        severity: row.severity,
        detected_at: row.detected_at,
        device: row.hostname.clone(),
        path: row.path.clone(),
        outcome: protection::Outcome {
            stopped: row.stopped,
            quarantined: row.quarantined,
            files_touched: row.files_touched,
            files_lost: row.files_lost,
        },
        handled: row.handled_at.is_some(),
        intrusion: row.intrusion.as_deref().map(intrusion),
    }
}

/// What a rule saw.
#[must_use]
pub fn intrusion(seen: &Intrusion) -> intrusion::Intrusion {
    let field = |field: &EventField| intrusion::IntrusionField { name: field.name.clone(), value: field.value.clone() };
    intrusion::Intrusion {
        rule: seen.rule.clone(),
        title: seen.title.clone(),
        title_it: seen.title_it.clone(),
        source: seen.source.map(|source| source.to_string()),
        accounts: seen.accounts.clone(),
        count: seen.count,
        last_at: seen.last_at,
        fields: seen.fields.iter().map(field).collect(),
    }
}

/// A campaign of a tenant.
#[must_use]
pub fn campaign(row: &Campaign) -> intrusion::CampaignRow {
    intrusion::CampaignRow {
        id: row.id.to_string(),
        source: row.source.to_string(),
        devices: row.devices,
        tries: row.tries,
        first_at: row.first_at,
        last_at: row.last_at,
        others: row.others,
    }
}

/// Where a pack is fetched from.
#[must_use]
pub fn pack_source(row: PackSource) -> packs::PackSourceRow {
    let PackSource { name, address, every_hours, due_at, tried_at, fetched_at, failure, .. } = row;
    packs::PackSourceRow { name, address, every_hours, due_at, tried_at, fetched_at, failure }
}

/// A pack.
#[must_use]
pub fn pack(row: PackRow) -> packs::PackRow {
    let PackRow { name, sha256, bytes, rules, indicators, exclusions, skipped, report, imported_at, imported_by } = row;
    let left = |left: LeftOut| packs::LeftOutRow { place: left.place, reason: left.reason };
    let report = report.into_iter().map(left).collect();
    packs::PackRow { name, sha256, bytes, rules, indicators, exclusions, skipped, report, imported_at, imported_by }
}

/// What a person said of a file.
#[must_use]
pub fn label(row: Label) -> protection::LabelLine {
    protection::LabelLine { judgement: row.judgement, by: row.decided_by, at: row.decided_at, note: row.note }
}

/// A campaign against the members of a consortium.
#[must_use]
pub fn members_campaign(row: &MembersCampaign) -> intrusion::MembersCampaignRow {
    let member = |member: &TriedMember| intrusion::TriedMember {
        id: member.tenant.to_string(),
        name: member.name.clone(),
        devices: member.devices,
        tries: member.tries,
    };
    intrusion::MembersCampaignRow {
        id: row.id.to_string(),
        source: row.source.to_string(),
        devices: row.devices,
        tries: row.tries,
        first_at: row.first_at,
        last_at: row.last_at,
        members: row.members.iter().map(member).collect(),
    }
}

/// A file in quarantine.
#[must_use]
pub fn quarantined(row: &QuarantineRow) -> protection::QuarantineRow {
    protection::QuarantineRow {
        id: row.id.to_string(),
        finding: row.finding.to_string(),
        device: row.hostname.clone(),
        path: row.path.clone(),
        sha256: row.sha256.clone(),
        size: row.size,
        taken_at: row.taken_at,
        state: row.state,
        order_waits: row.pending.is_some(),
    }
}

/// The things that an RTD should do: one line for each kind, worst first.
#[must_use]
pub fn todos(overview: &TenantOverview) -> Vec<overview::Todo> {
    let kind_of = |kind: TodoKind| match kind {
        TodoKind::FilesLost => overview::TodoKind::FilesLost,
        TodoKind::Ransomware
        | TodoKind::Intrusion
        | TodoKind::Malware
        | TodoKind::Suspicious
        | TodoKind::AgentTrouble
        | TodoKind::MoreFindings => overview::TodoKind::FindingsOpen,
        TodoKind::DeviceSilent => overview::TodoKind::DevicesSilent,
        TodoKind::DeviceNotCovered => overview::TodoKind::DevicesNotCovered,
        TodoKind::PecHostile => overview::TodoKind::PecHostile,
        TodoKind::MailWaiting => overview::TodoKind::MailWaiting,
        TodoKind::DomainFallen => overview::TodoKind::DomainFallen,
        TodoKind::QuarantineWaiting => overview::TodoKind::QuarantineWaiting,
        TodoKind::NoDevices => overview::TodoKind::NoDevices,
    };
    let line = |kind: overview::TodoKind| {
        let those: Vec<_> = overview.todo.iter().filter(|todo| kind_of(todo.kind) == kind).collect();
        let count = those.iter().map(|todo| todo.count).sum();
        (!those.is_empty()).then_some(overview::Todo { kind, count })
    };
    overview::TodoKind::ALL.into_iter().filter_map(line).collect()
}

/// A comune in the operator's ranking.
#[must_use]
pub fn ranked(row: &MemberRow) -> overview::RankedComune {
    let register = Register::shipped();
    let comune = row.cadastral_code.as_deref().and_then(|code| register.comune(code));
    let not_covered = row.not_covered.unwrap_or(0);
    overview::RankedComune {
        id: row.tenant.to_string(),
        name: row.name.clone(),
        province: comune.map(|comune| comune.province_code.clone()).unwrap_or_default(),
        management: row.management,
        level: level(row),
        risks: risks(row),
        devices: overview::DeviceCounts {
            protected: row.devices.saturating_sub(row.silent).saturating_sub(not_covered),
            detecting: 0,
            silent: row.silent,
            not_covered,
        },
    }
}

/// A comune that takes part, told to those who oversee.
#[must_use]
pub fn adhering(tenant: &Tenant) -> members::AdheringComune {
    let comune = tenant.cadastral_code.as_deref().and_then(|code| Register::shipped().comune(code));
    members::AdheringComune {
        name: tenant.name.clone(),
        province: comune.map(|comune| comune.province_code.clone()).unwrap_or_default(),
        management: tenant.management,
        since: tenant.created_at,
    }
}

/// How far the protection reaches.
#[must_use]
pub fn reach(figures: &AdhesionFigures) -> overview::Reach {
    let sum = |sum: Coverage| overview::SumOfDevices { devices: sum.devices, answering: sum.answering };
    overview::Reach {
        comuni: figures.comuni,
        members: figures.members,
        central: figures.central,
        equipped: figures.equipped,
        fewest: FEWEST,
        sum: figures.coverage.map(sum),
        regions: figures
            .regions
            .iter()
            .map(|one| overview::RegionRow {
                region: one.region.clone(),
                comuni: one.comuni,
                members: one.members,
                sum: one.coverage.map(sum),
            })
            .collect(),
    }
}

/// How bad it is, in the word of the worst reason.
fn level(row: &MemberRow) -> Severity {
    match row.reason {
        MemberReason::FilesLost => Severity::Critical,
        MemberReason::Ransomware
        | MemberReason::Intrusion
        | MemberReason::Malware
        | MemberReason::Suspicious
        | MemberReason::AgentTrouble => row.worst_severity.unwrap_or(Severity::Medium),
        MemberReason::Silent | MemberReason::NotCovered => Severity::Medium,
        MemberReason::NoDevices => Severity::Low,
        MemberReason::Calm => Severity::Info,
    }
}

fn risks(row: &MemberRow) -> Vec<overview::Risk> {
    let lost = if row.reason == MemberReason::FilesLost { row.reason_count } else { 0 };
    let none = u64::from(row.devices == 0 && row.management == Management::Central);
    let counts = [
        (overview::RiskKind::FilesLost, lost),
        (overview::RiskKind::FindingsOpen, row.open_findings.unwrap_or(0)),
        (overview::RiskKind::NotCovered, row.not_covered.unwrap_or(0)),
        (overview::RiskKind::Silent, row.silent),
        (overview::RiskKind::NoDevices, none),
    ];
    counts.into_iter().filter(|(_, count)| *count > 0).map(|(kind, count)| overview::Risk { kind, count }).collect()
}

/// Reads an id of a path; one that is none does not exist.
///
/// # Errors
/// [`baluardo_service::Error::NotFound`].
pub fn id<T: std::str::FromStr>(text: &str) -> Result<T, baluardo_service::Error> {
    text.parse().map_err(|_| baluardo_service::Error::NotFound)
}

/// Where an order can be followed.
#[must_use]
pub fn order_reference(order: OrderId) -> serde_json::Value {
    serde_json::json!({ "order": order.to_string() })
}

/// Devices by what protects them.
#[must_use]
pub fn device_counts(rows: &[DeviceRow]) -> overview::DeviceCounts {
    let mut counts = overview::DeviceCounts::default();
    for row in rows {
        counts.add(device_status(row));
    }
    counts
}

/// A kind of call that was refused.
#[must_use]
pub fn refusal(row: RefusalRow) -> RefusalLine {
    RefusalLine { code: row.code, count: row.count, last_at: row.last_at, last_detail: row.last_detail }
}

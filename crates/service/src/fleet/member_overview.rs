//! The members of a consortium, ranked by risk: the operator of thousands finds the one that burns.

use super::list_devices::SILENCE;
use crate::error::Error;
use crate::house::House;
use crate::rights::{Act, consortium_scope};
use baluardo_model::identity::{Actor, Management, Tenant};
use baluardo_model::protection::{FindingKind, Severity};
use baluardo_model::{TenantId, Timestamp};
use baluardo_store::fleet::members::{MemberDevices, MemberFindings};
use serde::Serialize;
use std::collections::HashMap;

/// Why a member stands where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MemberReason {
    /// Open findings that lost files.
    FilesLost,
    /// Open findings of ransomware.
    Ransomware,
    /// Open findings of intrusions, tried or done.
    Intrusion,
    /// Open findings of malware.
    Malware,
    /// Open findings of files that only look like malware.
    Suspicious,
    /// Agents that are hindered.
    AgentTrouble,
    /// Devices that have not spoken for a while.
    Silent,
    /// Devices whose agent watches nothing.
    NotCovered,
    /// No device has an agent yet.
    NoDevices,
    /// Nothing to do.
    Calm,
}

impl MemberReason {
    /// The stable word.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::FilesLost => "files_lost",
            Self::Ransomware => "ransomware",
            Self::Intrusion => "intrusion",
            Self::Malware => "malware",
            Self::Suspicious => "suspicious",
            Self::AgentTrouble => "agent_trouble",
            Self::Silent => "silent",
            Self::NotCovered => "not_covered",
            Self::NoDevices => "no_devices",
            Self::Calm => "calm",
        }
    }
}

/// A member in a row. Of one that manages itself only devices are counted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MemberRow {
    /// Which.
    pub tenant: TenantId,
    /// Its name.
    pub name: String,
    /// Its key in the register of comuni; none for a body that is no comune.
    pub cadastral_code: Option<String>,
    /// Who manages it.
    pub management: Management,
    /// Active devices.
    pub devices: u64,
    /// Those that have not spoken for a quarter of an hour.
    pub silent: u64,
    /// Those that speak but watch nothing; none under local management.
    pub not_covered: Option<u64>,
    /// Findings that nobody has handled yet; none under local management.
    pub open_findings: Option<u64>,
    /// The worst of them.
    pub worst_severity: Option<Severity>,
    /// The rank: larger burns more. It has no unit.
    pub risk: u64,
    /// What weighs most in it.
    pub reason: MemberReason,
    /// How many devices or findings that is; 0 where counting means nothing.
    pub reason_count: u64,
    /// When the newest finding came; none under local management.
    pub last_change: Option<Timestamp>,
}

/// Every member of the actor's consortium, the one that burns most first.
///
/// # Errors
/// As [`consortium_scope`].
#[crate::act]
pub async fn member_overview(house: &House, actor: &Actor) -> Result<Vec<MemberRow>, Error> {
    member_rows(house, actor, Act::SeeMembers).await
}

/// The rows of all members, for whoever may do `act` in the consortium: what they tell of each is for operators only.
pub(super) async fn member_rows(house: &House, actor: &Actor, act: Act) -> Result<Vec<MemberRow>, Error> {
    let mut tx = house.store.read().await?;
    let scope = consortium_scope(&mut tx, actor, act).await?;
    let mut rows = tx.consortium(scope);
    let members = rows.members().await?;
    let devices: HashMap<_, _> =
        rows.member_devices(house.now(), SILENCE).await?.into_iter().map(|row| (row.tenant, row)).collect();
    let mut findings: HashMap<TenantId, Vec<MemberFindings>> = HashMap::new();
    for row in rows.member_findings().await? {
        findings.entry(row.tenant).or_default().push(row);
    }
    let last: HashMap<_, _> = rows.member_last_findings().await?.into_iter().collect();
    let mut members: Vec<MemberRow> = members
        .into_iter()
        .map(|member| {
            let open = findings.remove(&member.id).unwrap_or_default();
            member_row(&member, devices.get(&member.id), &open, last.get(&member.id).copied())
        })
        .collect();
    members.sort_by(|a, b| b.risk.cmp(&a.risk).then_with(|| a.name.cmp(&b.name)));
    Ok(members)
}

fn member_row(
    member: &Tenant,
    devices: Option<&MemberDevices>,
    open: &[MemberFindings],
    last_change: Option<Timestamp>,
) -> MemberRow {
    let central = member.management == Management::Central;
    let (count, silent) = devices.map_or((0, 0), |row| (row.devices, row.silent));
    let not_covered = devices.map_or(0, |row| row.not_covered);
    let weights = weigh(open, count, silent, if central { not_covered } else { 0 });
    let heaviest = weights.iter().max_by_key(|(_, _, weight)| *weight).filter(|(_, _, weight)| *weight > 0);
    let (reason, reason_count) = heaviest.map_or((MemberReason::Calm, 0), |(reason, count, _)| (*reason, *count));
    MemberRow {
        tenant: member.id,
        name: member.name.clone(),
        cadastral_code: member.cadastral_code.clone(),
        management: member.management,
        devices: count,
        silent,
        not_covered: central.then_some(not_covered),
        open_findings: central.then(|| open.iter().map(|row| row.open).sum()),
        worst_severity: open.iter().map(|row| row.severity).max(),
        risk: weights.iter().fold(0, |sum, (_, _, weight)| sum.saturating_add(*weight)),
        reason,
        reason_count,
        last_change,
    }
}

/// What each reason weighs. The steps between them are wide enough that ten of the lesser do not outweigh one of the
/// greater: data that is gone, then an attack that ran, then what was stopped at the door, then who is not watched.
fn weigh(open: &[MemberFindings], devices: u64, silent: u64, not_covered: u64) -> [(MemberReason, u64, u64); 9] {
    let of = |kind: FindingKind| open.iter().filter(move |row| row.kind == kind);
    let count = |kind| of(kind).map(|row| row.open).sum::<u64>();
    let severity = |kind| of(kind).map(|row| row.open.saturating_mul(severity_weight(row.severity))).sum::<u64>();
    let lost: u64 = open.iter().map(|row| row.with_losses).sum();
    [
        (MemberReason::FilesLost, lost, lost.saturating_mul(100_000)),
        (
            MemberReason::Ransomware,
            count(FindingKind::Ransomware),
            severity(FindingKind::Ransomware).saturating_mul(10),
        ),
        (
            MemberReason::Intrusion,
            count(FindingKind::Intrusion) + count(FindingKind::Tampering),
            severity(FindingKind::Intrusion).saturating_add(severity(FindingKind::Tampering)),
        ),
        (MemberReason::Malware, count(FindingKind::Malware), severity(FindingKind::Malware)),
        (MemberReason::Suspicious, count(FindingKind::Suspicious), severity(FindingKind::Suspicious)),
        (MemberReason::AgentTrouble, count(FindingKind::AgentTrouble), severity(FindingKind::AgentTrouble)),
        (MemberReason::Silent, silent, silent.saturating_mul(20) + silent * 200 / devices.max(1)),
        (MemberReason::NotCovered, not_covered, not_covered.saturating_mul(10)),
        (MemberReason::NoDevices, 0, u64::from(devices == 0)),
    ]
}

const fn severity_weight(severity: Severity) -> u64 {
    match severity {
        Severity::Info => 1,
        Severity::Low => 10,
        Severity::Medium => 50,
        Severity::High => 300,
        Severity::Critical => 1_000,
    }
}

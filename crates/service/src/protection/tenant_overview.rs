//! Whether the town is safe and what to do next.

use crate::error::Error;
use crate::fleet::{DeviceProtection, DeviceRow, protection_rows};
use crate::house::House;
use crate::rights::{Act, tenant_scope};
use baluardo_model::identity::Actor;
use baluardo_model::protection::{FindingKind, Severity};
use baluardo_model::{TenantId, Timestamp};
use baluardo_store::protection::counts::{OpenCount, OpenFinding};
use serde::Serialize;

/// The most findings that are named one by one among the things to do.
const MAX_NAMED: u32 = 5;

/// Devices by how they stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct DeviceCounts {
    /// All that are trusted.
    pub total: u64,
    /// Speaking and watching.
    pub protected: u64,
    /// Silent for a quarter of an hour or more.
    pub silent: u64,
    /// Speaking but watching nothing.
    pub not_covered: u64,
}

/// Open findings of one severity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct SeverityCount {
    /// How bad.
    pub severity: Severity,
    /// How many.
    pub count: u64,
}

/// What a thing to do is about, the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TodoKind {
    /// A finding whose files are not all back; `count` is how many are missing.
    FilesLost,
    /// An open finding of ransomware.
    Ransomware,
    /// An open finding of an intrusion, tried or done.
    Intrusion,
    /// An open finding of malware.
    Malware,
    /// An open finding of a file that only looks like malware.
    Suspicious,
    /// An open finding of a hindered agent.
    AgentTrouble,
    /// More open findings than are named here.
    MoreFindings,
    /// A device that has not spoken for a while, or several.
    DeviceSilent,
    /// A device whose agent watches nothing, or several.
    DeviceNotCovered,
    /// Hostile certified mail (PEC) that nobody knows of yet.
    PecHostile,
    /// Mail that is held and waits for a decision.
    MailWaiting,
    /// A mail domain that got worse, or several.
    DomainFallen,
    /// Files that wait in quarantine for a decision.
    QuarantineWaiting,
    /// No computer has an agent yet.
    NoDevices,
}

impl TodoKind {
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
            Self::MoreFindings => "more_findings",
            Self::DeviceSilent => "device_silent",
            Self::DeviceNotCovered => "device_not_covered",
            Self::PecHostile => "pec_hostile",
            Self::MailWaiting => "mail_waiting",
            Self::DomainFallen => "domain_fallen",
            Self::QuarantineWaiting => "quarantine_waiting",
            Self::NoDevices => "no_devices",
        }
    }
}

/// One thing to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Todo {
    /// About what.
    pub kind: TodoKind,
    /// How bad.
    pub severity: Severity,
    /// The finding or device, where it is one; empty where it is several.
    pub target: String,
    /// How many files, findings or devices.
    pub count: u64,
}

/// What the RTD sees first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TenantOverview {
    /// Devices by how they stand.
    pub devices: DeviceCounts,
    /// Open findings by severity, the worst first; severities without any are left out.
    pub open: Vec<SeverityCount>,
    /// What to do, in order of harm; empty when all is well.
    pub todo: Vec<Todo>,
    /// Files held in quarantine.
    pub quarantine_held: u64,
    /// Messages that are held and wait for somebody; 0 for who may not see them.
    pub mail_held: u64,
    /// When any device last spoke; none without devices.
    pub last_contact: Option<Timestamp>,
}

/// The overview of `tenant`.
///
/// # Errors
/// As [`tenant_scope`].
#[crate::act]
pub async fn tenant_overview(house: &House, actor: &Actor, tenant: TenantId) -> Result<TenantOverview, Error> {
    let mut tx = house.store.read().await?;
    let scope = tenant_scope(&mut tx, actor, Act::SeeOverview, tenant).await?;
    let mut devices = protection_rows(house, &mut tx, scope, "").await?;
    devices.retain(|row| row.protection != DeviceProtection::Revoked);
    let mut rows = tx.tenant(scope);
    let open = rows.open_findings().await?;
    let worst = rows.worst_findings(MAX_NAMED).await?;
    let quarantine_held = rows.held_count().await?;
    let (mail_held, pec) = match tenant_scope(&mut tx, actor, Act::SeeHeldMail, tenant).await {
        Ok(scope) => (tx.tenant(scope).held_waiting().await?, tx.tenant(scope).pec_unseen().await?),
        Err(Error::Forbidden | Error::NotFound) => (0, 0),
        Err(error) => return Err(error),
    };
    let fallen = match tenant_scope(&mut tx, actor, Act::SeeMailHealth, tenant).await {
        Ok(scope) => tx.tenant(scope).fallen_domains().await?,
        Err(Error::Forbidden | Error::NotFound) => 0,
        Err(error) => return Err(error),
    };
    let mut todo = things_to_do(&devices, &open, &worst, quarantine_held, mail_held, pec);
    if fallen > 0 {
        let (kind, severity) = (TodoKind::DomainFallen, Severity::Medium);
        todo.push(Todo { kind, severity, target: String::new(), count: fallen });
        order(&mut todo);
    }
    Ok(TenantOverview {
        devices: count_devices(&devices),
        open: by_severity(&open),
        todo,
        quarantine_held,
        mail_held,
        last_contact: devices.iter().map(|row| row.device.last_seen).max(),
    })
}

fn count_devices(devices: &[DeviceRow]) -> DeviceCounts {
    let count = |wanted| devices.iter().filter(|row| row.protection == wanted).count() as u64;
    DeviceCounts {
        total: devices.len() as u64,
        protected: count(DeviceProtection::Protected),
        silent: count(DeviceProtection::Silent),
        not_covered: count(DeviceProtection::NotCovered),
    }
}

fn by_severity(open: &[OpenCount]) -> Vec<SeverityCount> {
    [Severity::Critical, Severity::High, Severity::Medium, Severity::Low, Severity::Info]
        .into_iter()
        .map(|severity| {
            let count = open.iter().filter(|row| row.severity == severity).map(|row| row.count).sum();
            SeverityCount { severity, count }
        })
        .filter(|row| row.count > 0)
        .collect()
}

fn things_to_do(
    devices: &[DeviceRow],
    open: &[OpenCount],
    worst: &[OpenFinding],
    held: u64,
    mail: u64,
    pec: u64,
) -> Vec<Todo> {
    let mut todo: Vec<Todo> = worst.iter().map(finding_todo).collect();
    let all: u64 = open.iter().map(|row| row.count).sum();
    let named = worst.len() as u64;
    if all > named {
        let severity = worst.last().map_or(Severity::Low, |last| last.severity);
        todo.push(Todo { kind: TodoKind::MoreFindings, severity, target: String::new(), count: all - named });
    }
    todo.extend(device_todo(devices, DeviceProtection::Silent, TodoKind::DeviceSilent, Severity::Medium));
    todo.extend(device_todo(devices, DeviceProtection::NotCovered, TodoKind::DeviceNotCovered, Severity::Medium));
    if pec > 0 {
        let (kind, severity) = (TodoKind::PecHostile, Severity::High);
        todo.push(Todo { kind, severity, target: String::new(), count: pec });
    }
    if mail > 0 {
        let (kind, severity) = (TodoKind::MailWaiting, Severity::Low);
        todo.push(Todo { kind, severity, target: String::new(), count: mail });
    }
    if held > 0 {
        let (kind, severity) = (TodoKind::QuarantineWaiting, Severity::Low);
        todo.push(Todo { kind, severity, target: String::new(), count: held });
    }
    if devices.is_empty() {
        let (kind, severity) = (TodoKind::NoDevices, Severity::Medium);
        todo.push(Todo { kind, severity, target: String::new(), count: 0 });
    }
    order(&mut todo);
    todo
}

/// The worst first.
fn order(todo: &mut [Todo]) {
    todo.sort_by(|a, b| b.severity.cmp(&a.severity).then(a.kind.cmp(&b.kind)));
}

fn finding_todo(finding: &OpenFinding) -> Todo {
    let target = finding.id.to_string();
    if finding.files_lost > 0 {
        // Data is at stake, whatever the agent thought of it.
        let severity = Severity::Critical;
        return Todo { kind: TodoKind::FilesLost, severity, target, count: finding.files_lost };
    }
    let kind = match finding.kind {
        FindingKind::Ransomware => TodoKind::Ransomware,
        // Who takes the guard away is in already.
        FindingKind::Intrusion | FindingKind::Tampering => TodoKind::Intrusion,
        FindingKind::Malware => TodoKind::Malware,
        FindingKind::AgentTrouble => TodoKind::AgentTrouble,
        FindingKind::Suspicious => TodoKind::Suspicious,
    };
    Todo { kind, severity: finding.severity, target, count: 1 }
}

fn device_todo(devices: &[DeviceRow], wanted: DeviceProtection, kind: TodoKind, severity: Severity) -> Option<Todo> {
    let those: Vec<&DeviceRow> = devices.iter().filter(|row| row.protection == wanted).collect();
    let target = match those.as_slice() {
        [] => return None,
        [one] => one.device.id.to_string(),
        _ => String::new(),
    };
    Some(Todo { kind, severity, target, count: those.len() as u64 })
}

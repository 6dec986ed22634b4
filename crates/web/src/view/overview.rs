//! The home of each role: what is wrong, worst first, and the one thing to do about each.

use crate::view::Chrome;
use crate::view::activation::QueueRow;
use crate::view::audit::{AuditRow, CheckRow};
use crate::view::protection::FindingRow;
use askama::Template;
use baluardo_model::identity::Management;
use baluardo_model::protection::Severity;
use serde::Serialize;

/// Something that a person should do today. The words are under `todo.<code>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TodoKind {
    /// Files that an attack changed could not be put back.
    FilesLost,
    /// Findings that nobody has looked at.
    FindingsOpen,
    /// Devices on which the agent watches nothing.
    DevicesNotCovered,
    /// Devices that have not spoken for long.
    DevicesSilent,
    /// No device is protected yet.
    NoDevices,
    /// Hostile certified mail (PEC) that nobody knows of yet.
    PecHostile,
    /// Held mail that waits for a decision.
    MailWaiting,
    /// A mail domain that got worse.
    DomainFallen,
    /// Files in quarantine that wait for a decision.
    QuarantineWaiting,
}

impl TodoKind {
    /// All, in order of harm.
    pub const ALL: [Self; 9] = [
        Self::FilesLost,
        Self::FindingsOpen,
        Self::PecHostile,
        Self::DevicesNotCovered,
        Self::DevicesSilent,
        Self::NoDevices,
        Self::DomainFallen,
        Self::MailWaiting,
        Self::QuarantineWaiting,
    ];

    /// The stable word.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::FilesLost => "files_lost",
            Self::FindingsOpen => "findings_open",
            Self::DevicesNotCovered => "devices_not_covered",
            Self::DevicesSilent => "devices_silent",
            Self::NoDevices => "no_devices",
            Self::PecHostile => "pec_hostile",
            Self::MailWaiting => "mail_waiting",
            Self::DomainFallen => "domain_fallen",
            Self::QuarantineWaiting => "quarantine_waiting",
        }
    }

    /// Where it is done, under the tenant's base.
    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Self::FilesLost => "/findings?lost=1",
            Self::FindingsOpen => "/findings?state=open",
            Self::DevicesNotCovered => "/devices?status=not_covered",
            Self::DevicesSilent => "/devices?status=silent",
            Self::NoDevices => "/devices/add",
            Self::PecHostile => "/mail/pec",
            Self::MailWaiting => "/mail?state=held",
            Self::DomainFallen => "/mail/health",
            Self::QuarantineWaiting => "/quarantine?state=held",
        }
    }
}

/// A thing to do, with how many rows it is about.
#[derive(Clone, Debug, Serialize)]
pub struct Todo {
    /// Which.
    pub kind: TodoKind,
    /// How many.
    pub count: u64,
}

impl Todo {
    /// Its title in words, with the count.
    #[must_use]
    pub fn title(&self, chrome: &Chrome) -> String {
        chrome.n(&format!("todo.{}.title", self.kind.code()), self.count)
    }

    /// Why it matters.
    #[must_use]
    pub fn why(&self, chrome: &Chrome) -> String {
        chrome.t(&format!("todo.{}.why", self.kind.code())).into_owned()
    }

    /// The words of its one button.
    #[must_use]
    pub fn button(&self, chrome: &Chrome) -> String {
        chrome.t(&format!("todo.{}.button", self.kind.code())).into_owned()
    }
}

/// Devices by what protects them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "document", derive(utoipa::ToSchema))]
pub struct DeviceCounts {
    /// Files are judged before they open.
    pub protected: u64,
    /// Files are judged just after they are written.
    pub detecting: u64,
    /// Not heard of for long.
    pub silent: u64,
    /// The agent runs and watches nothing.
    pub not_covered: u64,
}

impl DeviceCounts {
    /// All of them.
    #[must_use]
    pub const fn total(&self) -> u64 {
        self.protected + self.detecting + self.silent + self.not_covered
    }
}

/// The RTD's home (`/overview`).
#[derive(Debug, Template, Serialize)]
#[template(path = "overview/rtd.html", blocks = ["live"])]
pub struct RtdOverview {
    /// What surrounds the page.
    #[serde(skip)]
    pub chrome: Chrome,
    /// The comune.
    pub comune: String,
    /// What to do, worst first; the handler sorts by `TodoKind::ALL`.
    pub todos: Vec<Todo>,
    /// Devices.
    pub devices: DeviceCounts,
    /// The newest findings.
    pub findings: Vec<FindingRow>,
}

/// Why a comune burns. The words are under `risk.<code>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "document", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum RiskKind {
    /// Files were lost.
    FilesLost,
    /// Critical or high findings that nobody has looked at.
    FindingsOpen,
    /// Devices that watch nothing.
    NotCovered,
    /// Silent devices.
    Silent,
    /// Activated, and no device yet.
    NoDevices,
}

impl RiskKind {
    /// All, in order of harm.
    pub const ALL: [Self; 5] = [Self::FilesLost, Self::FindingsOpen, Self::NotCovered, Self::Silent, Self::NoDevices];

    /// The stable word.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::FilesLost => "files_lost",
            Self::FindingsOpen => "findings_open",
            Self::NotCovered => "not_covered",
            Self::Silent => "silent",
            Self::NoDevices => "no_devices",
        }
    }
}

/// One reason with its count.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "document", derive(utoipa::ToSchema))]
pub struct Risk {
    /// Which.
    pub kind: RiskKind,
    /// How many.
    pub count: u64,
}

impl Risk {
    /// The reason in words.
    #[must_use]
    pub fn words(&self, chrome: &Chrome) -> String {
        chrome.n(&format!("risk.{}", self.kind.code()), self.count)
    }
}

/// A comune in the operator's ranking.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "document", derive(utoipa::ToSchema))]
pub struct RankedComune {
    /// Its tenant's id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its province, short.
    pub province: String,
    /// Who manages it.
    #[cfg_attr(feature = "document", schema(value_type = String))]
    pub management: Management,
    /// How bad it is; `Info` when nothing is wrong.
    #[cfg_attr(feature = "document", schema(value_type = String))]
    pub level: Severity,
    /// Why, worst first.
    pub risks: Vec<Risk>,
    /// Devices.
    pub devices: DeviceCounts,
}

impl RankedComune {
    /// Whether the operator may look into it.
    #[must_use]
    pub fn opens(&self) -> bool {
        self.management == Management::Central
    }
}

/// What is new since yesterday. The words are under `change.<code>`.
#[derive(Clone, Debug, Serialize)]
pub struct Changed {
    /// `findings`, `devices`, `comuni` or `requests`.
    pub code: String,
    /// How many.
    pub count: u64,
    /// The rows behind the figure.
    pub href: String,
}

impl Changed {
    /// The key of its words.
    #[must_use]
    pub fn key(&self) -> String {
        format!("change.{}", self.code)
    }
}

/// The operator's home (`/overview`).
#[derive(Debug, Template, Serialize)]
#[template(path = "overview/operator.html", blocks = ["live"])]
pub struct OperatorOverview {
    /// What surrounds the page.
    #[serde(skip)]
    pub chrome: Chrome,
    /// How many comuni there are.
    pub comuni: u64,
    /// The comuni with something wrong, worst first; the first few.
    pub burning: Vec<RankedComune>,
    /// How many comuni have something wrong.
    pub burning_total: u64,
    /// The requests with the least time left; the first few.
    pub requests: Vec<QueueRow>,
    /// How many requests wait.
    pub requests_total: u64,
    /// What is new since yesterday.
    pub changes: Vec<Changed>,
}

/// Devices of several comuni together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct SumOfDevices {
    /// Devices with an agent.
    pub devices: u64,
    /// Those that spoke just now.
    pub answering: u64,
}

/// A region in the figures.
#[derive(Clone, Debug, Serialize)]
pub struct RegionRow {
    /// Its name.
    pub region: String,
    /// Comuni of the region.
    pub comuni: u64,
    /// Those that take part.
    pub members: u64,
    /// Their devices; none where somebody would be recognised in it.
    pub sum: Option<SumOfDevices>,
}

/// How far the protection reaches.
#[derive(Clone, Debug, Serialize)]
pub struct Reach {
    /// Comuni in the register.
    pub comuni: u64,
    /// Those that take part.
    pub members: u64,
    /// Those of them that the consortium manages.
    pub central: u64,
    /// Those of them with at least one device.
    pub equipped: u64,
    /// Below how many comuni a sum is hidden.
    pub fewest: u64,
    /// All devices; none where somebody would be recognised in it.
    pub sum: Option<SumOfDevices>,
    /// Regions in which somebody takes part.
    pub regions: Vec<RegionRow>,
}

/// The home of a coordinator and of an auditor (`/overview`): how far the protection reaches, and the log for who may
/// read it.
#[derive(Debug, Template, Serialize)]
#[template(path = "overview/oversight.html")]
pub struct OversightHome {
    /// What surrounds the page.
    #[serde(skip)]
    pub chrome: Chrome,
    /// The body they work for.
    pub tenant: String,
    /// The figures; none for who does not work for a consortium.
    pub reach: Option<Reach>,
    /// The newest lines of the log; none for who may not read it.
    pub log: Option<Vec<AuditRow>>,
    /// What the check of the log found.
    pub check: Option<CheckRow>,
}

/// The home of an analyst of the cyber police (`/overview`).
#[derive(Debug, Template, Serialize)]
#[template(path = "overview/police.html")]
pub struct PoliceHome {
    /// What surrounds the page.
    #[serde(skip)]
    pub chrome: Chrome,
    /// The body they work for.
    pub tenant: String,
    /// The consortium that runs this installation.
    pub consortium: String,
    /// Its address.
    pub contact: String,
}

/// The home of a clerk and of every role that has no overview of its own (`/overview`).
#[derive(Debug, Template, Serialize)]
#[template(path = "overview/clerk.html")]
pub struct ClerkHome {
    /// What surrounds the page.
    #[serde(skip)]
    pub chrome: Chrome,
    /// The body they work for.
    pub tenant: String,
    /// Who to call; empty where nobody is named.
    pub rtd_name: String,
    /// Their address; empty where nobody is named.
    pub rtd_email: String,
}

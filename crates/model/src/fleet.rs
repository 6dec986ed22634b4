//! Devices, the policy that they follow and the orders that they get.

use crate::hunt::Hunt;
use crate::id::{DeviceId, EvidenceId, FindingId, HuntId, OrderId, QuarantineId, RollbackId, TenantId};
use crate::intrusion::IntrusionPolicy;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// What an agent can do on its device, as it says itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Coverage {
    /// Files are judged before they open (fanotify permission events).
    Blocking,
    /// Files are judged just after they are written (inotify); nothing is held back.
    Detecting,
    /// The agent runs but watches nothing.
    None,
}

impl Coverage {
    /// The stable word.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Blocking => "blocking",
            Self::Detecting => "detecting",
            Self::None => "none",
        }
    }

    /// The coverage of a stable word.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Blocking, Self::Detecting, Self::None].into_iter().find(|it| it.code() == code)
    }
}

/// How an agent says, in its coverage note, that its vault does not hold every document yet.
pub const VAULT_FILLING: &str = "the vault is being filled";

/// Where a device stands in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeviceState {
    /// Enrolled and trusted.
    Active,
    /// Its certificate is no longer accepted.
    Revoked,
}

impl DeviceState {
    /// The stable word.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Revoked => "revoked",
        }
    }

    /// The state of a stable word.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Active, Self::Revoked].into_iter().find(|it| it.code() == code)
    }
}

/// A computer with an agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    /// Its id.
    pub id: DeviceId,
    /// The tenant it belongs to.
    pub tenant: TenantId,
    /// Its own name on the network, as it says itself: foreign text.
    pub hostname: String,
    /// Operating system and version, as it says itself: foreign text.
    pub os: String,
    /// Version of the agent.
    pub agent_version: String,
    /// Its state.
    pub state: DeviceState,
    /// What it can do.
    pub coverage: Coverage,
    /// Why it cannot do more, in the agent's words; empty when it can do all.
    pub coverage_note: String,
    /// When it enrolled.
    pub enrolled_at: Timestamp,
    /// When it last spoke.
    pub last_seen: Timestamp,
    /// The newest event sequence number that was kept.
    pub acked_seq: u64,
    /// The policy version it said that it follows.
    pub policy_version: u64,
    /// Until when it is cut off from the network, as it said; none while it is not.
    pub isolated_until: Option<Timestamp>,
}

/// What an agent watches and how it reacts. One document for each tenant; the agent keeps a copy on disk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// Grows with every change.
    pub version: u64,
    /// Folders where files are scanned on write and on execution; absolute paths.
    pub scan_folders: Vec<String>,
    /// Folders whose documents are guarded against ransomware and kept in the vault; absolute paths.
    pub guard_folders: Vec<String>,
    /// Bytes of disk that the vault may use.
    pub vault_bytes: u64,
    /// Largest file that is scanned or kept, in bytes.
    pub max_file_bytes: u64,
    /// Longest time that one verdict may hold a file back, in milliseconds; after it the file opens.
    pub verdict_ms: u64,
    /// Whether what is found is stopped (`true`) or only told (`false`).
    pub respond: bool,
    /// SHA-256 indicators, lower-case hexadecimal.
    pub bad_sha256: Vec<String>,
    /// SHA-256 of files that people judged harmless, lower-case hexadecimal: nothing is said of them, whatever an engine says.
    #[serde(default)]
    pub good_sha256: Vec<String>,
    /// Whether a file that only a model finds suspicious is taken into quarantine; if not, it is told and left where it is.
    #[serde(default)]
    pub hold_suspicious: bool,
    /// For how many hours a device cuts itself off from the network once it stopped an attack on its documents; 0 for not
    /// at all. Only the server stays reachable meanwhile.
    #[serde(default)]
    pub isolate_hours: u64,
    /// For how many hours the vault keeps a version after a newer one replaced it or its document was deleted, as far as its
    /// budget goes: so far back a folder can be rolled back.
    #[serde(default = "superseded_hours")]
    pub superseded_hours: u64,
    /// Whether a device gathers evidence by itself once it stopped an attack on its documents.
    #[serde(default)]
    pub collect_evidence: bool,
    /// What of log-ins and program starts is watched.
    #[serde(default)]
    pub intrusion: IntrusionPolicy,
    /// Packs of rules and indicators beside those that ship.
    #[serde(default)]
    pub packs: Vec<PackRef>,
}

/// A pack that devices fetch from the server and keep under its digest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PackRef {
    /// What people call it.
    pub name: String,
    /// SHA-256 of its bytes, lower-case hexadecimal.
    pub sha256: String,
    /// How many bytes it has.
    pub bytes: u64,
}

/// How long superseded versions are kept where nobody says otherwise, in hours.
const SUPERSEDED_HOURS: u64 = 24;

/// The longest that superseded versions can be kept, in hours: three months.
pub const MAX_SUPERSEDED_HOURS: u64 = 90 * 24;

const fn superseded_hours() -> u64 {
    SUPERSEDED_HOURS
}

/// The longest that one isolation may last, in hours: who forgets it finds the computer back after a week.
pub const MAX_ISOLATION_HOURS: u64 = 7 * 24;

impl Policy {
    /// The policy that a tenant starts with: documents of every user guarded, what users bring in scanned.
    #[must_use]
    pub fn starting() -> Self {
        Self {
            version: 1,
            scan_folders: vec!["/home".to_owned(), "/srv".to_owned()],
            guard_folders: vec!["/home".to_owned(), "/srv".to_owned()],
            vault_bytes: 2 * 1024 * 1024 * 1024,
            max_file_bytes: 64 * 1024 * 1024,
            verdict_ms: 2_000,
            respond: true,
            bad_sha256: Vec::new(),
            good_sha256: Vec::new(),
            hold_suspicious: false,
            isolate_hours: 0,
            superseded_hours: SUPERSEDED_HOURS,
            collect_evidence: false,
            intrusion: IntrusionPolicy::default(),
            packs: Vec::new(),
        }
    }
}

/// What an agent is told to do. Orders are signed, expire, and do nothing the second time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum OrderKind {
    /// Follow this policy from now on.
    ApplyPolicy {
        /// The whole policy.
        policy: Box<Policy>,
    },
    /// Put a quarantined file back where it was.
    ReleaseQuarantine {
        /// Which.
        item: QuarantineId,
    },
    /// Destroy a quarantined file.
    DeleteQuarantine {
        /// Which.
        item: QuarantineId,
    },
    /// Scan these folders now.
    Scan {
        /// Absolute paths.
        folders: Vec<String>,
    },
    /// Put back the files that a finding's attack changed, where it was not done by itself.
    Restore {
        /// The finding.
        finding: FindingId,
    },
    /// Cut this device off from the network, all but the way to the server.
    Isolate {
        /// When it ends by itself.
        until: Timestamp,
    },
    /// Give it its network back.
    Rejoin {},
    /// Gather what the device is made of and what runs on it, and tell it even if nothing changed.
    TakeInventory {},
    /// Look for something.
    Hunt {
        /// What, and until when.
        hunt: Box<Hunt>,
    },
    /// Look for it no longer.
    StopHunt {
        /// Which hunt.
        hunt: HuntId,
    },
    /// Let the agent be stopped and removed on this device, without the code.
    AllowStop {
        /// Until when.
        until: Timestamp,
    },
    /// Gather what this device knows about a moment into one package, and send it up. No document of a person is in it.
    CollectEvidence {
        /// Under this id it is told and sent.
        evidence: EvidenceId,
        /// The finding it is about, where it is about one.
        finding: Option<FindingId>,
        /// Why, in the words of who ordered it.
        reason: String,
        /// Who ordered it.
        by: String,
        /// Whether quarantined files go with it, sealed as they lie: only this device's key opens them.
        sealed: bool,
    },
    /// Tell what rolling a folder back to a moment would do, and do nothing.
    PreviewRollback {
        /// Under this id it is told, and ordered later.
        rollback: RollbackId,
        /// Absolute path of a guarded folder, or of one below it.
        folder: String,
        /// The moment.
        to: Timestamp,
    },
    /// Put a folder back to a moment. What lies there now is kept in the vault first.
    RollBack {
        /// Under this id it is told; the same id a second time does nothing more.
        rollback: RollbackId,
        /// Absolute path of a guarded folder, or of one below it.
        folder: String,
        /// The moment.
        to: Timestamp,
    },
}

impl OrderKind {
    /// The stable word for this order.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::ApplyPolicy { .. } => "apply_policy",
            Self::ReleaseQuarantine { .. } => "release_quarantine",
            Self::DeleteQuarantine { .. } => "delete_quarantine",
            Self::Scan { .. } => "scan",
            Self::Restore { .. } => "restore",
            Self::Isolate { .. } => "isolate",
            Self::Rejoin {} => "rejoin",
            Self::TakeInventory {} => "take_inventory",
            Self::Hunt { .. } => "hunt",
            Self::StopHunt { .. } => "stop_hunt",
            Self::AllowStop { .. } => "allow_stop",
            Self::CollectEvidence { .. } => "collect_evidence",
            Self::PreviewRollback { .. } => "preview_rollback",
            Self::RollBack { .. } => "roll_back",
        }
    }
}

/// How an order ended on the device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderOutcome {
    /// Done, or already done before.
    Done,
    /// Could not be done; the note says why.
    Failed,
    /// Refused: bad signature, foreign device, or expired.
    Refused,
}

impl OrderOutcome {
    /// The stable word.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Refused => "refused",
        }
    }

    /// The outcome of a stable word.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Done, Self::Failed, Self::Refused].into_iter().find(|it| it.code() == code)
    }
}

/// Why a device that was cut off has its network back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rejoined {
    /// Somebody ordered it.
    Ordered,
    /// Its time was over.
    Expired,
    /// Somebody who knew the code lifted it on the device.
    Code,
}

impl Rejoined {
    /// The stable word.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Ordered => "ordered",
            Self::Expired => "expired",
            Self::Code => "code",
        }
    }
}

/// An order as the agent reads it, under the signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// Its id; a second order with the same id does nothing.
    pub id: OrderId,
    /// The device that it is meant for; any other refuses it.
    pub device: DeviceId,
    /// When it was given.
    pub issued_at: Timestamp,
    /// After this instant the agent refuses it.
    pub expires_at: Timestamp,
    /// What to do.
    pub order: OrderKind,
}

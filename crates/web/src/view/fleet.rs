//! Pages of the column `fleet`: devices, one device, adding one, and the policy.

use crate::view::parts::RefusalLine;
use crate::view::protection::FindingRow;
use crate::view::{Chrome, FieldErrors, Paging};
use askama::Template;
use baluardo_model::Timestamp;
use serde::Serialize;

/// What protects a device, in the one word that its owner needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "document", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum DeviceStatus {
    /// Files are judged before they open.
    Protected,
    /// Files are judged just after they are written.
    Detecting,
    /// The agent runs and watches nothing.
    NotCovered,
    /// Not heard of for long.
    Silent,
    /// Its certificate is no longer accepted.
    Revoked,
}

impl DeviceStatus {
    /// All.
    pub const ALL: [Self; 5] = [Self::Protected, Self::Detecting, Self::NotCovered, Self::Silent, Self::Revoked];

    /// The stable word.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Protected => "protected",
            Self::Detecting => "detecting",
            Self::NotCovered => "not_covered",
            Self::Silent => "silent",
            Self::Revoked => "revoked",
        }
    }

    /// The class of its mark.
    #[must_use]
    pub const fn mark(self) -> &'static str {
        match self {
            Self::Protected => "mark-good",
            Self::Detecting => "mark-info",
            Self::NotCovered => "mark-bad",
            Self::Silent => "mark-warn",
            Self::Revoked => "mark-off",
        }
    }

    /// The icon of its mark, so that colour is never alone.
    #[must_use]
    pub const fn icon(self) -> &'static str {
        match self {
            Self::Protected => "it-check-circle",
            Self::Detecting => "it-info-circle",
            Self::NotCovered => "it-error",
            Self::Silent => "it-clock",
            Self::Revoked => "it-ban",
        }
    }
}

/// A device in the list.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "document", derive(utoipa::ToSchema))]
pub struct DeviceRow {
    /// Its id.
    pub id: String,
    /// Its own name: foreign text.
    pub hostname: String,
    /// Operating system: foreign text.
    pub os: String,
    /// What protects it.
    pub status: DeviceStatus,
    /// When it last spoke.
    #[cfg_attr(feature = "document", schema(value_type = String, format = DateTime))]
    pub last_seen: Timestamp,
    /// Findings on it that nobody has looked at.
    pub open_findings: u64,
    /// Until when it is cut off from the network; null while it is not.
    #[cfg_attr(feature = "document", schema(value_type = Option<String>, format = DateTime))]
    pub isolated_until: Option<Timestamp>,
}

/// What the list is narrowed to.
#[derive(Clone, Debug, Default, Serialize)]
pub struct DeviceFilter {
    /// Text in the name or system.
    pub q: String,
    /// A `DeviceStatus` code, or empty.
    pub status: String,
}

/// The devices (`/devices`).
#[derive(Debug, Template, Serialize)]
#[template(path = "fleet/devices.html", blocks = ["live"])]
pub struct DevicesPage {
    /// What surrounds the page.
    #[serde(skip)]
    pub chrome: Chrome,
    /// The devices, those that need a hand first.
    pub rows: Vec<DeviceRow>,
    /// What they are narrowed to.
    pub filter: DeviceFilter,
    /// The other rows.
    pub paging: Paging,
    /// Whether the reader may add one.
    pub may_add: bool,
    /// What was refused at the agents' door.
    pub refusals: Vec<RefusalLine>,
}

/// An order that was given to a device.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "document", derive(utoipa::ToSchema))]
pub struct OrderRow {
    /// When.
    #[cfg_attr(feature = "document", schema(value_type = String, format = DateTime))]
    pub issued_at: Timestamp,
    /// `OrderKind::code`.
    pub kind: String,
    /// `waiting`, `done`, `failed`, `refused` or `expired`.
    pub state: String,
    /// What the device said; foreign text.
    pub note: String,
}

/// One device (`/devices/{id}`).
#[derive(Debug, Template, Serialize)]
#[template(path = "fleet/device.html", blocks = ["live"])]
pub struct DevicePage {
    /// What surrounds the page.
    #[serde(skip)]
    pub chrome: Chrome,
    /// Its id.
    pub id: String,
    /// Its own name: foreign text.
    pub hostname: String,
    /// Operating system: foreign text.
    pub os: String,
    /// Version of the agent.
    pub agent_version: String,
    /// What protects it.
    pub status: DeviceStatus,
    /// Why it cannot do more, in the agent's words; empty when it can do all.
    pub coverage_note: String,
    /// When it enrolled.
    pub enrolled_at: Timestamp,
    /// When it last spoke.
    pub last_seen: Timestamp,
    /// The policy it follows.
    pub policy_version: u64,
    /// The policy it should follow.
    pub policy_wanted: u64,
    /// Its findings, newest first.
    pub findings: Vec<FindingRow>,
    /// Its orders, newest first.
    pub orders: Vec<OrderRow>,
    /// Until when it is cut off from the network.
    pub isolated_until: Option<Timestamp>,
    /// What lifts that on the device, for who may command it.
    pub isolation_code: Option<String>,
    /// Whether the reader may read evidence.
    pub may_see_evidence: bool,
    /// Whether the reader may roll a folder back.
    pub may_roll_back: bool,
    /// Whether the reader may order a scan, isolate and revoke.
    pub may_command: bool,
}

/// For how many hours a device can be isolated by a person: the words are in the locale files.
const HOURS: [&str; 4] = ["8", "24", "72", "168"];

/// Asks a second time, and for how long, before a device is isolated (`GET /devices/{id}/isolate`).
#[derive(Debug, Template, Serialize)]
#[template(path = "fleet/isolate.html")]
pub struct IsolatePage {
    /// What surrounds the page.
    #[serde(skip)]
    pub chrome: Chrome,
    /// The device.
    pub id: String,
    /// Its own name: foreign text.
    pub hostname: String,
}

/// Asks a second time before a device is revoked (`GET /devices/{id}/revoke`).
#[derive(Debug, Template, Serialize)]
#[template(path = "fleet/revoke.html")]
pub struct RevokePage {
    /// What surrounds the page.
    #[serde(skip)]
    pub chrome: Chrome,
    /// The device.
    pub id: String,
    /// Its own name: foreign text.
    pub hostname: String,
}

/// A line to type on the new computer.
#[derive(Clone, Debug, Serialize)]
pub struct CommandStep {
    /// `install`, `enrol`, `run` or `check`; the words are under `add.step.<code>`.
    pub code: String,
    /// Exactly what to type.
    pub command: String,
}

/// A token that was made just now.
#[derive(Clone, Debug, Serialize)]
pub struct NewToken {
    /// The line to copy.
    pub line: String,
    /// When it ends.
    pub expires_at: Timestamp,
    /// What to type, in order.
    pub steps: Vec<CommandStep>,
}

/// A token that was made for a computer, without its secret.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "document", derive(utoipa::ToSchema))]
pub struct EnrolTokenRow {
    /// Its id, to withdraw it.
    pub id: String,
    /// What its maker wrote on it; empty for nothing.
    pub label: String,
    /// Who made it.
    pub created_by: String,
    /// When.
    #[cfg_attr(feature = "document", schema(value_type = String, format = DateTime))]
    pub created_at: Timestamp,
    /// Until when it can be used; none for one that was withdrawn.
    #[cfg_attr(feature = "document", schema(value_type = Option<String>, format = DateTime))]
    pub expires_at: Option<Timestamp>,
    /// `open`, `used`, `withdrawn` or `expired`.
    pub state: String,
    /// When it was used.
    #[cfg_attr(feature = "document", schema(value_type = Option<String>, format = DateTime))]
    pub used_at: Option<Timestamp>,
    /// The device that used it.
    pub device: Option<String>,
    /// That device's own name: foreign text; empty where there is none.
    pub hostname: String,
}

impl EnrolTokenRow {
    /// The class and the icon of its mark.
    #[must_use]
    pub fn mark(&self) -> (&'static str, &'static str) {
        match self.state.as_str() {
            "open" => ("mark-info", "it-clock"),
            "used" => ("mark-good", "it-check-circle"),
            _ => ("mark-off", "it-ban"),
        }
    }
}

/// Adding a computer (`/devices/add`): explains first, and after `POST` shows the token once.
#[derive(Debug, Template, Serialize)]
#[template(path = "fleet/add.html")]
pub struct AddDevicePage {
    /// What surrounds the page.
    #[serde(skip)]
    pub chrome: Chrome,
    /// The token, after it was asked for.
    pub token: Option<NewToken>,
    /// For whom the computer will be.
    pub comune: String,
    /// What was typed as the computer's name.
    pub typed: String,
    /// What is wrong with it: field `label`.
    pub errors: FieldErrors,
    /// Tokens that can still be used, and those of the last month, newest first.
    pub tokens: Vec<EnrolTokenRow>,
}

/// What the policy form holds, as typed.
#[derive(Clone, Debug, Default, Serialize)]
pub struct PolicyForm {
    /// One absolute path a line.
    pub scan_folders: String,
    /// One absolute path a line.
    pub guard_folders: String,
    /// Disk for the vault, in MB.
    pub vault_mb: String,
    /// Largest file, in MB.
    pub max_file_mb: String,
    /// Longest time that a verdict may take, in milliseconds.
    pub verdict_ms: String,
    /// Whether what is found is stopped.
    pub respond: bool,
    /// One SHA-256 a line.
    pub bad_sha256: String,
    /// One SHA-256 a line.
    pub good_sha256: String,
    /// Whether what only a model finds suspicious is taken into quarantine.
    pub hold_suspicious: bool,
    /// For how many hours a device isolates itself after an attack; 0 for not at all.
    pub isolate_hours: String,
    /// For how many hours the vault keeps superseded versions.
    pub superseded_hours: String,
    /// Whether a device gathers evidence by itself after an attack.
    pub collect_evidence: bool,
    /// Whether log-ins and program starts are watched.
    pub intrusion: bool,
    /// The hour from which a log-in is unusual.
    pub odd_from: String,
    /// The hour until which it is.
    pub odd_until: String,
    /// Whether it is on Sundays.
    pub odd_sundays: bool,
}

/// The policy (`/policy`).
#[derive(Debug, Template, Serialize)]
#[template(path = "fleet/policy.html")]
pub struct PolicyPage {
    /// What surrounds the page.
    #[serde(skip)]
    pub chrome: Chrome,
    /// The version in force.
    pub version: u64,
    /// How many devices follow it.
    pub devices_current: u64,
    /// How many devices there are.
    pub devices_total: u64,
    /// The fields.
    pub form: PolicyForm,
    /// What is wrong with them.
    pub errors: FieldErrors,
    /// Whether the reader may change it.
    pub may_change: bool,
}

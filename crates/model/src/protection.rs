//! Findings: what an agent saw, judged and did, told as a story.

use crate::id::{FindingId, QuarantineId};
use crate::intrusion::Intrusion;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Should be looked at.
    Low,
    /// Needs a look today.
    Medium,
    /// Needs a look now.
    High,
    /// Data or service is at stake.
    Critical,
}

impl Severity {
    /// The stable word.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }

    /// The severity of a stable word.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Info, Self::Low, Self::Medium, Self::High, Self::Critical].into_iter().find(|s| s.code() == code)
    }
}

/// What was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FindingKind {
    /// A file known or judged to be malware.
    Malware,
    /// A program that was destroying documents.
    Ransomware,
    /// Somebody came in, tried to, or does what those do who came in.
    Intrusion,
    /// The agent itself was hindered (a full disk, a lost sensor).
    AgentTrouble,
    /// A file that only looks like malware: a model says so, and a person decides.
    Suspicious,
    /// Somebody stopped, killed or changed the protection itself.
    Tampering,
}

impl FindingKind {
    /// The stable word.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Malware => "malware",
            Self::Ransomware => "ransomware",
            Self::Intrusion => "intrusion",
            Self::AgentTrouble => "agent_trouble",
            Self::Suspicious => "suspicious",
            Self::Tampering => "tampering",
        }
    }

    /// The kind of a stable word.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Malware, Self::Ransomware, Self::Intrusion, Self::AgentTrouble, Self::Suspicious, Self::Tampering]
            .into_iter()
            .find(|k| k.code() == code)
    }
}

/// What a person says of a file that was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Judgement {
    /// It is malware: it is stopped wherever it is met.
    Harmful,
    /// It is no malware: it is told no more.
    Harmless,
}

impl Judgement {
    /// The stable word.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Harmful => "harmful",
            Self::Harmless => "harmless",
        }
    }

    /// The judgement of a stable word.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Harmful, Self::Harmless].into_iter().find(|judgement| judgement.code() == code)
    }
}

/// Why a verdict fell: a rule, an indicator or a behaviour, with what it saw.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// Which engine: `sha256`, `eicar`, `yara`, `guard`, `sigma`, `nature`.
    pub engine: String,
    /// The rule, indicator or signal that fired.
    pub rule: String,
    /// What it saw, in words for a technician.
    pub detail: String,
}

/// A process that took part, as far as it could be seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProcessSeen {
    /// Process id.
    pub pid: u32,
    /// Its parent's id; 0 when unknown.
    pub parent: u32,
    /// Path of its program.
    pub exe: String,
    /// Its command line, shortened.
    pub cmdline: String,
    /// Numeric user id.
    pub uid: u32,
}

/// What the agent did, as a step of the finding's timeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepKind {
    /// The first sign was seen.
    Detected,
    /// Opening or running the file was refused.
    Blocked,
    /// The process and its children were stopped.
    ProcessStopped,
    /// The file was moved into quarantine.
    Quarantined,
    /// Files were put back as they were.
    Restored,
    /// A file that could not be put back.
    RestoreFailed,
    /// A quarantined file was released by order of a person.
    Released,
    /// A quarantined file was destroyed by order of a person.
    Deleted,
    /// The device cut itself off from the network.
    Isolated,
    /// Something could not be done; the detail says what and why.
    Failed,
}

impl StepKind {
    /// The stable word.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Detected => "detected",
            Self::Blocked => "blocked",
            Self::ProcessStopped => "process_stopped",
            Self::Quarantined => "quarantined",
            Self::Restored => "restored",
            Self::RestoreFailed => "restore_failed",
            Self::Released => "released",
            Self::Deleted => "deleted",
            Self::Isolated => "isolated",
            Self::Failed => "failed",
        }
    }

    /// The step of a stable word.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        [
            Self::Detected,
            Self::Blocked,
            Self::ProcessStopped,
            Self::Quarantined,
            Self::Restored,
            Self::RestoreFailed,
            Self::Released,
            Self::Deleted,
            Self::Isolated,
            Self::Failed,
        ]
        .into_iter()
        .find(|kind| kind.code() == code)
    }
}

/// One step of the story.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// When.
    pub at: Timestamp,
    /// What.
    pub kind: StepKind,
    /// For a technician: file, process, error.
    pub detail: String,
    /// How many files this step concerns; 0 where that means nothing.
    pub files: u64,
}

/// A finding as an agent sends it. Every text in it is foreign: it may hold anything, markup included.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Made on the device, so that sending it twice is seen.
    pub id: FindingId,
    /// What was found.
    pub kind: FindingKind,
    /// How bad it is.
    pub severity: Severity,
    /// When the first sign was seen.
    pub detected_at: Timestamp,
    /// The file or folder it is about, shown lossily where it is not UTF-8; for an intrusion the address, account or
    /// program.
    pub path: String,
    /// SHA-256 of the file in lower-case hexadecimal, where one file is meant.
    pub sha256: Option<String>,
    /// Why.
    pub reasons: Vec<Reason>,
    /// The processes involved, culprit first.
    pub processes: Vec<ProcessSeen>,
    /// ATT&CK technique ids (T1486 and the like).
    pub techniques: Vec<String>,
    /// How many files the attack changed before it was stopped.
    pub files_touched: u64,
    /// How many of them could not be put back.
    pub files_lost: u64,
    /// What was done, oldest first.
    pub steps: Vec<Step>,
    /// What a rule on logs and program starts saw; only for an intrusion.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub intrusion: Option<Box<Intrusion>>,
}

/// A file in a device's quarantine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuarantineItem {
    /// Made on the device.
    pub id: QuarantineId,
    /// The finding it belongs to.
    pub finding: FindingId,
    /// Where the file was: foreign text.
    pub path: String,
    /// SHA-256, lower-case hexadecimal.
    pub sha256: String,
    /// Size in bytes.
    pub size: u64,
    /// When it was taken.
    pub taken_at: Timestamp,
}

/// Where a quarantined file stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QuarantineState {
    /// Held, encrypted, on the device.
    Held,
    /// Put back where it was.
    Released,
    /// Destroyed.
    Deleted,
}

impl QuarantineState {
    /// The stable word.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Released => "released",
            Self::Deleted => "deleted",
        }
    }

    /// The state of a stable word.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Held, Self::Released, Self::Deleted].into_iter().find(|state| state.code() == code)
    }
}

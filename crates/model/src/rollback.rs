//! Rolling a folder back to a moment: what a device tells of it before, meanwhile and afterwards.

use crate::id::RollbackId;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// The most documents that are named one by one in each list of a [`Rollback`]; the rest is counted.
pub const NAMED: usize = 50;

/// The most moments that a device tells.
pub const MOMENTS: usize = 60;

/// How far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RollbackStage {
    /// The device said what it would do; nothing was done.
    Previewed,
    /// It is being done.
    Running,
    /// It is done; what could not be is named.
    Done,
    /// It could not be looked at or begun; the note says why.
    Failed,
}

impl RollbackStage {
    /// The stable word.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Previewed => "previewed",
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
        }
    }

    /// The stage of a stable word.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Previewed, Self::Running, Self::Done, Self::Failed].into_iter().find(|it| it.code() == code)
    }
}

/// How many documents it is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RollbackTally {
    /// Documents that get their version of then.
    pub changed: u64,
    /// Documents that were deleted since and come back.
    pub returned: u64,
    /// Documents that were born since and are set aside.
    pub aside: u64,
    /// Documents that are as they were.
    pub same: u64,
    /// Documents that cannot be put back, or not told apart.
    pub stuck: u64,
    /// Documents among the changed and the set aside that a program holds open.
    pub open: u64,
}

impl RollbackTally {
    /// How many documents are touched.
    #[must_use]
    pub const fn acts(&self) -> u64 {
        self.changed + self.returned + self.aside
    }
}

/// A document that cannot be put back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stuck {
    /// Where it is, or was: foreign text.
    pub path: String,
    /// Why.
    pub why: String,
}

/// A moment at which something happened in the folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Moment {
    /// Just before it.
    pub at: Timestamp,
    /// How many documents changed within that minute.
    pub documents: u64,
}

/// A folder's way back to a moment, as the device tells it. Every text in it is foreign.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rollback {
    /// Which.
    pub id: RollbackId,
    /// The folder.
    pub folder: String,
    /// The moment.
    pub to: Timestamp,
    /// How far it is.
    pub stage: RollbackStage,
    /// How many documents it is about: foreseen until it is done, and then what came of it.
    pub tally: RollbackTally,
    /// How many of them are done.
    pub acted: u64,
    /// The folder in which those that were born since lie, or would lie; empty where there are none.
    pub aside: String,
    /// The first of those that cannot be put back.
    pub stuck: Vec<Stuck>,
    /// The first of those that a program holds open.
    pub open: Vec<String>,
    /// When something happened in this folder, newest first.
    pub moments: Vec<Moment>,
    /// What a person should know beyond that; empty when nothing.
    pub note: String,
}

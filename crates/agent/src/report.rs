//! What protection tells, and to whom: the seam between the sensors and the spool.

use baluardo_model::Timestamp;
use baluardo_wire::exchange::EventBody;
use std::path::Path;

/// Why an event could not be kept.
#[derive(Debug, thiserror::Error)]
#[error("the event could not be kept: {0}")]
pub struct ReportError(pub String);

/// How an attack came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Its processes were killed.
    Killed,
    /// It was refused every file from then on, and ended by itself.
    Refused,
    /// It was over before anybody could stop it, or nobody could be named.
    Over,
}

/// An attack that is at its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stop {
    /// The first process of the tree that attacked, where the sensor knows it.
    pub pid: Option<u32>,
    /// All processes that were killed.
    pub killed: Vec<u32>,
    /// How it ended.
    pub end: End,
    /// Documents that the tree had changed, renamed or deleted by then.
    pub files_touched: u64,
    /// When.
    pub at: Timestamp,
}

/// Takes the events of protection. The spool implements it; tests collect.
pub trait Report: Send + Sync {
    /// Keeps `event`. When this returns `Ok`, the event outlives a crash of the agent.
    ///
    /// # Errors
    /// [`ReportError`] when it could not be written; the caller goes on protecting and tries again later.
    fn report(&self, event: EventBody) -> Result<(), ReportError>;

    /// An attack is at its end. For whoever follows closely; the finding's steps tell it too.
    fn stopped(&self, _stop: &Stop) {}

    /// A document has its bytes again. For whoever follows closely; the finding's steps count it.
    fn restored(&self, _path: &Path) {}
}

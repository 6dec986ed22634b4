//! What protection tells, and to whom: the seam between the sensors and the spool.

use baluardo_wire::exchange::EventBody;

/// Why an event could not be kept.
#[derive(Debug, thiserror::Error)]
#[error("the event could not be kept: {0}")]
pub struct ReportError(pub String);

/// Takes the events of protection. The spool implements it; tests collect.
pub trait Report: Send + Sync {
    /// Keeps `event`. When this returns `Ok`, the event outlives a crash of the agent.
    ///
    /// # Errors
    /// [`ReportError`] when it could not be written; the caller goes on protecting and tries again later.
    fn report(&self, event: EventBody) -> Result<(), ReportError>;
}

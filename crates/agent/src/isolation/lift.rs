//! Lifts an isolation on the device itself, for whoever knows the code that the console shows: also when the agent does not run.

use super::record::Record;
use super::{IsolationError, Wall};
use crate::identity::state_dir::{StateDir, StateError};
use baluardo_model::fleet::Rejoined;
use std::time::Duration;

/// How long a wrong code holds back, so that nobody tries many.
const REST: Duration = Duration::from_secs(2);

/// Why an isolation was not lifted.
#[derive(Debug, thiserror::Error)]
pub enum LiftError {
    /// There is none.
    #[error("this computer is not isolated")]
    NotIsolated,
    /// Not the code.
    #[error("this is not the code: the console shows it on this computer's page, to the RTD and to the operator")]
    Wrong,
    /// The state folder or the wall failed.
    #[error(transparent)]
    Isolation(#[from] IsolationError),
}

/// Lifts the isolation of the agent in `state` if `code` is the right one. The server is told by the agent, now or when it runs.
///
/// # Errors
/// See [`LiftError`]; a wrong code answers after a rest.
pub fn lift(state: &StateDir, code: &str, wall: &dyn Wall) -> Result<(), LiftError> {
    let of_state = |error: StateError| LiftError::Isolation(IsolationError::State(error));
    let found = Record::load(state).map_err(of_state)?;
    let Some(mut record) = found.filter(|record| record.ended.is_none()) else { return Err(LiftError::NotIsolated) };
    if !record.opens_with(code) {
        std::thread::sleep(REST);
        return Err(LiftError::Wrong);
    }
    record.ended = Some(Rejoined::Code);
    record.save(state).map_err(of_state)?;
    wall.lower().map_err(|why| LiftError::Isolation(IsolationError::Wall(why)))
}

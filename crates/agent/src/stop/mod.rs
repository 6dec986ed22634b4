//! Stopping and removing the agent takes a code that the console shows, or an order. The device makes the code, tells it to the server and
//! keeps only its digest; it is good once, and a few wrong ones close the door for a while.

use crate::identity::sealed;
use crate::identity::state_dir::{StateDir, StateError};
use crate::isolation::{code_digest, new_code};
use crate::report::Report;
use baluardo_model::{Chance, Clock, Timestamp};
use baluardo_wire::exchange::EventBody;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// The code's file.
const CODE: &str = "stop-code.json";
/// Until when the agent may be stopped.
const PERMIT: &str = "stop-permit.json";
/// Wrong codes in a row before the door closes.
const TRIES: u32 = 5;
/// For how long it closes.
const CLOSED: Duration = Duration::from_secs(600);
/// How long a wrong code holds back.
const REST: Duration = Duration::from_secs(2);
/// How long the agent may be stopped once the code was right.
pub const OPEN: Duration = Duration::from_secs(900);

/// Why the agent may not be stopped.
#[derive(Debug, thiserror::Error)]
pub enum StopError {
    /// Not the code.
    #[error("this is not the code: the console shows it on this computer's page, to the RTD and to the operator")]
    Wrong,
    /// Too many wrong ones.
    #[error("too many wrong codes: try again after {}", .0.rfc3339())]
    Closed(Timestamp),
    /// The agent has not made one yet.
    #[error("this computer has no code yet: the agent makes one when it first runs")]
    NoCode,
    /// Nobody showed it.
    #[error(
        "the agent may not be stopped or removed: run `baluardo-agent unlock --code CODE` first, with the code of the console"
    )]
    Locked,
    /// The state folder failed.
    #[error(transparent)]
    State(#[from] StateError),
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Record {
    code_sha256: String,
    told: bool,
    wrong: u32,
    closed_until: Option<Timestamp>,
}

/// Makes a code where there is none, or where the last was used, and tells it. One that could not be told is replaced later.
///
/// # Errors
/// See [`StateError`].
pub fn prepare(state: &StateDir, report: &dyn Report, chance: &dyn Chance) -> Result<(), StateError> {
    let record: Record = state.read_json(CODE).unwrap_or_default().unwrap_or_default();
    if record.told {
        return Ok(());
    }
    let code = new_code(chance);
    let mut fresh = Record { code_sha256: code_digest(&code), ..record };
    state.write_json(CODE, &fresh)?;
    match report.report(EventBody::StopCode { code }) {
        Ok(()) => {
            fresh.told = true;
            state.write_json(CODE, &fresh)
        }
        Err(error) => {
            tracing::warn!("{error}; the code to stop the agent is told later");
            Ok(())
        }
    }
}

/// Lets the agent be stopped and removed for a while if `code` is the right one. It is then used up.
///
/// # Errors
/// See [`StopError`]; a wrong code answers after a rest.
pub fn unlock(state: &StateDir, code: &str, clock: &dyn Clock) -> Result<Timestamp, StopError> {
    let now = clock.now();
    let mut record: Record = state.read_json(CODE)?.ok_or(StopError::NoCode)?;
    // A clock that was set back does not open the door, and one set far ahead does not close it for ever.
    if let Some(until) = record.closed_until.filter(|until| now < *until && until.since(now) <= CLOSED) {
        return Err(StopError::Closed(until));
    }
    if record.code_sha256.is_empty() {
        return Err(StopError::NoCode);
    }
    if code_digest(code) != record.code_sha256 {
        record.wrong += 1;
        if record.wrong >= TRIES {
            record.wrong = 0;
            record.closed_until = Some(now.plus(CLOSED));
        }
        state.write_json(CODE, &record)?;
        std::thread::sleep(REST);
        return Err(StopError::Wrong);
    }
    state.write_json(CODE, &Record::default())?;
    permit(state, now.plus(OPEN))?;
    Ok(now.plus(OPEN))
}

/// Lets the agent be stopped until then: by the code, or by an order.
///
/// # Errors
/// See [`StateError`].
pub fn permit(state: &StateDir, until: Timestamp) -> Result<(), StateError> {
    sealed::write(state, PERMIT, &until)
}

/// Whether somebody who might opened the door, and it is open still.
#[must_use]
pub fn is_permitted(state: &StateDir, clock: &dyn Clock) -> bool {
    let until: Option<Timestamp> = sealed::read(state, PERMIT).ok().flatten();
    until.is_some_and(|until| clock.now() < until)
}

/// Whether the agent may be stopped now. One that never ran here guards nobody's computer; one that ran, and whose identity was taken
/// away, does.
#[must_use]
pub fn may_stop(state: &StateDir, clock: &dyn Clock) -> bool {
    let stranger = ["identity.json", "life.json"].iter().all(|name| !state.file(name).exists());
    stranger || is_permitted(state, clock)
}

#[cfg(test)]
mod tests;

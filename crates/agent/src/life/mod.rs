//! Whether the last life of the agent ended as it should, and whether the program is the one that was there: a killed agent is back in
//! seconds, and tells that it was killed.
//!
//! Who is root can write these files too. What they tell is sealed with the device's key, so that doing so takes more than an editor.

mod judge;

use crate::identity::sealed;
use crate::identity::state_dir::{StateDir, StateError};
use baluardo_model::{Clock, Timestamp};
use judge::judge;
use serde::{Deserialize, Serialize};

pub use judge::Past;

/// The file.
const FILE: &str = "life.json";

/// What one life leaves for the next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Life {
    /// Which start of the computer it was in.
    pub boot: String,
    /// When it began.
    pub began: Timestamp,
    /// Its process number.
    pub pid: u32,
    /// Version of the program.
    pub version: String,
    /// SHA-256 of the program, lower-case hexadecimal; empty where it could not be read.
    pub program: String,
    /// Whether it came to its end by itself, and whether it was allowed to be stopped.
    pub ended: Option<Ended>,
    /// Whether there was a record of what was installed. Left out where not, so that the seals of older lives hold.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub recorded: bool,
}

/// How a life ended that had the time to say so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ended {
    /// Somebody who might stopped it.
    Allowed,
    /// It was asked to stop, and nobody had shown the code.
    Asked,
}

#[derive(Serialize, Deserialize)]
struct Sealed {
    life: Life,
    seal: String,
}

/// The life that goes on now.
pub struct Now {
    state: StateDir,
    life: Life,
}

/// Begins a life: notes it, and says what the one before left. `program` is the SHA-256 of the program, and `noted_at` when a package
/// last said which one belongs here.
///
/// # Errors
/// See [`StateError`].
pub fn begin(
    state: &StateDir,
    clock: &dyn Clock,
    program: &str,
    noted_at: Timestamp,
) -> Result<(Now, Past), StateError> {
    let life = Life {
        boot: boot(),
        began: clock.now(),
        pid: std::process::id(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        program: program.to_owned(),
        ended: None,
        recorded: true,
    };
    let past = match before(state) {
        Ok(None) => Past::First,
        Ok(Some(before)) => judge(&before, &life, noted_at),
        Err(StateError::Damaged { .. }) => Past::Forged,
        Err(error) => return Err(error),
    };
    let now = Now { state: state.clone(), life };
    now.save()?;
    Ok((now, past))
}

/// The life before, if it left word under its seal.
fn before(state: &StateDir) -> Result<Option<Life>, StateError> {
    match state.read_json::<Sealed>(FILE)? {
        Some(Sealed { life, seal: told }) if seal(state, &life).is_some_and(|seal| seal == told) => Ok(Some(life)),
        Some(_) => {
            Err(StateError::Damaged { path: state.file(FILE), cause: "its seal is not this computer's".to_owned() })
        }
        None => Ok(None),
    }
}

/// Whether the file is as the agent wrote it; one that is not there is nobody's forgery.
#[must_use]
pub fn is_whole(state: &StateDir) -> bool {
    !matches!(before(state), Err(StateError::Damaged { .. }))
}

/// Whether the life before knew a record of what was installed.
#[must_use]
pub fn knew_record(state: &StateDir) -> bool {
    before(state).ok().flatten().is_some_and(|life| life.recorded)
}

impl Now {
    /// Notes that it ends.
    ///
    /// # Errors
    /// See [`StateError`]; the next life then takes it for killed.
    pub fn end(mut self, how: Ended) -> Result<(), StateError> {
        self.life.ended = Some(how);
        self.save()
    }

    fn save(&self) -> Result<(), StateError> {
        let seal = seal(&self.state, &self.life).unwrap_or_default();
        let sealed = Sealed { life: self.life.clone(), seal };
        self.state.write_json(FILE, &sealed)
    }
}

/// Which start of the computer this is.
fn boot() -> String {
    std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default().trim().to_owned()
}

fn seal(state: &StateDir, life: &Life) -> Option<String> {
    sealed::seal(state, "life", &serde_json::to_vec(life).ok()?)
}

#[cfg(test)]
mod tests;

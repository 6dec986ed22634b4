//! Whether the last life of the agent ended as it should, and whether the program is the one that was there: a killed agent is back in
//! seconds, and tells that it was killed.
//!
//! Who is root can write these files too. What they tell is sealed with the device's key, so that doing so takes more than an editor.

mod judge;

use crate::identity::state_dir::{StateDir, StateError};
use crate::vault::seal::digest;
use baluardo_model::{Clock, Timestamp};
use judge::judge;
use ring::hmac;
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::path::Path;

pub use judge::Past;

/// The file.
const FILE: &str = "life.json";
/// The device's key, which seals the file.
const KEY: &str = "vault.key";

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

/// Begins a life: notes it, and says what the one before left.
///
/// # Errors
/// See [`StateError`].
pub fn begin(state: &StateDir, clock: &dyn Clock) -> Result<(Now, Past), StateError> {
    let life = Life {
        boot: boot(),
        began: clock.now(),
        pid: std::process::id(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        program: program(Path::new("/proc/self/exe")),
        ended: None,
    };
    let past = match state.read_json::<Sealed>(FILE) {
        Ok(None) => Past::First,
        Ok(Some(before)) if seal(state, &before.life) == before.seal => judge(&before.life, &life),
        Ok(Some(_)) | Err(StateError::Damaged { .. }) => Past::Forged,
        Err(error) => return Err(error),
    };
    let now = Now { state: state.clone(), life };
    now.save()?;
    Ok((now, past))
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
        let sealed = Sealed { life: self.life.clone(), seal: seal(&self.state, &self.life) };
        self.state.write_json(FILE, &sealed)
    }
}

/// Which start of the computer this is.
fn boot() -> String {
    std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default().trim().to_owned()
}

fn program(path: &Path) -> String {
    File::open(path).and_then(|mut file| digest(&mut file)).map(|content| content.sha256).unwrap_or_default()
}

/// HMAC-SHA-256 of a life under the device's key, in hexadecimal.
fn seal(state: &StateDir, life: &Life) -> String {
    let key = std::fs::read(state.file(KEY)).unwrap_or_default();
    let text = serde_json::to_vec(life).unwrap_or_default();
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key), &[b"life ", text.as_slice()].concat());
    tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests;

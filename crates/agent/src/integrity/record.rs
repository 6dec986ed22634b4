//! The record of what was installed, sealed with the device's key.

use super::places::{Places, sha256_of};
use crate::identity::policy;
use crate::identity::sealed;
use crate::identity::state_dir::{StateDir, StateError};
use crate::vault::seal::Key;
use baluardo_model::{Chance, Clock, Timestamp};
use serde::{Deserialize, Serialize};

/// The file.
pub(super) const FILE: &str = "installed.json";
/// The agent's settings, which people change and the agent never does.
pub(super) const CONFIG: &str = "config.json";

/// What was installed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Installed {
    /// When the program was noted.
    pub(super) noted_at: Timestamp,
    /// Its version.
    pub(super) version: String,
    /// SHA-256 of the program.
    pub(super) program: String,
    /// SHA-256 of the unit that the package brought; empty where there is none.
    pub(super) unit: String,
    /// Whether systemd starts the agent with the computer.
    pub(super) enabled: bool,
    /// SHA-256 of the settings; empty where there are none.
    pub(super) config: String,
    /// SHA-256 of the policy's file as enrolment left it, which carries no signature.
    pub(super) policy: String,
    /// SHA-256 of a program that did not belong here and was told of.
    pub(super) told: String,
}

impl Installed {
    /// What is there now.
    pub(super) fn of_now(state: &StateDir, places: &Places, now: Timestamp) -> Self {
        Self {
            noted_at: now,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            program: sha256_of(&places.image),
            unit: places.unit().map(|unit| sha256_of(&unit)).unwrap_or_default(),
            enabled: places.is_enabled(),
            config: sha256_of(&state.file(CONFIG)),
            policy: sha256_of(&state.file(policy::FILE)),
            told: String::new(),
        }
    }

    pub(super) fn read(state: &StateDir) -> Result<Option<Self>, StateError> {
        sealed::read(state, FILE)
    }

    pub(super) fn write(&self, state: &StateDir) -> Result<(), StateError> {
        sealed::write(state, FILE, self)
    }
}

/// Notes all that belongs to the agent of this computer: enrolment is when it is as it should be.
///
/// # Errors
/// See [`StateError`].
pub fn note_installed(
    state: &StateDir,
    places: &Places,
    clock: &dyn Clock,
    chance: &dyn Chance,
) -> Result<(), StateError> {
    make_key(state, chance);
    Installed::of_now(state, places, clock.now()).write(state)
}

/// Notes the program that runs this, and the unit, as those that belong here: a package says so once it has put fresh ones there.
/// Gives their digest and version, or none on a computer that is not enrolled, which has nothing to note.
///
/// # Errors
/// See [`StateError`].
pub fn note_program(state: &StateDir, places: &Places, clock: &dyn Clock) -> Result<Option<String>, StateError> {
    if !state.file(crate::identity::saved::IDENTITY).exists() {
        return Ok(None);
    }
    let fresh = Installed::of_now(state, places, clock.now());
    let noted = match Installed::read(state) {
        Ok(Some(Installed { config, policy, .. })) => Installed { config, policy, ..fresh },
        // The agent that starts next makes one, and tells where one was lost.
        Ok(None) => fresh,
        Err(error) => return Err(error),
    };
    noted.write(state)?;
    Ok(Some(format!("{}, SHA-256 {}", noted.version, noted.program)))
}

/// The key comes first: what is sealed without one proves nothing.
pub(super) fn make_key(state: &StateDir, chance: &dyn Chance) {
    if let Err(error) = Key::load_or_make(&state.file("vault.key"), chance) {
        tracing::warn!("{error}");
    }
}

//! What outlives the agent: how far the log was read, and what was remembered by then. It is one file, written whole, so
//! that both always fit each other: what is read again after a death is judged as it was before.

use super::ledger::Ledger;
use crate::identity::state_dir::{StateDir, StateError};
use crate::platform::tail::Mark;
use baluardo_detect::sigma::{Places, Remembered};
use baluardo_model::{Chance, Timestamp};
use serde::{Deserialize, Serialize};

/// The file in the state folder.
const FILE: &str = "intrusion.json";
/// Bytes of the device's own seed.
const SEED: usize = 16;

/// What is kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Saved {
    /// Made once on this device: ids of findings are born from it.
    pub(super) seed: Vec<u8>,
    /// Where the journal was read to.
    pub(super) cursor: Option<String>,
    /// Where log files were read to.
    pub(super) marks: Vec<Mark>,
    pub(super) places: Places,
    pub(super) memory: Remembered,
    pub(super) ledger: Ledger,
    /// The newest time that the log told.
    pub(super) newest: Timestamp,
}

impl Saved {
    /// Nothing yet.
    pub(super) fn begin(seed: Vec<u8>) -> Self {
        Self {
            seed,
            cursor: None,
            marks: Vec::new(),
            places: Places::default(),
            memory: Remembered::default(),
            ledger: Ledger::default(),
            newest: Timestamp::from_micros(0),
        }
    }

    /// What the last life left; a new beginning where it left nothing. What cannot be read is told as a sentence beside a
    /// new beginning: the log is then read from now on.
    pub(super) fn load(state: &StateDir, chance: &dyn Chance) -> (Self, Option<String>) {
        let fresh = || {
            let mut seed = vec![0; SEED];
            chance.fill(&mut seed);
            Self::begin(seed)
        };
        match state.read_json::<Self>(FILE) {
            Ok(Some(saved)) => (saved, None),
            Ok(None) => (fresh(), None),
            Err(e) => (fresh(), Some(format!("what was remembered of log-ins is lost: {e}"))),
        }
    }

    /// Writes it.
    ///
    /// # Errors
    /// As [`StateDir::write`].
    pub(super) fn keep(&self, state: &StateDir) -> Result<(), StateError> {
        state.write_json(FILE, self)
    }
}

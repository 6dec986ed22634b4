//! What is known of the link, in a small file that `baluardo-agent status` reads.

use crate::identity::state_dir::StateDir;
use baluardo_model::Timestamp;
use baluardo_model::fleet::Coverage;
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;

/// The file.
const FILE: &str = "contact.json";

/// How the link stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// When this was written.
    pub at: Timestamp,
    /// When the server last answered well.
    pub last_contact: Option<Timestamp>,
    /// What went wrong since, empty when nothing did.
    pub trouble: String,
    /// The server said that it does not accept this device (any more): it may be enrolled anew.
    #[serde(default)]
    pub barred: bool,
    /// Where the server was last reached: a device that is cut off from the network cannot ask for names.
    #[serde(default)]
    pub server_at: Option<SocketAddr>,
    /// Events that wait.
    pub backlog: u64,
    /// What is guarded.
    pub coverage: Coverage,
    /// Why not more.
    pub coverage_note: String,
    /// The policy that is followed.
    pub policy_version: u64,
}

impl Contact {
    /// What the last run wrote; `None` when there is nothing that can be read.
    #[must_use]
    pub fn load(state: &StateDir) -> Option<Self> {
        state.read_json(FILE).ok().flatten()
    }

    /// Replaces the file. It is only for looking at, so it is not worth forcing the disk, and a failure is no trouble.
    pub fn save(&self, state: &StateDir) {
        let aside = state.file("contact.json.new");
        let written = serde_json::to_vec(self)
            .map_err(std::io::Error::from)
            .and_then(|json| std::fs::write(&aside, json))
            .and_then(|()| std::fs::rename(&aside, state.file(FILE)));
        if let Err(error) = written {
            tracing::debug!("{FILE} could not be written: {error}");
        }
    }
}

//! The agent's own settings, from `config.json` in the state folder. All have a usual value, and most computers need none.

use crate::identity::state_dir::{StateDir, StateError};
use serde::Deserialize;
use std::path::PathBuf;

/// The file.
const FILE: &str = "config.json";

/// The least that the spool may be given, in bytes.
const LEAST_SPOOL: u64 = 4 * 1024 * 1024;

/// The settings.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// The most bytes of disk for events that wait for the server.
    pub spool_bytes: u64,
    /// Another address (`host:port`) of the server than the one given at enrolment.
    pub server: Option<String>,
    /// Files of syslog to read in place of the journal, for log-ins.
    pub log_files: Option<Vec<PathBuf>>,
    /// Socket of ClamAV's daemon, such as `/run/clamav/clamd.ctl`, to be asked about what our own engines find clean.
    pub clamd: Option<PathBuf>,
}

impl Default for Config {
    fn default() -> Self {
        Self { spool_bytes: 64 * 1024 * 1024, server: None, log_files: None, clamd: None }
    }
}

impl Config {
    /// The settings of `state`.
    ///
    /// # Errors
    /// [`StateError::Damaged`] when the file holds a setting that does not exist or a value that makes no sense.
    pub fn load(state: &StateDir) -> Result<Self, StateError> {
        let config: Self = state.read_json(FILE)?.unwrap_or_default();
        if config.spool_bytes < LEAST_SPOOL {
            return Err(StateError::Damaged {
                path: state.file(FILE),
                cause: format!("spool_bytes is {}, it must be at least {LEAST_SPOOL}", config.spool_bytes),
            });
        }
        Ok(config)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_and_senseless_settings_are_named() {
        let dir = tempfile::tempdir().unwrap();
        let state = StateDir::open(dir.path()).unwrap();
        assert_eq!(Config::load(&state).unwrap(), Config::default());
        state.write(FILE, b"{\"spol_bytes\": 1}").unwrap();
        assert!(Config::load(&state).unwrap_err().to_string().contains("spol_bytes"));
        state.write(FILE, b"{\"spool_bytes\": 1}").unwrap();
        assert!(Config::load(&state).unwrap_err().to_string().contains("at least"));
    }
}

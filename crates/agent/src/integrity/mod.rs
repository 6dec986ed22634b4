//! Whether what belongs to the agent is what was installed: its program, its unit of systemd, its settings, its state and its policy.
//!
//! A record, sealed with the device's key, holds what was there when the computer was enrolled, or when a package put a fresh program
//! there and said so (`baluardo-agent installed`). It is looked at once before anything else starts, and from then on as things change.
//! Rules and models that ship lie within the program; packs are checked by their digests in the policy, each time they are read.

mod look;
mod places;
mod policy;
mod record;
mod start;
mod watch;

use baluardo_model::protection::{Finding, Severity};
use baluardo_model::{Chance, Timestamp};
use std::path::PathBuf;

pub use places::Places;
pub use record::{note_installed, note_program};
pub use start::{Checked, at_start};
pub use watch::{SelfWatch, WatchSettings};

/// Something that is not as it was installed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// The stable word for it.
    pub rule: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What it is about.
    pub path: PathBuf,
    /// What was seen.
    pub detail: String,
}

impl Wrong {
    fn new(rule: &'static str, severity: Severity, path: impl Into<PathBuf>, detail: impl Into<String>) -> Self {
        Self { rule, severity, path: path.into(), detail: detail.into() }
    }

    /// What people are told of it.
    #[must_use]
    pub fn finding(&self, now: Timestamp, chance: &dyn Chance) -> Finding {
        let path = self.path.to_string_lossy().into_owned();
        crate::tampering::finding(now, chance, (self.rule, self.severity), path, self.detail.clone())
    }
}

impl std::fmt::Display for Wrong {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {} ({})", self.path.display(), self.detail, self.rule)
    }
}

#[cfg(test)]
mod tests;

//! What the life before means.

use super::{Ended, Life};
use crate::tampering;
use baluardo_model::protection::{Finding, Severity};
use baluardo_model::{Chance, Timestamp};

/// What became of the life before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Past {
    /// There was none.
    First,
    /// It ended as it should, or with its computer.
    Well,
    /// It was killed.
    Killed {
        /// When it began.
        began: Timestamp,
        /// Its process number.
        pid: u32,
    },
    /// It was stopped by somebody who had not shown the code.
    Stopped {
        /// When it began.
        began: Timestamp,
    },
    /// What it left was changed by somebody else.
    Forged,
}

pub(super) fn judge(before: &Life, now: &Life, noted_at: Timestamp) -> Past {
    // A computer that was switched off, or lost its power, took the agent with it.
    if before.boot != now.boot {
        return Past::Well;
    }
    // A fresh package ends the old program to start the new one. Whether the new one belongs here is judged elsewhere.
    if before.version != now.version || before.program != now.program || before.began < noted_at {
        return Past::Well;
    }
    match before.ended {
        Some(Ended::Allowed) => Past::Well,
        Some(Ended::Asked) => Past::Stopped { began: before.began },
        None => Past::Killed { began: before.began, pid: before.pid },
    }
}

impl Past {
    /// What people are told of it: nothing where nothing is wrong.
    #[must_use]
    pub fn finding(&self, now: Timestamp, chance: &dyn Chance) -> Option<Finding> {
        let (rule, severity, detail) = match self {
            Self::First | Self::Well => return None,
            Self::Killed { began, pid } => {
                let detail =
                    format!("process {pid}, which ran since {}, ended without a word; it is back", began.rfc3339());
                ("agent_killed", Severity::High, detail)
            }
            Self::Stopped { began } => {
                let detail =
                    format!("the agent that ran since {} was stopped, and nobody had shown the code", began.rfc3339());
                ("agent_stopped", Severity::Medium, detail)
            }
            Self::Forged => {
                let detail = "what the agent noted of its last life was changed by somebody else".to_owned();
                ("record_forged", Severity::High, detail)
            }
        };
        Some(tampering::finding(now, chance, (rule, severity), "baluardo-agent".to_owned(), detail))
    }
}

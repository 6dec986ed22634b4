//! What the life before means.

use super::{Ended, Life};
use baluardo_model::Timestamp;
use baluardo_model::protection::{Finding, FindingKind, Reason, Severity, Step, StepKind};
use baluardo_model::{Chance, FindingId};

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
    /// The program is another one, of the same version.
    Replaced {
        /// SHA-256 of the one before.
        before: String,
        /// SHA-256 of this one.
        now: String,
    },
    /// What it left was changed by somebody else.
    Forged,
}

pub(super) fn judge(before: &Life, now: &Life) -> Past {
    let known = !before.program.is_empty() && !now.program.is_empty();
    if known && before.version == now.version && before.program != now.program {
        return Past::Replaced { before: before.program.clone(), now: now.program.clone() };
    }
    // A computer that was switched off, or lost its power, took the agent with it.
    if before.boot != now.boot {
        return Past::Well;
    }
    match before.ended {
        Some(Ended::Allowed) => Past::Well,
        // A fresh package ends the old program to start the new one.
        _ if before.version != now.version => Past::Well,
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
            Self::Replaced { before, now } => {
                let detail =
                    format!("the program has the SHA-256 {now}; the one of the same version before had {before}");
                ("program_replaced", Severity::Critical, detail)
            }
            Self::Forged => {
                let detail = "what the agent noted of its last life was changed by somebody else".to_owned();
                ("record_forged", Severity::High, detail)
            }
        };
        let reason = Reason { engine: "agent".to_owned(), rule: rule.to_owned(), detail: detail.clone() };
        Some(Finding {
            id: FindingId::new(now, chance),
            kind: FindingKind::Tampering,
            severity,
            detected_at: now,
            path: "baluardo-agent".to_owned(),
            sha256: None,
            reasons: vec![reason],
            processes: Vec::new(),
            techniques: vec![IMPAIR.to_owned()],
            files_touched: 0,
            files_lost: 0,
            steps: vec![Step { at: now, kind: StepKind::Detected, detail, files: 0 }],
            intrusion: None,
        })
    }
}

/// ATT&CK: Impair Defenses, Disable or Modify Tools.
const IMPAIR: &str = "T1562.001";

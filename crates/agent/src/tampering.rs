//! A finding about the protection itself: somebody stopped it, or changed what belongs to it.

use baluardo_model::protection::{Finding, FindingKind, Reason, Severity, Step, StepKind};
use baluardo_model::{Chance, FindingId, Timestamp};

/// ATT&CK: Impair Defenses, Disable or Modify Tools.
pub(crate) const IMPAIR: &str = "T1562.001";

/// A finding of now about `path`, by the `rule` that noticed it.
pub(crate) fn finding(
    now: Timestamp,
    chance: &dyn Chance,
    (rule, severity): (&str, Severity),
    path: String,
    detail: String,
) -> Finding {
    let reason = Reason { engine: "agent".to_owned(), rule: rule.to_owned(), detail: detail.clone() };
    Finding {
        id: FindingId::new(now, chance),
        kind: FindingKind::Tampering,
        severity,
        detected_at: now,
        path,
        sha256: None,
        reasons: vec![reason],
        processes: Vec::new(),
        techniques: vec![IMPAIR.to_owned()],
        files_touched: 0,
        files_lost: 0,
        steps: vec![Step { at: now, kind: StepKind::Detected, detail, files: 0 }],
        intrusion: None,
    }
}

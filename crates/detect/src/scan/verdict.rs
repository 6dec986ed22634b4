//! What a scan says about a file.

use baluardo_model::protection::{Reason, Severity};

/// The outcome of a scan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// SHA-256 of the bytes, lower-case hexadecimal.
    pub sha256: String,
    /// Why, in the order of the engines; empty for a clean file.
    pub reasons: Vec<Reason>,
    /// The highest severity among the reasons; [`Severity::Info`] for a clean file.
    pub severity: Severity,
    /// ATT&CK technique ids of the rules that fired, each once.
    pub techniques: Vec<String>,
    /// False when the time budget ran out before every rule was asked.
    pub complete: bool,
}

impl Verdict {
    /// Whether the file should be stopped: something was found that is worse than [`Severity::Low`]. What is only worth
    /// telling (a manual that quotes the EICAR text) has reasons, but is not bad.
    #[must_use]
    pub fn is_bad(&self) -> bool {
        !self.reasons.is_empty() && self.severity > Severity::Low
    }

    /// Nothing found yet.
    pub(super) const fn clean(sha256: String) -> Self {
        Self { sha256, reasons: Vec::new(), severity: Severity::Info, techniques: Vec::new(), complete: true }
    }

    /// Adds a reason.
    pub(super) fn add(&mut self, reason: Reason, severity: Severity, technique: Option<&str>) {
        self.severity = self.severity.max(severity);
        self.reasons.push(reason);
        if let Some(technique) = technique
            && !self.techniques.iter().any(|known| known == technique)
        {
            self.techniques.push(technique.to_owned());
        }
    }
}

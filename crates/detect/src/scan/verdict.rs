//! What a scan says about a file.

use baluardo_model::protection::{Reason, Severity};

/// One thing that one engine found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// Engine, rule and what it saw.
    pub reason: Reason,
    /// How bad it is.
    pub severity: Severity,
    /// How sure it is, from 0 to 100.
    pub score: u8,
    /// ATT&CK technique id, where the rule names one.
    pub technique: Option<String>,
}

impl Hit {
    /// The score of a severity, where the rule has none of its own.
    #[must_use]
    pub const fn score_of(severity: Severity) -> u8 {
        match severity {
            Severity::Info => 0,
            Severity::Low => 20,
            Severity::Medium => 60,
            Severity::High => 90,
            Severity::Critical => 100,
        }
    }

    /// A hit whose score is its severity's.
    pub(crate) fn new(engine: &str, rule: impl Into<String>, detail: impl Into<String>, severity: Severity) -> Self {
        let reason = Reason { engine: engine.to_owned(), rule: rule.into(), detail: detail.into() };
        Self { reason, severity, score: Self::score_of(severity), technique: None }
    }

    /// The same, found at a path within the file.
    pub(super) fn inside(mut self, path: Option<&str>) -> Self {
        if let Some(path) = path {
            self.reason.detail = format!("inside {path}: {}", self.reason.detail);
        }
        self
    }
}

/// The outcome of a scan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// SHA-256 of the bytes, lower-case hexadecimal.
    pub sha256: String,
    /// Why, in the order of the engines; empty for a clean file.
    pub reasons: Vec<Reason>,
    /// What models find suspicious: it never makes a file bad, but a person should look. Empty for a file that is bad.
    pub suspicions: Vec<Reason>,
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

    /// The verdict of these hits.
    pub(super) fn of(sha256: String, hits: Vec<Hit>, complete: bool) -> Self {
        let (reasons, suspicions, techniques) = (Vec::new(), Vec::new(), Vec::new());
        let mut verdict = Self { sha256, reasons, suspicions, severity: Severity::Info, techniques, complete };
        for hit in hits {
            verdict.severity = verdict.severity.max(hit.severity);
            verdict.reasons.push(hit.reason);
            if let Some(technique) = hit.technique
                && !verdict.techniques.contains(&technique)
            {
                verdict.techniques.push(technique);
            }
        }
        verdict
    }
}

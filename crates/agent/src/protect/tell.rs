//! Tells what happened; what cannot be kept at once is told again later, in the same order.

use crate::report::{Report, Stop};
use crate::vault::locked;
use baluardo_model::protection::{Finding, FindingKind, Reason, Severity, Step, StepKind};
use baluardo_model::{Chance, Clock, FindingId};
use baluardo_wire::exchange::EventBody;
use std::collections::{HashMap, VecDeque};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Most events that wait in memory while they cannot be kept; the oldest then go.
const MOST_WAITING: usize = 10_000;
/// The same trouble is told once in this time.
const TROUBLE_AGAIN: Duration = Duration::from_secs(3_600);

pub(crate) struct Teller {
    report: Arc<dyn Report>,
    clock: Arc<dyn Clock>,
    chance: Arc<dyn Chance>,
    waiting: Mutex<VecDeque<EventBody>>,
    troubles: Mutex<HashMap<&'static str, baluardo_model::Timestamp>>,
}

impl Teller {
    pub(crate) fn new(report: Arc<dyn Report>, clock: Arc<dyn Clock>, chance: Arc<dyn Chance>) -> Self {
        Self { report, clock, chance, waiting: Mutex::default(), troubles: Mutex::default() }
    }

    /// Tells `event` now, or later if it cannot be kept now. Gives whether it, and all before it, outlives a death.
    pub(crate) fn tell(&self, event: EventBody) -> bool {
        let mut waiting = locked(&self.waiting);
        waiting.push_back(event);
        self.flush(&mut waiting);
        waiting.is_empty()
    }

    /// Tries again what could not be kept; whether all of it outlives a death now.
    pub(crate) fn try_again(&self) -> bool {
        let mut waiting = locked(&self.waiting);
        self.flush(&mut waiting);
        waiting.is_empty()
    }

    fn flush(&self, waiting: &mut VecDeque<EventBody>) {
        while let Some(event) = waiting.front() {
            if let Err(e) = self.report.report(event.clone()) {
                tracing::warn!(waiting = waiting.len(), "{e}");
                break;
            }
            waiting.pop_front();
        }
        while waiting.len() > MOST_WAITING {
            waiting.pop_front();
        }
    }

    /// Tells whoever follows closely that an attack is at its end.
    pub(crate) fn stopped(&self, stop: &Stop) {
        self.report.stopped(stop);
    }

    /// Tells whoever follows closely that a document is back.
    pub(crate) fn restored(&self, path: &Path) {
        self.report.restored(path);
    }

    /// A step of now.
    pub(crate) fn step(&self, kind: StepKind, detail: impl Into<String>, files: u64) -> Step {
        Step { at: self.clock.now(), kind, detail: detail.into(), files }
    }

    /// A fresh finding of now, about `path`.
    pub(crate) fn finding(&self, kind: FindingKind, severity: Severity, path: &Path) -> Finding {
        let now = self.clock.now();
        Finding {
            id: FindingId::new(now, self.chance.as_ref()),
            kind,
            severity,
            detected_at: now,
            path: path.to_string_lossy().into_owned(),
            sha256: None,
            reasons: Vec::new(),
            processes: Vec::new(),
            techniques: Vec::new(),
            files_touched: 0,
            files_lost: 0,
            steps: Vec::new(),
            intrusion: None,
        }
    }

    /// As [`Teller::tell`].
    pub(crate) fn tell_finding(&self, finding: Finding) -> bool {
        self.tell(EventBody::Finding { finding: Box::new(finding) })
    }

    /// Tells that the agent itself is hindered; the same `rule` not more than once an hour.
    pub(crate) fn trouble(&self, rule: &'static str, path: &Path, detail: &str) {
        let now = self.clock.now();
        let told_before = locked(&self.troubles).insert(rule, now);
        if told_before.is_some_and(|before| now.since(before) < TROUBLE_AGAIN) {
            locked(&self.troubles).extend(told_before.map(|before| (rule, before)));
            return;
        }
        tracing::warn!(rule, path = %path.display(), detail, "the agent is hindered");
        let mut finding = self.finding(FindingKind::AgentTrouble, Severity::Medium, path);
        let reason = Reason { engine: "agent".to_owned(), rule: rule.to_owned(), detail: detail.to_owned() };
        finding.reasons.push(reason);
        finding.steps.push(self.step(StepKind::Failed, detail, 0));
        self.tell_finding(finding);
    }
}

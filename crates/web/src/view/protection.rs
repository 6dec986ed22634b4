//! Pages of the column `protection`: findings, and one finding told as a story.

pub use crate::view::quarantine::{ConfirmPage, QuarantineAct, QuarantineFilter, QuarantinePage, QuarantineRow};
pub use crate::view::story::{OrderLine, Restore, StoryLine};

use crate::view::intrusion::{CampaignRow, Intrusion};
use crate::view::{Chrome, Paging};
use askama::Template;
use baluardo_model::Timestamp;
use baluardo_model::protection::{FindingKind, Judgement, ProcessSeen, Reason, Severity, Step, StepKind};
use serde::Serialize;

/// The class of a severity's mark.
#[must_use]
pub const fn severity_mark(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => "mark-info",
        Severity::Low => "mark-off",
        Severity::Medium => "mark-warn",
        Severity::High | Severity::Critical => "mark-bad",
    }
}

/// The icon of a severity's mark, so that colour is never alone.
#[must_use]
pub const fn severity_icon(severity: Severity) -> &'static str {
    match severity {
        Severity::Info | Severity::Low => "it-info-circle",
        Severity::Medium => "it-warning-circle",
        Severity::High | Severity::Critical => "it-error",
    }
}

/// What happened, as far as the sentence of the story depends on it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "document", derive(utoipa::ToSchema))]
pub struct Outcome {
    /// Opening or running was refused, or the process was stopped.
    pub stopped: bool,
    /// The file went into quarantine.
    pub quarantined: bool,
    /// Files that the attack changed.
    pub files_touched: u64,
    /// Files that could not be put back.
    pub files_lost: u64,
}

impl Outcome {
    /// Reads it off the steps.
    #[must_use]
    pub fn of(steps: &[Step], files_touched: u64, files_lost: u64) -> Self {
        let any = |kinds: &[StepKind]| steps.iter().any(|step| kinds.contains(&step.kind));
        Self {
            stopped: any(&[StepKind::Blocked, StepKind::ProcessStopped]),
            quarantined: any(&[StepKind::Quarantined]),
            files_touched,
            files_lost,
        }
    }

    /// The story in one plain sentence.
    #[must_use]
    pub fn story(&self, chrome: &Chrome, kind: &FindingKind) -> String {
        match kind {
            FindingKind::AgentTrouble => chrome.t("story.agent_trouble").into_owned(),
            FindingKind::Intrusion => chrome.t("story.intrusion").into_owned(),
            FindingKind::Tampering => chrome.t("story.tampering").into_owned(),
            FindingKind::Suspicious => chrome.t("story.suspicious").into_owned(),
            FindingKind::Malware if self.stopped && self.quarantined => {
                chrome.t("story.malware.blocked_quarantined").into_owned()
            }
            FindingKind::Malware if self.stopped => chrome.t("story.malware.blocked").into_owned(),
            FindingKind::Malware if self.quarantined => chrome.t("story.malware.quarantined").into_owned(),
            FindingKind::Malware => chrome.t("story.malware.seen").into_owned(),
            FindingKind::Ransomware if !self.stopped => chrome.n("story.ransomware.running", self.files_touched),
            FindingKind::Ransomware if self.files_lost > 0 => {
                let back = self.files_touched.saturating_sub(self.files_lost);
                let counts = (chrome.number(back), chrome.number(self.files_lost));
                chrome.t2("story.ransomware.partial", "back", counts.0, "lost", counts.1)
            }
            FindingKind::Ransomware if self.files_touched == 0 => chrome.t("story.ransomware.untouched").into_owned(),
            FindingKind::Ransomware => chrome.n("story.ransomware.restored", self.files_touched),
        }
    }

    /// What is left for a person to do; the words are under `left.<code>`.
    #[must_use]
    pub fn left_to_do(&self, kind: &FindingKind) -> Vec<&'static str> {
        let mut left = Vec::new();
        if matches!(kind, FindingKind::AgentTrouble | FindingKind::Tampering) {
            left.push("check_agent");
            return left;
        }
        if *kind == FindingKind::Intrusion {
            left.push("check_intrusion");
            return left;
        }
        if *kind == FindingKind::Suspicious {
            left.push("confirm_file");
            return left;
        }
        if !self.stopped && !self.quarantined {
            left.push("disconnect");
        }
        if self.files_lost > 0 {
            left.push("restore_backup");
        }
        if *kind == FindingKind::Ransomware {
            left.push("ask_user");
        }
        if self.quarantined {
            left.push("review_quarantine");
        }
        left
    }
}

/// A finding in a list.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "document", derive(utoipa::ToSchema))]
pub struct FindingRow {
    /// Its id.
    pub id: String,
    /// What was found.
    #[cfg_attr(feature = "document", schema(value_type = String))]
    pub kind: FindingKind,
    /// How bad.
    #[cfg_attr(feature = "document", schema(value_type = String))]
    pub severity: Severity,
    /// When the first sign was seen.
    #[cfg_attr(feature = "document", schema(value_type = String, format = DateTime))]
    pub detected_at: Timestamp,
    /// The device's name: foreign text.
    pub device: String,
    /// The file or folder: foreign text.
    pub path: String,
    /// What happened.
    pub outcome: Outcome,
    /// Whether somebody has looked at it.
    pub handled: bool,
    /// What a rule on logs and program starts saw; only for an intrusion.
    pub intrusion: Option<Intrusion>,
}

/// What the list is narrowed to.
#[derive(Clone, Debug, Default, Serialize)]
pub struct FindingFilter {
    /// Text in device or path.
    pub q: String,
    /// The least severity's code, or empty.
    pub severity: String,
    /// A kind's code, or empty.
    pub kind: String,
    /// `open`, `handled`, or empty.
    pub state: String,
    /// Only those that lost files.
    pub lost: bool,
}

/// The findings (`/findings`), live.
#[derive(Debug, Template, Serialize)]
#[template(path = "protection/findings.html", blocks = ["live"])]
pub struct FindingsPage {
    /// What surrounds the page.
    #[serde(skip)]
    pub chrome: Chrome,
    /// The findings, newest first.
    pub rows: Vec<FindingRow>,
    /// What they are narrowed to.
    pub filter: FindingFilter,
    /// The other rows.
    pub paging: Paging,
    /// How many campaigns the reader may know of.
    pub campaigns: u64,
}

/// A process in the tree, parents before children.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TreeLine {
    /// How deep it stands, 0 at the root; never above 6, so that the page stays readable.
    pub depth: usize,
    /// The process.
    pub process: ProcessSeen,
    /// Whether it is the culprit.
    pub culprit: bool,
}

/// One finding (`/findings/{id}`).
#[derive(Debug, Template, Serialize)]
#[template(path = "protection/finding.html", blocks = ["live"])]
pub struct FindingPage {
    /// What surrounds the page.
    #[serde(skip)]
    pub chrome: Chrome,
    /// Its id.
    pub id: String,
    /// What was found.
    pub kind: FindingKind,
    /// How bad.
    pub severity: Severity,
    /// When the first sign was seen.
    pub detected_at: Timestamp,
    /// When the console knew.
    pub received_at: Timestamp,
    /// The device.
    pub device_id: String,
    /// Its name: foreign text.
    pub device: String,
    /// The file or folder: foreign text.
    pub path: String,
    /// Hash of the file, where one file is meant.
    pub sha256: Option<String>,
    /// What happened.
    pub outcome: Outcome,
    /// Why the verdict fell.
    pub reasons: Vec<Reason>,
    /// The processes, culprit first.
    pub processes: Vec<ProcessSeen>,
    /// ATT&CK techniques.
    pub techniques: Vec<String>,
    /// What was done, oldest first.
    pub steps: Vec<Step>,
    /// How many other comuni have seen the same hash or rule.
    pub seen_elsewhere: u64,
    /// When somebody marked it as handled.
    pub handled_at: Option<Timestamp>,
    /// Who did; empty while nobody has.
    pub handled_by: String,
    /// Whether the reader may mark it.
    pub may_handle: bool,
    /// What people ordered about it and its files, oldest first.
    pub orders: Vec<OrderLine>,
    /// Whether missing files can be put back by the device; `Nothing` too for who may not order it.
    pub restore: Restore,
    /// What a rule on logs and program starts saw; only for an intrusion.
    pub intrusion: Option<Intrusion>,
    /// The campaign that it belongs to, where the reader may know of one.
    pub campaign: Option<CampaignRow>,
    /// What a person said of the file.
    pub label: Option<LabelLine>,
    /// Whether the reader may say so.
    pub may_judge: bool,
    /// Whether the reader may have the device gather evidence of it.
    pub may_collect: bool,
}

/// What a person said of a file.
#[derive(Clone, Debug, Serialize)]
pub struct LabelLine {
    /// Harmful or harmless.
    pub judgement: Judgement,
    /// Who.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// What they wrote; empty when nothing.
    pub note: String,
}

/// The deepest that the tree is drawn.
const DEEPEST: usize = 6;

impl FindingPage {
    /// The text that tells what was said of the file.
    #[must_use]
    pub fn judged(&self, said: &LabelLine) -> &'static str {
        match said.judgement {
            Judgement::Harmful => "judge.said.harmful",
            Judgement::Harmless => "judge.said.harmless",
        }
    }

    /// What the reader may say of it now: what was not said before.
    #[must_use]
    pub fn judgements(&self) -> Vec<Judgement> {
        let said = self.label.as_ref().map(|said| said.judgement);
        [Judgement::Harmful, Judgement::Harmless].into_iter().filter(|one| Some(*one) != said).collect()
    }

    /// The processes as a tree: parents before children, each once, whatever the agent said.
    #[must_use]
    pub fn tree(&self) -> Vec<TreeLine> {
        let mut lines = Vec::new();
        let known = |pid: u32| self.processes.iter().any(|process| process.pid == pid);
        for root in self.processes.iter().filter(|process| !known(process.parent) || process.parent == process.pid) {
            self.branch(root, 0, &mut lines);
        }
        // A ring of parents has no root: it is listed flat instead of being lost.
        for process in &self.processes {
            self.branch(process, 0, &mut lines);
        }
        lines
    }

    fn branch(&self, process: &ProcessSeen, depth: usize, lines: &mut Vec<TreeLine>) {
        if lines.iter().any(|line| line.process == *process) {
            return;
        }
        let culprit = self.processes.first() == Some(process);
        lines.push(TreeLine { depth: depth.min(DEEPEST), process: process.clone(), culprit });
        for child in self.processes.iter().filter(|child| child.parent == process.pid) {
            self.branch(child, depth + 1, lines);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::locale::Lang;
    use crate::view::sample;

    #[test]
    fn a_tree_with_a_ring_of_parents_ends_and_loses_nobody() {
        let mut page = sample::finding_ransomware(Lang::It);
        let ring = |pid, parent| ProcessSeen { pid, parent, exe: "x".into(), cmdline: String::new(), uid: 0 };
        page.processes = vec![ring(1, 2), ring(2, 1), ring(3, 3)];
        let tree = page.tree();
        assert_eq!(tree.len(), 3);
        assert_eq!(tree.iter().filter(|line| line.culprit).count(), 1);
    }

    #[test]
    fn children_stand_below_their_parent() {
        let page = sample::finding_ransomware(Lang::It);
        let depths: Vec<usize> = page.tree().iter().map(|line| line.depth).collect();
        assert_eq!(depths, [0, 1, 2]);
    }

    #[test]
    fn the_story_says_what_came_back_and_what_did_not() {
        let chrome = sample::chrome_rtd(Lang::It, crate::view::chrome::Section::Findings);
        let restored = Outcome { stopped: true, quarantined: false, files_touched: 14, files_lost: 0 };
        assert!(restored.story(&chrome, &FindingKind::Ransomware).contains("14 file sono tornati com'erano"));
        let partial = Outcome { files_lost: 3, ..restored };
        let story = partial.story(&chrome, &FindingKind::Ransomware);
        assert!(story.contains("11") && story.contains('3'), "{story}");
        assert_eq!(partial.left_to_do(&FindingKind::Ransomware), ["restore_backup", "ask_user"]);
    }
}

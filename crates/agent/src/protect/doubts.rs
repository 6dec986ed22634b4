//! Files that only a model finds suspicious: told once for each content, and left as they are until a person decides.

use super::tell::Teller;
use crate::vault::locked;
use baluardo_detect::scan::Verdict;
use baluardo_model::protection::{FindingKind, Severity, StepKind};
use std::collections::VecDeque;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// Contents remembered; of more, the oldest are forgotten and would be told again.
const MOST: usize = 4_096;

/// What was told already, kept on disk so that a restart does not tell it again.
pub(crate) struct Doubts {
    file: PathBuf,
    told: Mutex<VecDeque<String>>,
}

impl Doubts {
    /// What was told in earlier lives, from `state_dir`. A list that cannot be read is begun anew: the worst that follows is
    /// a finding told twice.
    pub(crate) fn open(state_dir: &Path) -> Self {
        let file = state_dir.join("doubts");
        let text = std::fs::read_to_string(&file).unwrap_or_default();
        let is_digest = |line: &&str| line.len() == 64 && line.bytes().all(|byte| byte.is_ascii_hexdigit());
        let mut told: VecDeque<String> = text.lines().filter(is_digest).map(str::to_owned).collect();
        told.drain(..told.len().saturating_sub(MOST));
        Self { file, told: Mutex::new(told) }
    }

    /// Tells what models say about the file, unless the same bytes were told before.
    pub(crate) fn tell(&self, teller: &Teller, path: &Path, verdict: &Verdict) {
        if !self.is_new(&verdict.sha256) {
            return;
        }
        let mut finding = teller.finding(FindingKind::Suspicious, Severity::Medium, path);
        finding.sha256 = Some(verdict.sha256.clone());
        finding.reasons.clone_from(&verdict.suspicions);
        finding.steps.push(teller.step(StepKind::Detected, path.to_string_lossy(), 1));
        teller.tell_finding(finding);
    }

    /// Whether these bytes were not told yet; from now on they are.
    fn is_new(&self, sha256: &str) -> bool {
        let mut told = locked(&self.told);
        if told.iter().any(|known| known == sha256) {
            return false;
        }
        told.push_back(sha256.to_owned());
        let kept = if told.len() > MOST {
            told.pop_front();
            let all: String = told.iter().flat_map(|digest| [digest.as_str(), "\n"]).collect();
            std::fs::write(&self.file, all)
        } else {
            let opened = std::fs::OpenOptions::new().create(true).append(true).open(&self.file);
            opened.and_then(|mut file| writeln!(file, "{sha256}"))
        };
        if let Err(error) = kept {
            tracing::warn!("{}: {error}: a suspicious file may be told again after a restart", self.file.display());
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(number: usize) -> String {
        format!("{number:064x}")
    }

    #[test]
    fn the_same_content_is_told_once_even_after_a_restart() {
        let dir = tempfile::tempdir().unwrap();
        let doubts = Doubts::open(dir.path());
        assert!(doubts.is_new(&digest(1)));
        assert!(!doubts.is_new(&digest(1)));
        let again = Doubts::open(dir.path());
        assert!(!again.is_new(&digest(1)));
        assert!(again.is_new(&digest(2)));
    }

    #[test]
    fn the_list_stays_bounded_in_memory_and_on_disk() {
        let dir = tempfile::tempdir().unwrap();
        let doubts = Doubts::open(dir.path());
        for number in 0..MOST + 3 {
            assert!(doubts.is_new(&digest(number)));
        }
        assert_eq!(locked(&doubts.told).len(), MOST);
        let lines = std::fs::read_to_string(dir.path().join("doubts")).unwrap().lines().count();
        assert_eq!(lines, MOST);
        assert!(doubts.is_new(&digest(0)), "the oldest was forgotten");
    }

    #[test]
    fn a_list_that_is_none_is_begun_anew() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("doubts"), b"\xFF\xFEno list").unwrap();
        assert!(Doubts::open(dir.path()).is_new(&digest(1)));
    }
}

//! Holds what is heard against the rules, one event after the other, and writes down how far it came.

use super::ledger::{Ledger, Sighting};
use super::pace::{Floods, raw_text};
use super::saved::Saved;
use crate::platform::tail::Mark;
use baluardo_detect::sigma::logs::{self, Start};
use baluardo_detect::sigma::{Detector, Event, Places, Source, builtin, note_hour};
use baluardo_model::Timestamp;
use baluardo_model::intrusion::IntrusionPolicy;
use baluardo_model::protection::Finding;
use serde_json::Value;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// What was written longer ago is not judged: the agent was dead for so long that nobody can act on it any more.
const OLDEST: Duration = Duration::from_secs(24 * 3_600);

/// The rules, and all that is remembered from one event to the next.
pub(super) struct Judge {
    detector: Detector,
    places: Places,
    policy: IntrusionPolicy,
    ledger: Ledger,
    seed: Vec<u8>,
    cursor: Option<String>,
    marks: Vec<Mark>,
    pub(super) floods: Floods,
    /// The newest time that the log told: by it correlations forget. It may lie far behind, while the agent catches up.
    newest: Timestamp,
    /// Entries that were too old to be judged.
    skipped: u64,
}

impl Judge {
    /// Goes on where `saved` ended.
    pub(super) fn new(policy: IntrusionPolicy, saved: Saved) -> Self {
        let (rules, report) = builtin::rules();
        for skipped in &report.skipped {
            tracing::warn!(file = skipped.file, rule = ?skipped.rule, "{}", skipped.reason);
        }
        let mut detector = Detector::new(Arc::new(rules));
        detector.recall(saved.memory);
        Self {
            detector,
            places: saved.places,
            policy,
            ledger: saved.ledger,
            seed: saved.seed,
            cursor: saved.cursor,
            marks: saved.marks,
            floods: Floods::default(),
            newest: saved.newest,
            skipped: 0,
        }
    }

    /// How it stands, for the disk.
    pub(super) fn saved(&self) -> Saved {
        Saved {
            seed: self.seed.clone(),
            cursor: self.cursor.clone(),
            marks: self.marks.clone(),
            places: self.places.clone(),
            memory: self.detector.remember(self.newest),
            ledger: self.ledger.clone(),
            newest: self.newest,
        }
    }

    /// An entry of the journal, as JSON.
    pub(super) fn entry(&mut self, line: &[u8], now: Timestamp) -> Vec<Finding> {
        if let Some(cursor) = raw_text(line, "__CURSOR") {
            self.cursor = Some(cursor.to_owned());
        }
        let at = raw_text(line, "__REALTIME_TIMESTAMP").and_then(|text| text.parse().ok()).map(Timestamp::from_micros);
        let program = raw_text(line, "SYSLOG_IDENTIFIER").or_else(|| raw_text(line, "_COMM")).unwrap_or_default();
        if !self.is_judged(program, at.unwrap_or(now), now) {
            return Vec::new();
        }
        match serde_json::from_slice::<Value>(line) {
            Ok(entry) if entry.get("MESSAGE").is_some() => self.event(logs::of_json(&entry, &Source::default()), now),
            _ => Vec::new(),
        }
    }

    /// A line of a log file.
    pub(super) fn line(&mut self, mark: Mark, text: &str, now: Timestamp) -> Vec<Finding> {
        self.marked(mark);
        let Some(line) = logs::of_line(text, now) else { return Vec::new() };
        let program = line.event.get("SYSLOG_IDENTIFIER").unwrap_or_default().to_owned();
        if !self.is_judged(&program, line.event.at.unwrap_or(now), now) {
            return Vec::new();
        }
        let mut told = Vec::new();
        for _ in 0..line.times {
            told.extend(self.event(line.event.clone(), now));
        }
        told
    }

    /// How far a log file was read.
    pub(super) fn marked(&mut self, mark: Mark) {
        match self.marks.iter_mut().find(|known| known.path == mark.path) {
            Some(known) => *known = mark,
            None => self.marks.push(mark),
        }
    }

    /// A program that started.
    pub(super) fn start(&mut self, start: &Start, now: Timestamp) -> Vec<Finding> {
        self.event(start.event(now), now)
    }

    /// A file that was written.
    pub(super) fn changed(&mut self, path: &Path, now: Timestamp) -> Vec<Finding> {
        self.event(logs::changed(&path.to_string_lossy(), now), now)
    }

    fn is_judged(&mut self, program: &str, at: Timestamp, now: Timestamp) -> bool {
        if now.since(at) > OLDEST {
            self.skipped = self.skipped.saturating_add(1);
            return false;
        }
        self.floods.may_pass(program, at)
    }

    fn event(&mut self, mut event: Event, now: Timestamp) -> Vec<Finding> {
        // An event of a clock that runs ahead must not make correlations forget what is of now.
        let at = event.at.map_or(now, |at| at.min(now));
        event.at = Some(at);
        if !event.source.services.is_empty() {
            self.newest = self.newest.max(at);
        }
        self.places.note(&mut event);
        note_hour(&self.policy, &mut event);
        let found = self.detector.observe(&event);
        let sightings: Vec<Sighting> = found.iter().filter_map(|found| Sighting::of(found, &event, at)).collect();
        let take = |sighting| self.ledger.take(sighting, now, &self.seed);
        sightings.into_iter().filter_map(take).collect()
    }

    /// Findings that grew and are to be told by now.
    pub(super) fn due(&mut self, now: Timestamp) -> Vec<Finding> {
        self.ledger.due(now)
    }

    /// In how long the next one is due.
    pub(super) fn next_due(&self, now: Timestamp) -> Option<Duration> {
        self.ledger.next_due(now)
    }

    /// How many entries were too old, since this was last asked.
    pub(super) fn take_skipped(&mut self) -> u64 {
        std::mem::take(&mut self.skipped)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    /// 22 November 2026, 14:00 in Rome.
    const NOW: Timestamp = Timestamp::from_micros(1_795_352_400_000_000);

    fn judge() -> Judge {
        Judge::new(IntrusionPolicy::default(), Saved::begin(b"seed".to_vec()))
    }

    fn again(judge: &Judge) -> Judge {
        let kept = serde_json::to_string(&judge.saved()).unwrap();
        Judge::new(IntrusionPolicy::default(), serde_json::from_str(&kept).unwrap())
    }

    fn entry(number: i64, program: &str, message: &str) -> Vec<u8> {
        let at = (NOW.micros() - 3_600_000_000 + number * 1_000_000).to_string();
        let cursor = format!("s=1;i={number}");
        serde_json::json!({
            "__CURSOR": cursor, "__REALTIME_TIMESTAMP": at, "SYSLOG_IDENTIFIER": program, "MESSAGE": message,
        })
        .to_string()
        .into_bytes()
    }

    fn failed(number: i64) -> Vec<u8> {
        entry(number, "sshd", "Failed password for anna from 203.0.113.9 port 4022 ssh2")
    }

    #[test]
    fn brute_force_is_told_with_source_account_and_technique() {
        let mut judge = judge();
        let told: Vec<Finding> = (0..10).flat_map(|number| judge.entry(&failed(number), NOW)).collect();
        assert_eq!(told.len(), 1);
        let intrusion = told[0].intrusion.as_ref().unwrap();
        assert_eq!((intrusion.count, intrusion.accounts.as_slice()), (10, &["anna".to_owned()][..]));
        assert_eq!(intrusion.source, Some("203.0.113.9".parse().unwrap()));
        assert_eq!(told[0].techniques, ["T1110.001"]);
        assert_eq!(judge.cursor.as_deref(), Some("s=1;i=9"));
    }

    #[test]
    fn what_correlations_and_places_remember_outlives_a_death() {
        let mut judge = judge();
        for number in 0..9 {
            assert!(judge.entry(&failed(number), NOW).is_empty());
        }
        let mut next = again(&judge);
        assert_eq!(next.entry(&failed(9), NOW).len(), 1, "the tenth of ten");
        let home = entry(20, "sshd", "Accepted publickey for berto from 192.0.2.7 port 1 ssh2");
        assert!(next.entry(&home, NOW).is_empty());
        let away = entry(30, "sshd", "Accepted publickey for berto from 198.51.100.7 port 1 ssh2");
        let told = again(&next).entry(&away, NOW);
        assert!(told[0].reasons[0].detail.contains("new place"), "{told:?}");
    }

    #[test]
    fn entries_that_are_judged_again_after_a_death_tell_the_same_finding() {
        let mut judge = judge();
        for number in 0..5 {
            judge.entry(&failed(number), NOW);
        }
        let mut next = again(&judge);
        let of = |judge: &mut Judge| (5..10).flat_map(|number| judge.entry(&failed(number), NOW)).next().unwrap().id;
        assert_eq!(of(&mut judge), of(&mut next));
    }

    #[test]
    fn what_is_too_old_is_passed_over_and_counted() {
        let mut judge = judge();
        let later = NOW.plus(OLDEST);
        assert!((0..20).flat_map(|number| judge.entry(&failed(number), later)).next().is_none());
        assert_eq!((judge.take_skipped(), judge.take_skipped()), (20, 0));
        assert_eq!(judge.cursor.as_deref(), Some("s=1;i=19"));
    }

    #[test]
    fn a_line_that_stands_for_many_counts_as_many() {
        let mut judge = judge();
        let mark = Mark { path: PathBuf::from("/var/log/auth.log"), file: (1, 2), offset: 3 };
        let line = "Nov 22 13:59:01 pc sshd[1]: message repeated 10 times: [ Failed password for anna from 203.0.113.9 port 1 ssh2]";
        assert_eq!(judge.line(mark.clone(), line, NOW).len(), 1);
        assert_eq!(judge.saved().marks, [mark]);
    }

    #[test]
    fn a_shell_of_a_web_server_is_told_with_its_processes() {
        let start = Start {
            pid: 812,
            image: "/usr/bin/dash".to_owned(),
            command: "sh -c whoami --password=x".to_owned(),
            parent: 400,
            parent_image: "/usr/sbin/apache2".to_owned(),
            parent_command: String::new(),
            user: "www-data".to_owned(),
        };
        let told = judge().start(&start, NOW);
        assert_eq!(told.len(), 1);
        assert_eq!(told[0].processes[0].cmdline, "sh -c whoami --password=***");
        assert_eq!((told[0].processes[1].pid, told[0].techniques[0].as_str()), (400, "T1505.003"));
        assert_eq!(told[0].intrusion.as_ref().unwrap().accounts, ["www-data"]);
    }

    #[test]
    fn keys_that_change_are_told_with_their_place() {
        let mut judge = judge();
        let told = judge.changed(Path::new("/home/anna/.ssh/authorized_keys"), NOW);
        assert_eq!((told[0].path.as_str(), told.len()), ("/home/anna/.ssh/authorized_keys", 1));
        assert_eq!(judge.newest, Timestamp::from_micros(0), "the log may still lie behind");
        assert!(judge.changed(Path::new("/home/anna/.ssh/config"), NOW).is_empty());
    }

    #[test]
    fn broken_entries_are_nothing() {
        let mut judge = judge();
        for line in [&b""[..], b"{", b"null", b"{\"MESSAGE\":null}", b"\xff\xfe", b"{\"a\":1}"] {
            assert!(judge.entry(line, NOW).is_empty());
        }
    }
}

//! Tells stories to the guard: a folder in memory, programs that change it, and the alarm that comes of it.

use crate::forge;
use baluardo_detect::content::{Features, Sample};
use baluardo_detect::guard::{Actor, Alarm, CanaryHarm, FileEvent, FileOp, Guard, GuardSettings};
use baluardo_model::Timestamp;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The program in most stories.
pub(crate) const PROGRAM: Actor = Actor::Known(4_242);

/// A folder, the guards that watch it, and what came of it.
///
/// Every story is told twice: to `guard` by a sensor that sees content as it is made, and to a second guard by one that
/// looks at files only after the fact, as inotify lets it: a new file first without content, a renamed one once more
/// under its new name. What must raise the alarm must raise both.
pub(crate) struct Story {
    pub(crate) guard: Guard,
    late_guard: Guard,
    late_alarm: bool,
    pub(crate) files: BTreeMap<PathBuf, Vec<u8>>,
    pub(crate) alarm: Option<Alarm>,
    /// Documents that were destroyed before the first alarm.
    pub(crate) lost_before_alarm: usize,
    /// Whether the sensor knows files as they were.
    pub(crate) remembers: bool,
    now: Timestamp,
    pace: Duration,
    actor: Actor,
}

impl Story {
    /// An empty folder, a program that acts ten times a second.
    pub(crate) fn new() -> Self {
        Self {
            guard: Guard::new(GuardSettings::default()),
            late_guard: Guard::new(GuardSettings::default()),
            late_alarm: false,
            files: BTreeMap::new(),
            alarm: None,
            lost_before_alarm: 0,
            remembers: true,
            now: Timestamp::from_micros(1_800_000_000_000_000),
            pace: Duration::from_millis(100),
            actor: PROGRAM,
        }
    }

    /// A folder with `count` office files of all kinds.
    pub(crate) fn office(count: u64) -> Self {
        let mut story = Self::new();
        for number in 0..count {
            let (ext, bytes) = forge::office_file(number);
            story.files.insert(PathBuf::from(format!("/srv/documenti/{}/atto-{number}.{ext}", number % 4)), bytes);
        }
        story
    }

    /// Time between two acts.
    pub(crate) fn paced(mut self, pace: Duration) -> Self {
        self.pace = pace;
        self
    }

    /// Who acts from now on.
    pub(crate) fn by(&mut self, actor: Actor) -> &mut Self {
        self.actor = actor;
        self
    }

    /// The documents that are there, as a list that does not change while they do.
    pub(crate) fn paths(&self) -> Vec<PathBuf> {
        self.files.keys().cloned().collect()
    }

    /// Writes a file, new or old.
    pub(crate) fn write(&mut self, path: impl AsRef<Path>, bytes: Vec<u8>) {
        let path = path.as_ref().to_path_buf();
        let after = Some(features(&bytes));
        let old_is_missing = !self.files.contains_key(&path);
        let old = self.files.insert(path.clone(), bytes);
        self.tell(match old {
            Some(old) => FileOp::Written { path: path.clone(), before: self.known(&old), after },
            None => FileOp::Created { path: path.clone(), after },
        });
        if old_is_missing {
            self.tell_late(FileOp::Written { path, before: None, after });
        }
    }

    /// Renames a file, over another one perhaps.
    pub(crate) fn rename(&mut self, from: impl AsRef<Path>, to: impl AsRef<Path>) {
        let (from, to) = (from.as_ref().to_path_buf(), to.as_ref().to_path_buf());
        let bytes = self.files.remove(&from).unwrap();
        let after = Some(features(&bytes));
        let replaced = self.files.insert(to.clone(), bytes).and_then(|old| self.known(&old));
        self.tell(FileOp::Renamed { from, to: to.clone(), replaced });
        self.tell_late(FileOp::Written { path: to, before: replaced, after });
    }

    /// Deletes a file.
    pub(crate) fn delete(&mut self, path: impl AsRef<Path>) {
        let path = path.as_ref().to_path_buf();
        let old = self.files.remove(&path).unwrap();
        self.tell(FileOp::Deleted { path, before: self.known(&old) });
    }

    /// Harms a canary.
    pub(crate) fn touch_canary(&mut self, how: CanaryHarm) {
        self.tell(FileOp::CanaryTouched { path: PathBuf::from("/srv/documenti/.000-non-aprire.docx"), how });
    }

    /// Destroys documents one after the other with `act` until the alarm falls, and says how many it took.
    pub(crate) fn destroy_until_alarm(mut self, mut act: impl FnMut(&mut Self, u64, &Path)) -> (usize, Alarm) {
        for (number, path) in self.paths().into_iter().enumerate() {
            act(&mut self, number as u64, &path);
            self.lost_before_alarm += 1;
            if self.late_alarm
                && let Some(alarm) = self.alarm.take()
            {
                return (self.lost_before_alarm, alarm);
            }
        }
        panic!("{} documents were destroyed without an alarm", self.lost_before_alarm);
    }

    /// The program was dealt with.
    pub(crate) fn forget(&mut self, actor: Actor) {
        self.guard.forget(actor);
        self.late_guard.forget(actor);
        self.late_alarm = false;
    }

    /// Asserts that no alarm fell.
    pub(crate) fn stays_calm(&self) {
        assert_eq!(self.alarm, None);
        assert!(!self.late_alarm, "the guard with the late sensor raised an alarm");
    }

    fn known(&self, bytes: &[u8]) -> Option<Features> {
        self.remembers.then(|| features(bytes))
    }

    fn tell(&mut self, op: FileOp) {
        self.now = self.now.plus(self.pace);
        let late = match &op {
            FileOp::Created { path, .. } => FileOp::Created { path: path.clone(), after: None },
            other => other.clone(),
        };
        self.tell_late(late);
        let alarm = self.guard.observe(&FileEvent { at: self.now, actor: self.actor, op });
        if self.alarm.is_none() {
            self.alarm = alarm;
        }
    }

    fn tell_late(&mut self, op: FileOp) {
        let event = FileEvent { at: self.now, actor: self.actor, op };
        self.late_alarm |= self.late_guard.observe(&event).is_some();
    }
}

/// Features of bytes, as an agent would take them.
pub(crate) fn features(bytes: &[u8]) -> Features {
    Features::of(&Sample::of_bytes(bytes))
}

/// The path with something after its name.
pub(crate) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    PathBuf::from(format!("{}{suffix}", path.display()))
}

//! What changed while nobody watched: an agent that was killed, or a computer that started without it, looks at the start
//! through what changed since it last had nothing left to look at.

use super::core::Core;
use super::work::scan;
use crate::platform::file::look;
use crate::platform::place::FileTime;
use crate::platform::walk::folders;
use crate::vault::locked;
use baluardo_model::{Clock, Timestamp};
use std::collections::HashSet;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// The file, in the agent's own folder: microseconds since 1970.
const FILE: &str = "watched-until";
/// How often it is written.
const BEAT: Duration = Duration::from_secs(20);
/// What happened so shortly before may not have been seen yet.
const MARGIN: Duration = Duration::from_secs(60);

/// Until when all that changed was looked at.
pub(crate) struct Watched {
    path: PathBuf,
    written: Mutex<Instant>,
}

impl Watched {
    /// Gives also the instant from which on changes must be looked at: now in the agent's first life; the beginning of
    /// time when the last life left no instant that can be believed, because the clock went back or the disk was full.
    pub(crate) fn open(folder: &Path, clock: &dyn Clock) -> (Self, Timestamp) {
        let now = clock.now();
        let watched = Self { path: folder.join(FILE), written: Mutex::new(Instant::now()) };
        let since = match std::fs::read_to_string(&watched.path) {
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
                watched.write(now);
                now
            }
            text => {
                let last = text.ok().and_then(|text| text.parse().ok()).map(Timestamp::from_micros);
                last.filter(|last| *last <= now).unwrap_or(Timestamp::from_micros(0))
            }
        };
        (watched, since)
    }

    /// Called when nothing is left to look at.
    pub(crate) fn beat(&self, clock: &dyn Clock) {
        let mut written = locked(&self.written);
        if written.elapsed() > BEAT {
            *written = Instant::now();
            self.write(clock.now().minus(MARGIN));
        }
    }

    fn write(&self, at: Timestamp) {
        // Half a number would be believed, so it gets its name when it is whole. Without it more is looked at, not less.
        let aside = self.path.with_extension("new");
        let written =
            std::fs::write(&aside, at.micros().to_string()).and_then(|()| std::fs::rename(&aside, &self.path));
        if let Err(e) = written {
            tracing::warn!("{}: {e}", self.path.display());
        }
    }
}

/// Scans the files below `root` that changed since then, and all below folders that were moved there.
pub(crate) fn scan_since(core: &Arc<Core>, root: &Path, since: Timestamp) {
    let rules = core.rules();
    let mut moved: HashSet<PathBuf> = HashSet::new();
    for folder in folders(root, &|path| path == rules.scope.own()) {
        let inside = folder.parent().is_some_and(|parent| moved.contains(parent));
        if inside || was_moved(&folder, since) {
            moved.insert(folder.clone());
        }
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if core.over() {
                return;
            }
            let is_new = || look(&path).is_ok_and(|look| look.stamp.changed.instant() >= since);
            if rules.scope.scans(&path) && (moved.contains(&folder) || is_new()) {
                let _ = scan(core, &path);
            }
        }
    }
}

/// Whether the folder itself changed and not only what lies in it: it may have come with files older than itself.
fn was_moved(folder: &Path, since: Timestamp) -> bool {
    std::fs::symlink_metadata(folder).is_ok_and(|meta| {
        let changed = FileTime(meta.ctime(), meta.ctime_nsec());
        changed.instant() >= since && changed != FileTime(meta.mtime(), meta.mtime_nsec())
    })
}

//! What the agent itself wrote and removed, so that a sensor that does not say who did it is not misled.

use crate::platform::file::look;
use crate::platform::place::Stamp;
use crate::vault::locked;
use std::collections::{HashMap, HashSet};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// How long an event may come after the act.
const LATE: Duration = Duration::from_secs(10);

#[derive(Default)]
pub(crate) struct Own {
    written: Mutex<HashMap<PathBuf, Stamp>>,
    removed: Mutex<HashMap<PathBuf, Instant>>,
    passing: Mutex<HashSet<String>>,
}

impl Own {
    /// From now on files of this name are the agent's, on their way to their place.
    pub(crate) fn passes(&self, name: String) {
        locked(&self.passing).insert(name);
    }

    /// Whether this is a name under which a file of the agent passes.
    pub(crate) fn is_passing(&self, path: &Path) -> bool {
        let name = path.file_name().and_then(OsStr::to_str);
        name.is_some_and(|name| locked(&self.passing).contains(name))
    }

    pub(crate) fn wrote(&self, path: &Path, stamp: Stamp) {
        locked(&self.written).insert(path.to_owned(), stamp);
    }

    pub(crate) fn removes(&self, path: &Path) {
        let mut removed = locked(&self.removed);
        removed.retain(|_, at| at.elapsed() < LATE);
        removed.insert(path.to_owned(), Instant::now());
    }

    /// Whether what lies at `path` is what the agent put there.
    pub(crate) fn is_written(&self, path: &Path) -> bool {
        let mut written = locked(&self.written);
        let Some(stamp) = written.get(path) else { return false };
        let same = look(path).is_ok_and(|now| {
            (now.stamp.ino, now.stamp.size, now.stamp.modified) == (stamp.ino, stamp.size, stamp.modified)
        });
        if !same {
            written.remove(path);
        }
        same
    }

    /// Whether the agent took away what lay at `path`; tells so once.
    pub(crate) fn is_removed(&self, path: &Path) -> bool {
        locked(&self.removed).remove(path).is_some_and(|at| at.elapsed() < LATE)
    }
}

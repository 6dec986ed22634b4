//! The file system that is looked at: the real one, or one that a test made. Every read is bounded.

use std::fs::{self, File};
use std::io::Read as _;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

/// The most bytes of one file that are read as text.
const MAX_BYTES: u64 = 4 * 1024 * 1024;
/// The most names of one folder.
const MAX_NAMES: usize = 10_000;

/// Where the system's files lie.
#[derive(Clone, Debug)]
pub struct Root(PathBuf);

impl Root {
    /// The real system.
    #[must_use]
    pub fn system() -> Self {
        Self(PathBuf::from("/"))
    }

    /// A system below `path`.
    #[must_use]
    pub const fn below(path: PathBuf) -> Self {
        Self(path)
    }

    /// A path of the system, absolute or from its root.
    #[must_use]
    pub fn path(&self, path: &str) -> PathBuf {
        self.0.join(path.trim_start_matches('/'))
    }

    /// The beginning of a file as text; empty when it cannot be read.
    #[must_use]
    pub fn text(&self, path: &str) -> String {
        let mut bytes = Vec::new();
        // A FIFO in the place of a file would be waited for without end.
        let path = self.path(path);
        if fs::metadata(&path).is_ok_and(|meta| meta.is_file())
            && let Ok(file) = File::open(path)
        {
            let _ = file.take(MAX_BYTES).read_to_end(&mut bytes);
        }
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// The same on one line.
    #[must_use]
    pub fn line(&self, path: &str) -> String {
        baluardo_detect::inventory::clean(&self.text(path))
    }

    /// The names in a folder that are UTF-8, sorted; none when it cannot be read.
    #[must_use]
    pub fn names(&self, folder: &str) -> Vec<String> {
        let entries = fs::read_dir(self.path(folder)).into_iter().flatten().flatten();
        let mut names: Vec<String> =
            entries.take(MAX_NAMES).filter_map(|entry| entry.file_name().into_string().ok()).collect();
        names.sort();
        names
    }

    /// Where a link leads, as it is written.
    #[must_use]
    pub fn link(&self, path: &str) -> Option<String> {
        let target = fs::read_link(self.path(path)).ok()?;
        Some(String::from_utf8_lossy(target.as_os_str().as_bytes()).into_owned())
    }

    /// Whether there is something.
    #[must_use]
    pub fn has(&self, path: &str) -> bool {
        self.path(path).exists()
    }
}

/// When a file or folder was last changed.
pub(super) fn changed_at(path: &Path) -> Option<baluardo_model::Timestamp> {
    let since = fs::metadata(path).ok()?.modified().ok()?.duration_since(std::time::UNIX_EPOCH).ok()?;
    Some(baluardo_model::Timestamp::from_micros(i64::try_from(since.as_micros()).ok()?))
}

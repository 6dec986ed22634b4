//! The agent's state folder: only its owner may look in, one agent at a time uses it, and a file there is whole or absent.

use crate::spool::disk::{is_full, sync_folder_of};
use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How often, and after which rest, the folder's lock is tried before another agent is believed to hold it.
const LOCK_TRIES: u32 = 20;
const LOCK_REST: Duration = Duration::from_millis(25);

/// Why the state folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// The operating system refused.
    #[error("{path}: {cause}; check the path, and that the agent runs as the user who owns it")]
    Io {
        /// File or folder.
        path: PathBuf,
        /// What it said.
        cause: io::Error,
    },
    /// There is no room.
    #[error("{path} cannot be written because its disk is full: free some space and try again")]
    DiskFull {
        /// File.
        path: PathBuf,
    },
    /// A file holds something else than it should.
    #[error("{path} cannot be read: {cause}; restore it from a backup, or move it away and enrol this computer again")]
    Damaged {
        /// File.
        path: PathBuf,
        /// What is wrong.
        cause: String,
    },
    /// Another agent uses the folder.
    #[error("another agent already works in {path}: stop it first, or give another folder with --state")]
    InUse {
        /// Folder.
        path: PathBuf,
    },
}

impl StateError {
    fn of(path: &Path, cause: io::Error) -> Self {
        if is_full(&cause) {
            Self::DiskFull { path: path.to_path_buf() }
        } else {
            Self::Io { path: path.to_path_buf(), cause }
        }
    }
}

/// The folder.
#[derive(Clone, Debug)]
pub struct StateDir {
    path: PathBuf,
}

/// Held as long as this agent uses the folder; the operating system gives it back when the process ends.
#[derive(Debug)]
pub struct StateLock {
    _file: File,
}

impl StateDir {
    /// The folder at `path`, made with rights for its owner alone when missing.
    ///
    /// # Errors
    /// [`StateError::Io`] or [`StateError::DiskFull`].
    pub fn open(path: &Path) -> Result<Self, StateError> {
        DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(|e| StateError::of(path, e))?;
        Ok(Self { path: path.to_path_buf() })
    }

    /// The folder at `path` if it exists, for looking only.
    #[must_use]
    pub fn existing(path: &Path) -> Self {
        Self { path: path.to_path_buf() }
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The path of a file in it.
    #[must_use]
    pub fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Makes this process the one that uses the folder.
    ///
    /// # Errors
    /// [`StateError::InUse`] when another does, [`StateError::Io`] otherwise.
    pub fn lock(&self) -> Result<StateLock, StateError> {
        let path = self.file("lock");
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path)
            .map_err(|e| StateError::of(&path, e))?;
        for _ in 0..LOCK_TRIES {
            match file.try_lock() {
                Ok(()) => return Ok(StateLock { _file: file }),
                // Whoever only asks how the agent is (`in_use`) holds the lock for an instant.
                Err(TryLockError::WouldBlock) => std::thread::sleep(LOCK_REST),
                Err(TryLockError::Error(e)) => return Err(StateError::of(&path, e)),
            }
        }
        Err(StateError::InUse { path: self.path.clone() })
    }

    /// Whether an agent uses the folder now.
    #[must_use]
    pub fn in_use(&self) -> bool {
        let Ok(file) = File::open(self.file("lock")) else { return false };
        matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock))
    }

    /// Writes a file so that a crash leaves the old one or the new one, and never a part. Mode 0600.
    ///
    /// # Errors
    /// [`StateError::Io`] or [`StateError::DiskFull`]; the old file then still stands.
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<(), StateError> {
        let path = self.file(name);
        let aside = self.file(&format!("{name}.new"));
        let written = (|| {
            let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&aside)?;
            file.write_all(bytes)?;
            file.sync_all()?;
            std::fs::rename(&aside, &path)?;
            sync_folder_of(&path)
        })();
        written.map_err(|e| StateError::of(&path, e))
    }

    /// Removes a file; one that is not there is no error.
    ///
    /// # Errors
    /// [`StateError::Io`].
    pub fn remove(&self, name: &str) -> Result<(), StateError> {
        let path = self.file(name);
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(StateError::of(&path, error)),
            _ => Ok(()),
        }
    }

    /// A file's text, `None` when there is no such file.
    ///
    /// # Errors
    /// [`StateError::Io`]; [`StateError::Damaged`] when it is not UTF-8.
    pub fn read(&self, name: &str) -> Result<Option<String>, StateError> {
        let path = self.file(name);
        match std::fs::read(&path) {
            Ok(bytes) => String::from_utf8(bytes)
                .map(Some)
                .map_err(|e| StateError::Damaged { path, cause: format!("not UTF-8 text ({e})") }),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(e) => Err(StateError::of(&path, e)),
        }
    }

    /// A JSON file, `None` when there is no such file.
    ///
    /// # Errors
    /// [`StateError::Io`]; [`StateError::Damaged`] when it is not the JSON that is wanted.
    pub fn read_json<T: serde::de::DeserializeOwned>(&self, name: &str) -> Result<Option<T>, StateError> {
        let Some(text) = self.read(name)? else { return Ok(None) };
        serde_json::from_str(&text)
            .map(Some)
            .map_err(|e| StateError::Damaged { path: self.file(name), cause: e.to_string() })
    }

    /// Writes `value` as a JSON file, as [`StateDir::write`] does.
    ///
    /// # Errors
    /// As [`StateDir::write`].
    pub fn write_json<T: serde::Serialize>(&self, name: &str, value: &T) -> Result<(), StateError> {
        let json = serde_json::to_vec_pretty(value)
            .map_err(|e| StateError::Damaged { path: self.file(name), cause: e.to_string() })?;
        self.write(name, &json)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn only_one_agent_uses_a_state_folder() {
        let dir = tempfile::tempdir().unwrap();
        let state = StateDir::open(dir.path()).unwrap();
        assert!(!state.in_use());
        let held = state.lock().unwrap();
        assert!(state.in_use());
        assert!(matches!(state.lock(), Err(StateError::InUse { .. })));
        drop(held);
        assert!(state.lock().is_ok());
    }

    #[test]
    fn whoever_asks_how_the_agent_is_keeps_none_from_starting() {
        let dir = tempfile::tempdir().unwrap();
        let state = StateDir::open(dir.path()).unwrap();
        drop(state.lock().unwrap());
        let over = std::sync::atomic::AtomicBool::new(false);
        std::thread::scope(|threads| {
            threads.spawn(|| {
                while !over.load(std::sync::atomic::Ordering::Relaxed) {
                    let _ = state.in_use();
                }
            });
            let refused = (0..200).filter(|_| state.lock().is_err()).count();
            over.store(true, std::sync::atomic::Ordering::Relaxed);
            assert_eq!(refused, 0);
        });
    }

    #[test]
    fn what_is_written_is_for_the_owner_alone() {
        let dir = tempfile::tempdir().unwrap();
        let state = StateDir::open(&dir.path().join("new")).unwrap();
        state.write("secret", b"x").unwrap();
        assert_eq!(std::fs::metadata(state.file("secret")).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(std::fs::metadata(state.path()).unwrap().permissions().mode() & 0o777, 0o700);
        assert_eq!(state.read("secret").unwrap().as_deref(), Some("x"));
        assert_eq!(state.read("nothing").unwrap(), None);
    }

    #[test]
    fn damaged_json_names_the_file() {
        let dir = tempfile::tempdir().unwrap();
        let state = StateDir::open(dir.path()).unwrap();
        state.write("a.json", b"{").unwrap();
        let error = state.read_json::<u64>("a.json").unwrap_err().to_string();
        assert!(error.contains("a.json"), "{error}");
    }
}

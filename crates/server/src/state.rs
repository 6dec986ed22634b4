//! The state folder: where one installation keeps everything it must not lose.
//!
//! `baluardo.db` (SQLite, unless another database is named), `secrets.key` (seals keys inside the database), `lock`
//! (one server at a time), `agent/` (the agent of this machine), `try-here/` (the guarded folder to try things in).

use anyhow::{Context as _, bail};
use baluardo_model::Chance;
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

/// An open state folder; dropping it lets another server have it.
#[derive(Debug)]
pub struct StateFolder {
    path: PathBuf,
    _lock: Option<File>,
}

impl StateFolder {
    /// Opens the folder, making it when it is missing, and takes its lock.
    ///
    /// # Errors
    /// When the folder cannot be made or another server runs on it; the message names it.
    pub fn open(path: &Path) -> anyhow::Result<Self> {
        make_private(path)?;
        let path =
            path.canonicalize().with_context(|| format!("the state folder {} is unreachable", path.display()))?;
        let lock = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(path.join("lock"))?;
        if lock.try_lock().is_err() {
            bail!("another baluardo runs on {}: stop it first, or name another folder with --state", path.display());
        }
        Ok(Self { path, _lock: Some(lock) })
    }

    /// The folder of an installation that may be running: no lock is taken, the database looks after itself.
    ///
    /// # Errors
    /// When there is no such folder.
    pub fn beside(path: &Path) -> anyhow::Result<Self> {
        let path = path.canonicalize().with_context(|| {
            format!("there is no state folder {}: name it with --state, or start the server first", path.display())
        })?;
        Ok(Self { path, _lock: None })
    }

    /// A path inside the folder.
    #[must_use]
    pub fn join(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// The 32 bytes that seal secrets, made at the first start.
    ///
    /// # Errors
    /// When the file cannot be written, or has another size than 32 bytes.
    pub fn seal_key(&self, chance: &dyn Chance) -> anyhow::Result<[u8; 32]> {
        let path = self.join("secrets.key");
        let mut bytes = Vec::new();
        match File::open(&path) {
            Ok(mut file) => {
                file.read_to_end(&mut bytes)?;
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                bytes.resize(32, 0);
                chance.fill(&mut bytes);
                write_private(&path, &bytes)?;
            }
            Err(error) => return Err(error).with_context(|| format!("{} cannot be read", path.display())),
        }
        bytes.try_into().map_err(|_| {
            anyhow::anyhow!("{} is damaged: put it back from your copy; without it no key opens", path.display())
        })
    }
}

/// Makes a folder that only its owner enters.
///
/// # Errors
/// What the system says, naming the folder.
pub fn make_private(path: &Path) -> anyhow::Result<()> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .with_context(|| format!("the folder {} cannot be made", path.display()))?;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o700))
        .with_context(|| format!("the folder {} belongs to somebody else", path.display()))
}

/// Writes a file that only its owner reads, whole or not at all.
///
/// # Errors
/// What the system says, naming the file.
pub fn write_private(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let fresh = path.with_extension("new");
    let mut file = OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(&fresh)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    std::fs::rename(&fresh, path).with_context(|| format!("{} cannot be written", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ambient::SystemChance;

    #[test]
    fn the_seal_key_stays_the_same_and_private() {
        let dir = tempfile::tempdir().unwrap();
        let folder = StateFolder::open(&dir.path().join("state")).unwrap();
        let key = folder.seal_key(&SystemChance::default()).unwrap();
        assert_eq!(folder.seal_key(&SystemChance::default()).unwrap(), key);
        let mode = std::fs::metadata(folder.join("secrets.key")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_second_server_on_the_same_folder_is_told_so() {
        let dir = tempfile::tempdir().unwrap();
        let _first = StateFolder::open(dir.path()).unwrap();
        let second = StateFolder::open(dir.path()).unwrap_err().to_string();
        assert!(second.contains("another baluardo runs"), "{second}");
    }

    #[test]
    fn a_damaged_seal_key_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let folder = StateFolder::open(dir.path()).unwrap();
        std::fs::write(folder.join("secrets.key"), b"short").unwrap();
        let error = folder.seal_key(&SystemChance::default()).unwrap_err().to_string();
        assert!(error.contains("secrets.key"), "{error}");
    }
}

//! What a folder holds, so that "as before" can be checked byte by byte.

use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

/// Path to SHA-256 of every file below a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Snapshot(BTreeMap<PathBuf, [u8; 32]>);

impl Snapshot {
    /// Reads every file below `folder`.
    pub(super) fn take(folder: &Path) -> io::Result<Self> {
        let mut files = BTreeMap::new();
        let mut folders = vec![folder.to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder)? {
                let entry = entry?;
                if entry.file_type()?.is_dir() {
                    folders.push(entry.path());
                } else if let Ok(bytes) = std::fs::read(entry.path()) {
                    files.insert(entry.path(), Sha256::digest(bytes).into());
                }
            }
        }
        Ok(Self(files))
    }

    /// How many files of this snapshot are missing or different now.
    pub(super) fn lost(&self) -> u64 {
        let same = |(path, digest): (&PathBuf, &[u8; 32])| {
            std::fs::read(path).is_ok_and(|bytes| <[u8; 32]>::from(Sha256::digest(bytes)) == *digest)
        };
        self.0.iter().filter(|file| !same(*file)).count() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_and_a_missing_file_are_both_lost() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("sub")).unwrap();
        for name in ["a", "b", "sub/c"] {
            std::fs::write(dir.path().join(name), name).unwrap();
        }
        let before = Snapshot::take(dir.path()).unwrap();
        assert_eq!(before.lost(), 0);
        std::fs::write(dir.path().join("a"), "other").unwrap();
        std::fs::remove_file(dir.path().join("sub/c")).unwrap();
        assert_eq!(before.lost(), 2);
    }
}

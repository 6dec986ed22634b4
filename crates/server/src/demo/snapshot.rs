//! What files hold, so that "as before" can be checked byte by byte.

use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Path to SHA-256 of the files that were looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Snapshot(BTreeMap<PathBuf, [u8; 32]>);

impl Snapshot {
    /// Reads `files`; those that are gone already were counted when they went.
    pub(super) fn take(files: &[PathBuf]) -> Self {
        let digest = |path: &PathBuf| Some((path.clone(), Sha256::digest(std::fs::read(path).ok()?).into()));
        Self(files.iter().filter_map(digest).collect())
    }

    /// How many files of this snapshot are missing or different now.
    pub(super) fn lost(&self) -> u64 {
        self.different().count() as u64
    }

    /// The first of them.
    pub(super) fn first_lost(&self) -> Option<&Path> {
        self.different().next()
    }

    fn different(&self) -> impl Iterator<Item = &Path> {
        let same = |path: &Path, digest: &[u8; 32]| {
            std::fs::read(path).is_ok_and(|bytes| <[u8; 32]>::from(Sha256::digest(bytes)) == *digest)
        };
        self.0.iter().filter(move |(path, digest)| !same(path, digest)).map(|(path, _)| path.as_path())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_and_a_missing_file_are_both_lost() {
        let dir = tempfile::tempdir().unwrap();
        let files = ["a", "b", "c"].map(|name| dir.path().join(name));
        for path in &files {
            std::fs::write(path, "before").unwrap();
        }
        let before = Snapshot::take(&files);
        assert_eq!(before.lost(), 0);
        std::fs::write(&files[0], "after").unwrap();
        std::fs::remove_file(&files[2]).unwrap();
        assert_eq!((before.lost(), before.first_lost()), (2, Some(files[0].as_path())));
    }
}

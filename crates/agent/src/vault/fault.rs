//! Why vault or quarantine could not do something.

use std::io;
use std::path::{Path, PathBuf};

/// Why vault or quarantine could not do something.
#[derive(Debug, thiserror::Error)]
pub enum KeepError {
    /// The system refused.
    #[error("{}: {error}", path.display())]
    Io {
        /// Which file.
        path: PathBuf,
        /// What it said.
        error: io::Error,
    },
    /// Something of ours is not as we left it.
    #[error("{} is damaged: {why}", path.display())]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// The file changed while it was read; try again when it is quiet.
    #[error("{} changed while it was read", .0.display())]
    Changed(PathBuf),
    /// The budget has no room.
    #[error("no room in the vault for {} ({size} bytes); raise the vault's budget in the policy", path.display())]
    Full {
        /// Which file.
        path: PathBuf,
        /// How large it is.
        size: u64,
    },
}

impl KeepError {
    pub(crate) fn io(path: &Path, error: io::Error) -> Self {
        Self::Io { path: path.to_owned(), error }
    }

    pub(crate) fn damaged(path: &Path, why: &str) -> Self {
        Self::Damaged { path: path.to_owned(), why: why.to_owned() }
    }

    /// Whether the disk (not the budget) has no room.
    #[must_use]
    pub fn is_disk_full(&self) -> bool {
        matches!(self, Self::Io { error, .. }
            if matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded))
    }
}

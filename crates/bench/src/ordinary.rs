//! Programs as an ordinary user runs them, also when root measures: copied to where everybody may read, run as nobody.

use anyhow::Context as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use tokio::process::Command;

/// Debian's `nobody` and `nogroup`.
pub(crate) const NOBODY: u32 = 65_534;

/// Whether root measures.
pub(crate) fn is_root() -> bool {
    nix::unistd::geteuid().is_root()
}

/// Who runs a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum User {
    /// Root, who may block.
    Root,
    /// Somebody who may not: nobody when root measures, else whoever measures.
    Ordinary,
}

impl User {
    /// Everybody whom this process can be.
    pub(crate) fn all() -> Vec<Self> {
        if is_root() { vec![Self::Root, Self::Ordinary] } else { vec![Self::Ordinary] }
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Root => "as root",
            Self::Ordinary => "as an ordinary user",
        }
    }

    /// Makes a folder that belongs to this user, with everything in it.
    pub(crate) fn own(self, folder: &Path) -> anyhow::Result<()> {
        if self == Self::Root || !is_root() {
            return Ok(());
        }
        let mut waiting = vec![folder.to_owned()];
        while let Some(path) = waiting.pop() {
            std::os::unix::fs::chown(&path, Some(NOBODY), Some(NOBODY))?;
            if path.is_dir() {
                for entry in std::fs::read_dir(&path)? {
                    waiting.push(entry?.path());
                }
            }
        }
        Ok(())
    }
}

/// The product's programs where every user may run them.
#[derive(Debug)]
pub(crate) struct Programs {
    folder: tempfile::TempDir,
}

impl Programs {
    /// Copies them from beside this program.
    pub(crate) fn copy() -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new().prefix("baluardo-bench-").tempdir()?;
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755))?;
        for name in ["baluardo", "baluardo-agent"] {
            let program = std::env::current_exe()?.with_file_name(name);
            std::fs::copy(&program, folder.path().join(name))
                .with_context(|| format!("{} is missing: build the whole workspace in release", program.display()))?;
        }
        Ok(Self { folder })
    }

    /// A folder that every user may enter.
    pub(crate) fn folder(&self) -> PathBuf {
        self.folder.path().to_owned()
    }

    /// A program, to be run by `user`.
    pub(crate) fn command(&self, name: &str, user: User) -> Command {
        let mut command = Command::new(self.folder.path().join(name));
        command.current_dir("/").kill_on_drop(true);
        if user == User::Ordinary && is_root() {
            command.uid(NOBODY).gid(NOBODY);
        }
        command
    }
}

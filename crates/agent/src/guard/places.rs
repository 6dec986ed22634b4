//! Where the guard works: the folders, the vault and the journal of the command line, checked before anything starts.

use crate::identity::state_dir::StateError;
use crate::protect::ProtectError;
use std::io;
use std::path::{Path, PathBuf};

/// Why the guard cannot start.
#[derive(Debug, thiserror::Error)]
pub enum GuardError {
    /// A folder to protect cannot be used.
    #[error("--protect {}: {why}", path.display())]
    Protect {
        /// The folder.
        path: PathBuf,
        /// What is wrong, and the remedy.
        why: String,
    },
    /// The vault cannot lie there.
    #[error("--vault {}: {why}", path.display())]
    Vault {
        /// The folder.
        path: PathBuf,
        /// What is wrong, and the remedy.
        why: String,
    },
    /// The journal cannot be written.
    #[error("--journal {}: {cause}; give a file in a folder that exists and that this user may write", path.display())]
    Journal {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        cause: io::Error,
    },
    /// The vault's folder failed.
    #[error("--vault: {0}")]
    State(#[from] StateError),
    /// Protection could not start.
    #[error("protection could not start: {0}")]
    Protection(#[from] ProtectError),
}

/// Where the guard works, as real paths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GuardPlaces {
    /// Folders whose documents are guarded.
    pub protect: Vec<String>,
    /// The vault's folder.
    pub vault: PathBuf,
    /// The journal's file.
    pub journal: PathBuf,
    /// Bytes of disk that the vault may use.
    pub vault_bytes: u64,
    /// Largest file that is kept.
    pub max_file_bytes: u64,
}

impl GuardPlaces {
    /// Checks what the command line says. A vault that is missing is made; nothing else is changed.
    ///
    /// # Errors
    /// [`GuardError`], which names the option and the remedy.
    pub fn check(
        protect: &[PathBuf],
        vault: &Path,
        journal: &Path,
        vault_bytes: u64,
        max_file_bytes: u64,
    ) -> Result<Self, GuardError> {
        let fault = |e: io::Error| GuardError::Vault {
            path: vault.to_owned(),
            why: format!("{e}; give a folder that this user may make or write"),
        };
        crate::identity::state_dir::StateDir::open(vault)?;
        let vault = vault.canonicalize().map_err(fault)?;
        let mut folders: Vec<String> = Vec::new();
        for folder in protect {
            let folder = guarded(folder, &vault)?;
            if !folders.contains(&folder) {
                folders.push(folder);
            }
        }
        Ok(Self { protect: folders, journal: absolute(journal)?, vault, vault_bytes, max_file_bytes })
    }
}

fn guarded(given: &Path, vault: &Path) -> Result<String, GuardError> {
    let wrong = |why: String| GuardError::Protect { path: given.to_owned(), why };
    let real = given.canonicalize().map_err(|e| wrong(format!("{e}; give a folder that exists")))?;
    if !real.is_dir() {
        return Err(wrong("it is not a folder; give the folder that holds it".to_owned()));
    }
    if real == Path::new("/") {
        return Err(wrong("the whole system is not guarded; name the folders that hold documents".to_owned()));
    }
    if real.starts_with(vault) {
        return Err(wrong("it lies in the vault; give a vault of its own elsewhere".to_owned()));
    }
    let text = real.to_str().map(str::to_owned);
    text.ok_or_else(|| {
        wrong("its own path is not UTF-8; guard the folder above it, whose files may bear any name".into())
    })
}

fn absolute(journal: &Path) -> Result<PathBuf, GuardError> {
    let fault = |cause| GuardError::Journal { path: journal.to_owned(), cause };
    let name = journal.file_name().ok_or_else(|| fault(io::ErrorKind::InvalidInput.into()))?;
    let parent = journal.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    Ok(parent.canonicalize().map_err(fault)?.join(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(protect: &Path, vault: &Path, journal: &Path) -> Result<GuardPlaces, GuardError> {
        GuardPlaces::check(&[protect.to_owned()], vault, journal, 1, 1)
    }

    #[test]
    fn what_is_wrong_is_told_with_its_option_and_the_remedy() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap();
        let (docs, vault, journal) = (root.join("docs"), root.join("vault"), root.join("journal"));
        std::fs::create_dir(&docs).unwrap();
        let told = |result: Result<GuardPlaces, GuardError>| result.unwrap_err().to_string();
        assert!(told(check(&root.join("absent"), &vault, &journal)).contains("give a folder that exists"));
        assert!(told(check(Path::new("/"), &vault, &journal)).contains("whole system"));
        assert!(told(check(&vault, &vault, &journal)).contains("lies in the vault"));
        assert!(told(check(&docs, &vault, &root.join("no/journal"))).contains("--journal"));
        let places = GuardPlaces::check(&[docs.clone(), docs.join("../docs")], &vault, &journal, 1, 1).unwrap();
        assert_eq!(places.protect, [docs.to_str().unwrap()], "the same folder counts once");
        assert!(
            check(&docs, &docs.join(".vault"), &docs.join("journal")).is_ok(),
            "both may lie in the guarded folder"
        );
    }
}

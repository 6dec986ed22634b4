//! The ways in which real families treat a file.

use super::mix;
use anyhow::bail;
use std::fs::OpenOptions;
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

/// Block of the partial style, in bytes.
const BLOCK: usize = 4_096;

/// How a file is treated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// Overwrite it where it is; name and extension stay.
    InPlace,
    /// Write an encrypted copy beside it and delete it.
    Replace,
    /// Rename it first, then overwrite it.
    Rename,
    /// Overwrite every second block only, which is faster and keeps part of the text.
    Partial,
}

impl Style {
    /// Every style, as the command line calls it.
    #[cfg(test)]
    pub(super) const WORDS: [&'static str; 4] = ["in-place", "replace", "rename", "partial"];

    pub(super) fn from_word(word: &str) -> anyhow::Result<Self> {
        Ok(match word {
            "in-place" => Self::InPlace,
            "replace" => Self::Replace,
            "rename" => Self::Rename,
            "partial" => Self::Partial,
            other => bail!("there is no style {other:?}: use in-place, replace, rename or partial"),
        })
    }

    /// Treats one file.
    pub(super) fn harm(self, file: &Path) -> std::io::Result<()> {
        match self {
            Self::InPlace => overwrite(file, 1),
            Self::Partial => overwrite(file, 2),
            Self::Replace => {
                let mut bytes = std::fs::read(file)?;
                mix(&mut bytes, 0);
                std::fs::write(locked(file), bytes)?;
                std::fs::remove_file(file)
            }
            Self::Rename => {
                let locked = locked(file);
                std::fs::rename(file, &locked)?;
                overwrite(&locked, 1)
            }
        }
    }
}

fn locked(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".bloccato");
    PathBuf::from(name)
}

/// Overwrites every `every`-th block of a file where it is.
fn overwrite(path: &Path, every: usize) -> std::io::Result<()> {
    let mut file = OpenOptions::new().read(true).write(true).open(path)?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    for (number, block) in bytes.chunks_mut(BLOCK).enumerate().step_by(every) {
        mix(block, (number * BLOCK / 32) as u64);
    }
    file.seek(SeekFrom::Start(0))?;
    file.write_all(&bytes)
}

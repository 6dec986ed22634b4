//! Our own harmless ransomware: it treats a folder of made-up documents the way the real thing does.
//!
//! It refuses any folder that lacks the marker file, follows no symbolic link, and leaves the folder never. What it
//! "encrypts" it mixes with a key that stands in this source, so nothing is ever truly taken.

mod style;

use anyhow::{Context as _, bail};
use sha2::{Digest as _, Sha256};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use style::Style;

/// The file that says: this folder is there to be attacked.
pub const MARKER: &str = ".baluardo-prova";

/// The name of the note that real ransomware leaves.
const NOTE: &str = "COME_RECUPERARE_I_FILE.txt";

/// What the note says: enough of the usual words for a rule to know it, and the truth.
const NOTE_TEXT: &str = "SIMULAZIONE DI BALUARDO: nessun file e' davvero perduto.\n\
    All your files have been encrypted. To decrypt your files you must pay in bitcoin.\n\
    Tutti i vostri file sono stati cifrati: per recuperarli occorre pagare in bitcoin.\n";

/// The key of the simulation, which is no secret.
const KEY: &[u8] = b"baluardo simulation";

/// Attacks `folder`; prints `begin`, then the path of each file after harming it, so that a watcher can count.
///
/// # Errors
/// When the folder has no marker, the style is unknown, or the system stops us.
pub fn run(folder: &Path, style: &str) -> anyhow::Result<()> {
    let style = Style::from_word(style)?;
    let folder = folder.canonicalize().with_context(|| format!("{} cannot be reached", folder.display()))?;
    if !folder.join(MARKER).is_file() {
        bail!("{} is not a folder made for this: it has no file {MARKER}", folder.display());
    }
    let mut files = Vec::new();
    let mut folders = vec![folder.clone()];
    gather(&folder, &mut files, &mut folders)?;
    files.sort();
    say("begin")?;
    let mut refused = 0;
    for file in &files {
        // A file that is gone or refused does not end an attack, as it does not end a real one.
        match style.harm(file) {
            Ok(()) => say(&file.display().to_string())?,
            Err(error) => {
                eprintln!("{}: {error}", file.display());
                refused += 1;
            }
        }
    }
    for folder in folders {
        std::fs::write(folder.join(NOTE), NOTE_TEXT)?;
    }
    if refused > 0 {
        bail!("{refused} files could not be changed");
    }
    Ok(())
}

/// One line at once, so that a watcher sees it at the moment it is true.
fn say(line: &str) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}")?;
    out.flush()
}

fn gather(folder: &Path, files: &mut Vec<PathBuf>, folders: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        if kind.is_dir() {
            folders.push(entry.path());
            gather(&entry.path(), files, folders)?;
        } else if kind.is_file() && entry.file_name() != MARKER {
            files.push(entry.path());
        }
    }
    Ok(())
}

/// Mixes `bytes` with a stream made from the known key; doing it twice gives the bytes back.
fn mix(bytes: &mut [u8], from: u64) {
    for (block, chunk) in (from..).zip(bytes.chunks_mut(32)) {
        let stream = Sha256::new().chain_update(KEY).chain_update(block.to_be_bytes()).finalize();
        for (byte, key) in chunk.iter_mut().zip(stream.iter()) {
            *byte ^= key;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_without_the_marker_is_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("a.txt"), "testo").unwrap();
        let error = run(dir.path(), "in-place").unwrap_err().to_string();
        assert!(error.contains(MARKER), "{error}");
        assert_eq!(std::fs::read(dir.path().join("a.txt")).unwrap(), b"testo");
    }

    #[test]
    fn every_style_changes_every_file_and_nothing_outside() {
        for style in Style::WORDS {
            let dir = tempfile::tempdir().unwrap();
            let folder = dir.path().join("in");
            std::fs::create_dir_all(folder.join("sub")).unwrap();
            std::fs::write(folder.join(MARKER), "").unwrap();
            let text = vec![b'a'; 20_000];
            std::fs::write(folder.join("sub/a.txt"), &text).unwrap();
            std::fs::write(dir.path().join("outside.txt"), &text).unwrap();
            std::os::unix::fs::symlink(dir.path().join("outside.txt"), folder.join("link.txt")).unwrap();
            run(&folder, style).unwrap();
            let left = std::fs::read(folder.join("sub/a.txt")).unwrap_or_default();
            assert_ne!(left, text, "{style}");
            assert_eq!(std::fs::read(dir.path().join("outside.txt")).unwrap(), text, "{style}");
        }
    }

    #[test]
    fn mixing_twice_gives_the_bytes_back() {
        let mut bytes = b"delibera di giunta numero dodici del duemilaventisei".to_vec();
        mix(&mut bytes, 5);
        assert_ne!(bytes.as_slice(), b"delibera di giunta numero dodici del duemilaventisei".as_slice());
        mix(&mut bytes, 5);
        assert_eq!(bytes, b"delibera di giunta numero dodici del duemilaventisei");
    }
}

//! The acts of our own program: harmless stand-ins for what ransomware does to files, and honest work beside it.
//!
//! An act refuses any folder without the marker file of made-up documents beside it, follows no symbolic link and leaves the folder
//! never. What it "encrypts" it mixes with a stream that stands in this source.

mod attack;
mod honest;
mod mapped;

use anyhow::{Context as _, bail};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What to do, and to what.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The act.
    act: String,
    /// The folder of made-up documents.
    folder: PathBuf,
    /// Pause after each file.
    #[arg(long, default_value_t = 0)]
    pause_ms: u64,
    /// Take the files in no order.
    #[arg(long)]
    shuffled: bool,
    /// Only every so many-th file: NUMBER/ALL.
    #[arg(long)]
    part: Option<String>,
    /// This file alone.
    #[arg(long)]
    one: Option<PathBuf>,
}

/// Carries out the act.
///
/// # Errors
/// When the folder is not made for this, or the act is unknown. What the system refuses ends no attack, as it ends no real
/// one; honest work fails on it.
pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    let folder = args.folder.canonicalize().with_context(|| format!("{} cannot be reached", args.folder.display()))?;
    let marker = folder.with_file_name(baluardo_server::simulate::MARKER);
    if !marker.exists() {
        bail!(
            "{} is not a folder made for this: no file {} lies beside it",
            folder.display(),
            baluardo_server::simulate::MARKER
        );
    }
    let files = chosen(args, &folder)?;
    let pause = Duration::from_millis(args.pause_ms);
    if let Some(work) = honest::work(&args.act) {
        return work(&folder, &files, pause);
    }
    attack::carry_out(&args.act, &folder, &files, pause)
}

fn chosen(args: &Args, folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    if let Some(one) = &args.one {
        return Ok(vec![one.clone()]);
    }
    let mut files = Vec::new();
    gather(folder, &mut files);
    files.sort();
    if args.shuffled {
        files.sort_by_key(|path| stir(path.as_os_str()));
    }
    if let Some((number, all)) = args.part.as_deref().and_then(|part| part.split_once('/')) {
        let (number, all): (usize, usize) = (number.parse()?, all.parse()?);
        files = files.into_iter().skip(number).step_by(all.max(1)).collect();
    }
    Ok(files)
}

/// Files below `folder`.
fn gather(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => gather(&entry.path(), files),
            Ok(kind) if kind.is_file() => files.push(entry.path()),
            _ => {}
        }
    }
}

/// A number that tells names apart and follows no order.
fn stir(name: &OsStr) -> u64 {
    name.as_encoded_bytes().iter().fold(0xcbf2_9ce4_8422_2325, |sum, byte| {
        (sum ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3).rotate_left(29)
    })
}

/// Bytes that cannot be told from chance (xorshift), the same for the same seed.
fn noise(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed | 1;
    std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u8
    })
    .skip(64)
    .take(length)
    .collect()
}

/// The bytes mixed with a stream: twice gives them back.
fn mixed(bytes: &[u8], seed: u64) -> Vec<u8> {
    bytes.iter().zip(noise(seed, bytes.len())).map(|(byte, key)| byte ^ key).collect()
}

/// The name with more behind it.
fn beside(path: &Path, more: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(more);
    name.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(act: &str, folder: &Path) -> Args {
        Args { act: act.to_owned(), folder: folder.to_owned(), pause_ms: 0, shuffled: false, part: None, one: None }
    }

    #[test]
    fn a_folder_without_the_marker_is_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("a.txt"), "testo").unwrap();
        assert!(run(&args("in-place", dir.path())).is_err());
        assert_eq!(std::fs::read(dir.path().join("a.txt")).unwrap(), b"testo");
    }

    #[test]
    fn every_attack_harms_every_file_and_none_outside() {
        for act in attack::NAMES {
            let dir = tempfile::tempdir().unwrap();
            let folder = dir.path().join("in");
            std::fs::create_dir_all(folder.join("sub")).unwrap();
            std::fs::write(dir.path().join(baluardo_server::simulate::MARKER), "").unwrap();
            let text = b"delibera della giunta ".repeat(900);
            std::fs::write(folder.join("sub/a.txt"), &text).unwrap();
            std::fs::write(dir.path().join("outside.txt"), &text).unwrap();
            std::os::unix::fs::symlink(dir.path().join("outside.txt"), folder.join("link.txt")).unwrap();
            run(&args(act, &folder)).unwrap();
            assert_ne!(std::fs::read(folder.join("sub/a.txt")).unwrap_or_default(), text, "{act}");
            assert_eq!(std::fs::read(dir.path().join("outside.txt")).unwrap(), text, "{act}");
        }
    }
}

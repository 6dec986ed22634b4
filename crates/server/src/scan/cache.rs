//! Files that were clean, so that an unchanged tree is scanned in the time of a look at its names.
//!
//! An entry holds for one [`Stamp`] and one set of engines (program, rules, indicators, limits: `Engines::digest`). Only
//! clean files are kept. A file that changed in the last seconds is not: it could change again within the same tick of the
//! file system's clock. The cache is believed only where nobody else may write it.

use super::stamp::Stamp;
use crate::ambient::SystemClock;
use anyhow::{Context as _, bail};
use baluardo_model::Clock as _;
use std::collections::HashSet;
use std::fs::{File, Metadata, OpenOptions};
use std::io::{BufReader, BufWriter, ErrorKind, Read as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// The first line; the digest of the engines follows it.
const HEAD: &[u8; 24] = b"baluardo-scan-cache-001\n";

/// Bytes of one entry.
const ENTRY: usize = 56;

/// A file must have been left alone for so long, in microseconds.
const SETTLED: i64 = 3_000_000;

/// The cache of one scan.
#[derive(Debug)]
pub(super) struct Cache {
    path: PathBuf,
    digest: [u8; 32],
    before: HashSet<Stamp>,
    after: Mutex<HashSet<Stamp>>,
}

impl Cache {
    /// Reads the cache at `path`, or begins one. A cache of other engines, or a damaged one, is begun anew.
    pub(super) fn open(path: &Path, digest: [u8; 32]) -> anyhow::Result<Self> {
        let mut before = HashSet::new();
        match File::open(path) {
            Ok(file) => {
                let meta = file.metadata()?;
                let own = nix::unistd::geteuid().as_raw();
                if !meta.is_file() || meta.uid() != own || meta.mode() & 0o022 != 0 {
                    bail!("{} may be written by others: remove it, or name another cache", path.display());
                }
                before = entries(file, digest).with_context(|| format!("{} cannot be read", path.display()))?;
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(error).with_context(|| format!("{} cannot be read", path.display())),
        }
        Ok(Self { path: path.to_owned(), digest, before, after: Mutex::default() })
    }

    /// Whether it knows nothing.
    pub(super) fn is_empty(&self) -> bool {
        self.before.is_empty()
    }

    /// Whether this file was clean, as it is now.
    pub(super) fn knows(&self, meta: &Metadata) -> bool {
        let stamp = Stamp::of(meta);
        let known = self.before.contains(&stamp);
        if known {
            self.keep(stamp);
        }
        known
    }

    /// Notes a clean file; `meta` is from before it was read.
    pub(super) fn note(&self, meta: &Metadata) {
        if SystemClock.now().micros().saturating_sub(Stamp::changed_micros(meta)) > SETTLED {
            self.keep(Stamp::of(meta));
        }
    }

    fn keep(&self, stamp: Stamp) {
        if let Ok(mut after) = self.after.lock() {
            after.insert(stamp);
        }
    }

    /// Writes what holds now beside the old file and puts it in its place. Entries of other trees stay.
    pub(super) fn save(self) -> anyhow::Result<()> {
        let mut all = self.before;
        all.extend(self.after.into_inner().unwrap_or_default());
        let mut name = self.path.clone().into_os_string();
        name.push(format!(".{}", std::process::id()));
        let beside = PathBuf::from(name);
        let written = write(&beside, &self.digest, &all).and_then(|()| std::fs::rename(&beside, &self.path));
        if written.is_err() {
            let _ = std::fs::remove_file(&beside);
        }
        written.with_context(|| format!("{} cannot be written", self.path.display()))
    }
}

fn entries(file: File, digest: [u8; 32]) -> std::io::Result<HashSet<Stamp>> {
    let mut file = BufReader::new(file);
    let (mut head, mut theirs) = ([0; HEAD.len()], [0; 32]);
    let same = file.read_exact(&mut head).is_ok() && file.read_exact(&mut theirs).is_ok();
    let mut found = HashSet::new();
    if !same || head != *HEAD || theirs != digest {
        return Ok(found);
    }
    let mut entry = [0; ENTRY];
    loop {
        match file.read_exact(&mut entry) {
            Ok(()) => {
                let (words, _) = entry.as_chunks::<8>();
                let mut stamp = [0; 7];
                for (slot, word) in stamp.iter_mut().zip(words) {
                    *slot = u64::from_le_bytes(*word);
                }
                found.insert(Stamp(stamp));
            }
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(found),
            Err(error) => return Err(error),
        }
    }
}

fn write(path: &Path, digest: &[u8; 32], stamps: &HashSet<Stamp>) -> std::io::Result<()> {
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    let mut file = BufWriter::new(file);
    file.write_all(HEAD)?;
    file.write_all(digest)?;
    for stamp in stamps {
        for word in stamp.0 {
            file.write_all(&word.to_le_bytes())?;
        }
    }
    file.into_inner().map_err(|error| error.into_error())?.sync_all()
}

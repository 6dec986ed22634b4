//! Which encrypted copy belongs to which deleted document, in whatever order the two events came.

use super::bounded::Bounded;
use super::names;
use std::collections::VecDeque;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::Path;
use std::sync::Arc;

/// How many of the newest files are compared by size, where names tell nothing.
const BY_SIZE: usize = 64;

/// Ciphers add a header, a key and padding, at most this many bytes, to what they encrypt.
const OVERHEAD: u64 = 1_024;

/// Shorter files are too alike in size to be paired by it.
const SMALLEST: u64 = 256;

/// Files of one side (fresh copies, or lost originals) that wait for their partner.
#[derive(Debug)]
pub(super) struct Waiting {
    by_stem: Bounded<u64, Arc<Path>>,
    newest: VecDeque<(Arc<Path>, Option<u64>)>,
}

impl Waiting {
    /// Room for `most` names.
    pub(super) fn new(most: usize) -> Self {
        Self { by_stem: Bounded::new(most.saturating_mul(2)), newest: VecDeque::new() }
    }

    /// Adds a file, with its length where it is known.
    pub(super) fn add(&mut self, path: &Arc<Path>, len: Option<u64>) {
        for key in keys(path) {
            *self.by_stem.touch(key, || Arc::clone(path)) = Arc::clone(path);
        }
        if self.newest.len() >= BY_SIZE {
            self.newest.pop_front();
        }
        self.newest.push_back((Arc::clone(path), len));
    }

    /// The partner of `path` by its name, taken out of the waiting ones.
    pub(super) fn take_by_name(&mut self, path: &Path) -> Option<Arc<Path>> {
        let partner = keys(path).find_map(|key| self.by_stem.get(&key).cloned())?;
        self.forget(&partner);
        Some(partner)
    }

    /// The partner of `path` in the same folder by size: `fits` says whether a length fits.
    pub(super) fn take_by_size(&mut self, path: &Path, fits: impl Fn(u64) -> bool) -> Option<Arc<Path>> {
        let partner = self
            .newest
            .iter()
            .rev()
            .find(|(other, len)| other.parent() == path.parent() && len.is_some_and(&fits))
            .map(|(other, _)| Arc::clone(other))?;
        self.forget(&partner);
        Some(partner)
    }

    /// Forgets a file.
    pub(super) fn forget(&mut self, path: &Arc<Path>) {
        for key in keys(path) {
            if self.by_stem.get(&key).is_some_and(|waiting| waiting == path) {
                self.by_stem.remove(&key);
            }
        }
        self.newest.retain(|(other, _)| other != path);
    }
}

/// Whether a copy of `copy` bytes can be the encrypted form of an original of `original` bytes.
pub(super) const fn sizes_fit(original: u64, copy: u64) -> bool {
    original >= SMALLEST && copy >= original && copy - original <= OVERHEAD
}

/// Hashes of folder and stem, for each stem of the name.
fn keys(path: &Path) -> impl Iterator<Item = u64> {
    names::stems(path).map(move |stem| {
        let mut hasher = DefaultHasher::new();
        path.parent().hash(&mut hasher);
        stem.hash(&mut hasher);
        hasher.finish()
    })
}

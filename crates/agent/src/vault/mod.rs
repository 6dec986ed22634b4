//! The vault: the present version of every guarded document, sealed, on the same device, so that what an attack destroys
//! is put back in seconds.
//!
//! Contents are kept once for each SHA-256 under `objects/`, compressed where that helps, the index of versions is a [`journal`]. Writing is ordered so
//! that a killed agent leaves at most an object that nobody names, which the next start removes. A power cut may cost the
//! versions of the last seconds: objects are not synced one by one, since a vault of 100,000 documents would then never be
//! filled, and an object that came to harm is told by its seal.
//!
//! **What goes first when the budget is full:** versions that a newer one replaced or whose document is gone, oldest first;
//! then present versions of documents that are larger than the one to be kept, largest first; then, for a change that has
//! settled, the version that it replaces. A document for which there is no room even then is not kept, and that is said
//! ([`Vault::left_out`]).

pub(crate) mod crash;
mod fault;
mod index;
pub mod journal;
mod moment;
mod past;
pub mod seal;
#[cfg(test)]
pub(crate) mod testing;

pub(crate) use crate::lock::locked;
pub use fault::KeepError;
pub use index::Version;
pub use moment::Then;

use crate::content::features;
use crate::platform::file::private_folder;
use crate::platform::place::{Look, Stamp};
use baluardo_detect::content::{Features, Sample};
use baluardo_model::{Chance, Clock, Timestamp};
use index::{Index, Record};
use journal::{Durability, Journal};
use seal::Key;
use std::collections::HashSet;
use std::fs::File;
use std::io::{Read, Seek as _, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Up to so many bytes a document is read whole.
const AT_ONCE: u64 = 1 << 20;

/// How long a version lives on after a newer one replaced it or its document went away, where nobody says otherwise.
pub const SUPERSEDED_KEPT: Duration = Duration::from_secs(24 * 3_600);

/// How sure it is that the bytes to be kept are what their owner wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// Nothing suspicious happened for a while: where there is no room for both, they may replace the version before.
    Settled,
    /// They may be an attacker's: they never cost the version before.
    Fresh,
}

/// The vault of a device.
pub struct Vault {
    folder: PathBuf,
    key: Key,
    clock: Arc<dyn Clock>,
    chance: Arc<dyn Chance>,
    budget: AtomicU64,
    /// Seconds for which superseded versions are kept.
    superseded_kept: AtomicU64,
    passing: AtomicU64,
    left_out: Mutex<HashSet<PathBuf>>,
    inner: Mutex<Inner>,
}

struct Inner {
    index: Index,
    journal: Journal<Record>,
    pinned: HashSet<String>,
    /// How many versions were kept since the start.
    kept: usize,
}

impl Vault {
    /// Opens the vault in `folder`, or starts one, and brings it in order: versions without their object and objects
    /// without a version are dropped, the index is written anew.
    ///
    /// # Errors
    /// [`KeepError`] when the folder cannot be used.
    pub fn open(
        folder: &Path,
        key: Key,
        budget: u64,
        clock: Arc<dyn Clock>,
        chance: Arc<dyn Chance>,
    ) -> Result<Self, KeepError> {
        let objects = folder.join("objects");
        private_folder(folder).and_then(|()| private_folder(&objects)).map_err(|e| KeepError::io(folder, e))?;
        let (mut journal, records) = Journal::open(&folder.join("index"), Durability::Process)?;
        let present = objects_present(&objects)?;
        let mut index = Index::read(records);
        index.retain_objects(&present);
        journal.rewrite(index.records().iter())?;
        for name in present.iter().filter(|name| !index.names_object(name)) {
            let _ = std::fs::remove_file(object_path(folder, name));
        }
        Ok(Self {
            folder: folder.to_owned(),
            key,
            clock,
            chance,
            budget: AtomicU64::new(budget),
            superseded_kept: AtomicU64::new(SUPERSEDED_KEPT.as_secs()),
            passing: AtomicU64::new(0),
            left_out: Mutex::new(HashSet::new()),
            inner: Mutex::new(Inner { index, journal, pinned: HashSet::new(), kept: 0 }),
        })
    }

    /// Bytes that the vault may use from now on.
    pub fn set_budget(&self, bytes: u64) {
        self.budget.store(bytes, Ordering::Relaxed);
    }

    /// How long superseded versions are kept from now on, as far as the budget goes.
    pub fn set_superseded_kept(&self, span: Duration) {
        self.superseded_kept.store(span.as_secs(), Ordering::Relaxed);
    }

    /// How long superseded versions are kept.
    #[must_use]
    pub fn superseded_kept(&self) -> Duration {
        Duration::from_secs(self.superseded_kept.load(Ordering::Relaxed))
    }

    /// Whether the present version of `path` is kept.
    #[must_use]
    pub fn holds(&self, path: &Path, stamp: &Stamp) -> bool {
        locked(&self.inner).index.newest(path).is_some_and(|version| version.stamp == *stamp)
    }

    /// The newest version of `path`.
    #[must_use]
    pub fn newest(&self, path: &Path) -> Option<Version> {
        locked(&self.inner).index.newest(path).cloned()
    }

    /// The version of `path` that was the present one just before `instant`.
    #[must_use]
    pub fn before(&self, path: &Path, instant: Timestamp) -> Option<Version> {
        locked(&self.inner).index.before(path, instant).cloned()
    }

    /// Documents of which some version is kept, under `folder`.
    #[must_use]
    pub fn documents_under(&self, folder: &Path) -> Vec<PathBuf> {
        locked(&self.inner).index.paths().filter(|path| path.starts_with(folder)).cloned().collect()
    }

    /// Number of documents and bytes that are kept.
    #[must_use]
    pub fn filling(&self) -> (usize, u64) {
        let inner = locked(&self.inner);
        (inner.index.paths().count(), inner.index.bytes())
    }

    /// How many documents could not be kept for want of room.
    #[must_use]
    pub fn left_out(&self) -> usize {
        locked(&self.left_out).len()
    }

    /// Keeps the bytes of `file` as the present version of `path`. Bytes that are kept already cost nothing.
    ///
    /// # Errors
    /// [`KeepError::Changed`] when someone writes to it meanwhile, [`KeepError::Full`] when there is no room, or the
    /// system's own errors. The vault is then as before.
    pub fn keep(&self, path: &Path, file: &mut File, look: &Look, trust: Trust) -> Result<(), KeepError> {
        let fault = |e| KeepError::io(path, e);
        let changed = || KeepError::Changed(path.to_owned());
        let size = look.stamp.size;
        // What is small is read once; of what is large only one piece at a time is in memory.
        let mut bytes = Vec::new();
        let content = if size <= AT_ONCE {
            Read::by_ref(file).take(size.saturating_add(1)).read_to_end(&mut bytes).map_err(fault)?;
            seal::digest(&mut &bytes[..]).map_err(fault)?
        } else {
            seal::digest(&mut Read::by_ref(file).take(size.saturating_add(1))).map_err(fault)?
        };
        let features = if size <= AT_ONCE {
            Features::of(&Sample::of_bytes(&bytes))
        } else {
            features(file, size).map_err(fault)?
        };
        let after = crate::platform::file::look_at(file).map_err(fault)?;
        if after.stamp != look.stamp || content.size != size {
            return Err(changed());
        }
        let version = Version {
            sha256: content.sha256,
            size,
            packed: None,
            stamp: look.stamp,
            attributes: look.attributes,
            kept_at: self.clock.now(),
            features,
            gap_since: None,
            gone_since: None,
        };
        let kept = if size <= AT_ONCE {
            self.keep_version(path, version, &mut &bytes[..], trust)
        } else {
            file.rewind().map_err(fault)?;
            self.keep_version(path, version, file, trust)
        };
        match &kept {
            Err(KeepError::Full { .. }) => drop(locked(&self.left_out).insert(path.to_owned())),
            _ => drop(locked(&self.left_out).remove(path)),
        }
        kept
    }

    fn keep_version(
        &self,
        path: &Path,
        mut version: Version,
        from: &mut dyn Read,
        trust: Trust,
    ) -> Result<(), KeepError> {
        let known = locked(&self.inner).index.room_of(&version.sha256);
        let sealed = if known.is_some() {
            version.packed = known;
            None
        } else {
            let (passing, content) = self.write_passing(from)?;
            if content.sha256 != version.sha256 {
                let _ = std::fs::remove_file(&passing);
                return Err(KeepError::Changed(path.to_owned()));
            }
            version.packed = Some(content.packed);
            Some(passing)
        };
        crash::point();
        let mut inner = locked(&self.inner);
        if let Some(passing) = &sealed
            && let Err(e) = self.admit(&mut inner, path, &version, passing, trust)
        {
            let _ = std::fs::remove_file(passing);
            return Err(e);
        }
        crash::point();
        let record = inner.index.kept(path, version);
        inner.journal.append(&record)?;
        crash::point();
        self.kept_one_more(&mut inner)
    }

    /// Makes room for a sealed object and gives it its name.
    fn admit(
        &self,
        inner: &mut Inner,
        path: &Path,
        version: &Version,
        passing: &Path,
        trust: Trust,
    ) -> Result<(), KeepError> {
        let replaced = if trust == Trust::Settled { Some(path) } else { None };
        if !self.make_room(inner, version.room(), replaced)? {
            return Err(KeepError::Full { path: path.to_owned(), size: version.room() });
        }
        let object = object_path(&self.folder, &version.sha256);
        let shelf = object.parent().unwrap_or(&self.folder);
        private_folder(shelf).map_err(|e| KeepError::io(shelf, e))?;
        std::fs::rename(passing, &object).map_err(|e| KeepError::io(&object, e))
    }

    fn write_passing(&self, from: &mut dyn Read) -> Result<(PathBuf, seal::Content), KeepError> {
        let number = self.passing.fetch_add(1, Ordering::Relaxed);
        let path = self.folder.join(format!("objects/passing-{number}"));
        let written =
            File::create(&path).and_then(|mut file| seal::seal(&self.key, self.chance.as_ref(), from, &mut file));
        match written {
            Ok(content) => Ok((path, content)),
            Err(e) => {
                let _ = std::fs::remove_file(&path);
                Err(KeepError::io(&path, e))
            }
        }
    }

    fn make_room(&self, inner: &mut Inner, size: u64, replaced: Option<&Path>) -> Result<bool, KeepError> {
        let budget = self.budget.load(Ordering::Relaxed);
        while inner.index.bytes().saturating_add(size) > budget {
            let Some((path, sha256)) = inner.index.first_to_go(size, replaced, &inner.pinned) else { return Ok(false) };
            self.forget(inner, &path, &sha256)?;
        }
        Ok(true)
    }

    fn forget(&self, inner: &mut Inner, path: &Path, sha256: &str) -> Result<(), KeepError> {
        inner.journal.append(&Record::Forgotten { path: path.to_owned(), sha256: sha256.to_owned() })?;
        crash::point();
        inner.index.forget(path, sha256);
        if !inner.index.names_object(sha256) {
            let _ = std::fs::remove_file(object_path(&self.folder, sha256));
        }
        Ok(())
    }

    /// Notes that the document went away by a benign hand: its versions may be dropped in time.
    ///
    /// # Errors
    /// [`KeepError`] when the index could not be written.
    pub fn gone(&self, path: &Path) -> Result<(), KeepError> {
        let mut inner = locked(&self.inner);
        if inner.index.gone(path, self.clock.now()) {
            inner.journal.append(&Record::Gone { path: path.to_owned(), at: self.clock.now() })?;
        }
        Ok(())
    }

    /// Versions of these contents stay until [`Vault::unpin`], whatever the budget says: an attack is being undone.
    pub fn pin(&self, contents: impl IntoIterator<Item = String>) {
        locked(&self.inner).pinned.extend(contents);
    }

    /// Ends [`Vault::pin`] for these contents.
    pub fn unpin<'a>(&self, contents: impl IntoIterator<Item = &'a String>) {
        let mut inner = locked(&self.inner);
        for content in contents {
            inner.pinned.remove(content);
        }
    }

    /// Writes the bytes of a kept content to `to`.
    ///
    /// # Errors
    /// [`KeepError`] when the object is gone or damaged; what was written to `to` is then worthless.
    pub fn read(&self, sha256: &str, to: &mut dyn Write) -> Result<(), KeepError> {
        let path = object_path(&self.folder, sha256);
        let fault = |e| KeepError::io(&path, e);
        let content = seal::open(&self.key, &mut File::open(&path).map_err(fault)?, to).map_err(fault)?;
        if content.sha256 == sha256 {
            Ok(())
        } else {
            Err(KeepError::damaged(&path, "it holds other bytes than its name says"))
        }
    }
}

fn object_path(folder: &Path, sha256: &str) -> PathBuf {
    folder.join("objects").join(sha256.get(..2).unwrap_or("00")).join(sha256)
}

/// The objects in the vault's folder. Rests of writes that died are removed on the way.
fn objects_present(objects: &Path) -> Result<HashSet<String>, KeepError> {
    let fault = |e| KeepError::io(objects, e);
    let mut names = HashSet::new();
    for shelf in std::fs::read_dir(objects).map_err(fault)? {
        let shelf = shelf.map_err(fault)?.path();
        if !shelf.is_dir() {
            std::fs::remove_file(&shelf).map_err(fault)?;
            continue;
        }
        for object in std::fs::read_dir(&shelf).map_err(fault)? {
            names.extend(object.map_err(fault)?.file_name().into_string());
        }
    }
    Ok(names)
}

#[cfg(test)]
mod tests;

//! What a folder was at a moment, as far as the vault knows.

use super::index::{Document, Index, Record, Version};
use super::{KeepError, Vault, locked};
use baluardo_model::Timestamp;
use baluardo_model::rollback::{MOMENTS, Moment};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Changes within so many microseconds are one moment.
const MINUTE: i64 = 60_000_000;

/// What a document was at a moment.
#[derive(Clone, Debug, PartialEq)]
pub enum Then {
    /// It had these bytes.
    Was(Box<Version>),
    /// It was not there.
    Absent,
    /// It was there, but what it held then is no longer kept.
    Dropped,
}

impl Document {
    fn then(&self, moment: Timestamp) -> Then {
        let later = self.versions.iter().position(|version| version.begun() > moment);
        match later.and_then(|at| self.versions.get(at)) {
            Some(next) if next.gap_since.is_some_and(|since| since <= moment) => return Then::Dropped,
            Some(next) if next.gone_since.is_some_and(|since| since <= moment) => return Then::Absent,
            None if self.gone_at.is_some_and(|gone| gone <= moment) => return Then::Absent,
            _ => {}
        }
        let before = later.unwrap_or(self.versions.len()).checked_sub(1).and_then(|at| self.versions.get(at));
        before.map_or(Then::Absent, |version| Then::Was(Box::new(version.clone())))
    }
}

impl Index {
    fn moments_under(&self, folder: &Path) -> impl Iterator<Item = Timestamp> {
        let documents = self.documents.iter().filter(move |(path, _)| path.starts_with(folder));
        documents.flat_map(|(_, document)| document.versions.iter().map(Version::begun).chain(document.gone_at))
    }
}

impl Vault {
    /// What each document under `folder` that the vault knows of was at `moment`. A deletion is noted up to a minute late.
    #[must_use]
    pub fn state_at(&self, folder: &Path, moment: Timestamp) -> BTreeMap<PathBuf, Then> {
        let inner = locked(&self.inner);
        let index = &inner.index;
        let held = index.documents.iter().map(|(path, document)| (path, document.then(moment)));
        let lost = index
            .lost
            .iter()
            .filter(|(path, (from, until))| *from <= moment && moment < *until && !index.documents.contains_key(*path));
        let all = held.chain(lost.map(|(path, _)| (path, Then::Dropped)));
        all.filter(|(path, _)| path.starts_with(folder)).map(|(path, then)| (path.clone(), then)).collect()
    }

    /// When something happened under `folder`, newest first: for each minute in which documents changed, just before the first change.
    #[must_use]
    pub fn moments(&self, folder: &Path) -> Vec<Moment> {
        let inner = locked(&self.inner);
        let since = self.clock.now().minus(self.superseded_kept());
        let since = inner.index.known_since(folder).map_or(since, |known| known.max(since));
        let mut minutes: BTreeMap<i64, (Timestamp, u64)> = BTreeMap::new();
        for at in inner.index.moments_under(folder).filter(|at| *at > since) {
            let minute = minutes.entry(at.micros().div_euclid(MINUTE)).or_insert((at, 0));
            *minute = (minute.0.min(at), minute.1 + 1);
        }
        let moment = |(at, documents): &(Timestamp, u64)| Moment {
            at: Timestamp::from_micros(at.micros() - 1),
            documents: *documents,
        };
        minutes.values().rev().take(MOMENTS).map(moment).collect()
    }

    /// Since when every document of `folder` is known; none while they were not all looked at.
    #[must_use]
    pub fn known_since(&self, folder: &Path) -> Option<Timestamp> {
        locked(&self.inner).index.known_since(folder)
    }

    /// As if every document of `folder` had been looked at then.
    #[cfg(test)]
    pub(crate) fn known_from(&self, folder: &Path, since: Timestamp) {
        locked(&self.inner).index.known.insert(folder.to_owned(), since);
    }

    /// Notes that every document of these folders was looked at, and that no other folder is followed.
    ///
    /// # Errors
    /// [`KeepError`] when the index could not be written.
    pub fn know(&self, folders: &[PathBuf]) -> Result<(), KeepError> {
        let mut inner = locked(&self.inner);
        let left: Vec<PathBuf> = inner.index.known.keys().filter(|known| !folders.contains(known)).cloned().collect();
        for folder in left {
            inner.journal.append(&Record::Unknown { folder: folder.clone() })?;
            inner.index.known.remove(&folder);
        }
        let since = self.clock.now();
        for folder in folders {
            if !inner.index.known.contains_key(folder) {
                inner.journal.append(&Record::Known { folder: folder.clone(), since })?;
                inner.index.known.insert(folder.clone(), since);
            }
        }
        Ok(())
    }
}

impl Index {
    fn known_since(&self, folder: &Path) -> Option<Timestamp> {
        self.known.iter().filter(|(known, _)| folder.starts_with(known)).map(|(_, since)| *since).min()
    }
}

//! The vault's index in memory: which versions of which documents are kept, and which go first.

use crate::platform::place::{Attributes, Stamp};
use crate::platform::raw_path;
use baluardo_detect::content::Features;
use baluardo_model::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

/// One kept version of a document.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Version {
    /// Its content.
    pub sha256: String,
    /// Bytes of its content.
    pub size: u64,
    /// Bytes that it takes after compression, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub packed: Option<u64>,
    /// The file as it was seen.
    pub stamp: Stamp,
    /// Owner, rights and times.
    pub attributes: Attributes,
    /// When this content was first kept for this document.
    pub kept_at: Timestamp,
    /// What the content looks like, to compare with what comes after.
    pub features: Features,
    /// Since when the document had versions between the one before this and this, which are no longer kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gap_since: Option<Timestamp>,
    /// Since when the document was gone, before it came back as this version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gone_since: Option<Timestamp>,
}

impl Version {
    /// Bytes that its content takes of the vault's budget.
    pub(super) fn room(&self) -> u64 {
        self.packed.unwrap_or(self.size)
    }

    /// Since when the document is so: the vault may have come to it late, and no program can set a change back.
    pub(super) fn begun(&self) -> Timestamp {
        self.kept_at.min(self.stamp.changed.instant())
    }
}

/// A line of the journal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(super) enum Record {
    /// This is now the present version.
    Kept {
        #[serde(with = "raw_path")]
        path: PathBuf,
        version: Box<Version>,
    },
    /// The document is no more, since then.
    Gone {
        #[serde(with = "raw_path")]
        path: PathBuf,
        at: Timestamp,
    },
    /// This version is no longer kept.
    Forgotten {
        #[serde(with = "raw_path")]
        path: PathBuf,
        sha256: String,
    },
    /// The document was there in this span, and no version of it is kept.
    Lost {
        #[serde(with = "raw_path")]
        path: PathBuf,
        span: (Timestamp, Timestamp),
    },
    /// Every document of this folder was looked at by then.
    Known {
        #[serde(with = "raw_path")]
        folder: PathBuf,
        since: Timestamp,
    },
    /// The folder is no longer followed.
    Unknown {
        #[serde(with = "raw_path")]
        folder: PathBuf,
    },
}

#[derive(Default)]
pub(super) struct Document {
    /// Oldest first; the last is the present one unless the document is gone.
    pub(super) versions: Vec<Version>,
    pub(super) gone_at: Option<Timestamp>,
}

#[derive(Default)]
pub(super) struct Index {
    pub(super) documents: HashMap<PathBuf, Document>,
    /// Deleted documents whose last version had to make room, and when they were there.
    pub(super) lost: HashMap<PathBuf, (Timestamp, Timestamp)>,
    /// Folders whose documents are all known, and since when.
    pub(super) known: HashMap<PathBuf, Timestamp>,
    /// Room that each content takes and how many versions name it.
    objects: HashMap<String, (u64, usize)>,
    bytes: u64,
}

impl Index {
    pub(super) fn read(records: Vec<Record>) -> Self {
        let mut index = Self::default();
        for record in records {
            match record {
                Record::Kept { path, version } => drop(index.kept(&path, *version)),
                Record::Gone { path, at } => drop(index.gone(&path, at)),
                Record::Forgotten { path, sha256 } => index.forget(&path, &sha256),
                Record::Lost { path, span } => drop(index.lost.insert(path, span)),
                Record::Known { folder, since } => drop(index.known.entry(folder).or_insert(since)),
                Record::Unknown { folder } => drop(index.known.remove(&folder)),
            }
        }
        index
    }

    /// How many records lead to this index.
    pub(super) fn count(&self) -> u64 {
        let of = |document: &Document| document.versions.len() + usize::from(document.gone_at.is_some());
        let all = self.documents.values().map(of).sum::<usize>() + self.lost.len() + self.known.len();
        all as u64
    }

    /// The records that lead to this index, and no more.
    pub(super) fn records(&self) -> Vec<Record> {
        let mut records = Vec::new();
        for (path, document) in &self.documents {
            let kept = |version: &Version| Record::Kept { path: path.clone(), version: Box::new(version.clone()) };
            records.extend(document.versions.iter().map(kept));
            records.extend(document.gone_at.map(|at| Record::Gone { path: path.clone(), at }));
        }
        records.extend(self.lost.iter().map(|(path, span)| Record::Lost { path: path.clone(), span: *span }));
        records.extend(self.known.iter().map(|(f, since)| Record::Known { folder: f.clone(), since: *since }));
        records
    }

    /// Notes the present version. The same content again only renews the stamp, so that `kept_at` still tells since when
    /// the document has it.
    pub(super) fn kept(&mut self, path: &Path, version: Version) -> Record {
        let document = self.documents.entry(path.to_owned()).or_default();
        let gone_since = document.gone_at.take();
        // One that was gone in between is another version: at some moment the document was not there.
        let newest = document.versions.last_mut().filter(|_| gone_since.is_none());
        let same = newest.filter(|newest| newest.sha256 == version.sha256);
        let version = if let Some(newest) = same {
            let Version { kept_at, packed, gap_since, gone_since, .. } = *newest;
            *newest = Version { kept_at, packed, gap_since, gone_since, ..version };
            newest.clone()
        } else {
            let version = Version { gone_since: version.gone_since.or(gone_since), ..version };
            let entry = self.objects.entry(version.sha256.clone()).or_insert((version.room(), 0));
            if entry.1 == 0 {
                self.bytes += version.room();
            }
            entry.1 += 1;
            document.versions.push(version.clone());
            version
        };
        Record::Kept { path: path.to_owned(), version: Box::new(version) }
    }

    pub(super) fn gone(&mut self, path: &Path, at: Timestamp) -> bool {
        let Some(document) = self.documents.get_mut(path).filter(|document| document.gone_at.is_none()) else {
            return false;
        };
        document.gone_at = Some(at);
        true
    }

    pub(super) fn forget(&mut self, path: &Path, sha256: &str) {
        let Some(document) = self.documents.get_mut(path) else { return };
        let Some(at) = document.versions.iter().position(|version| version.sha256 == sha256) else { return };
        let dropped = document.versions.remove(at);
        let since = dropped.gap_since.unwrap_or_else(|| dropped.begun());
        if let Some(next) = document.versions.get_mut(at) {
            next.gap_since = Some(next.gap_since.map_or(since, |gap| gap.min(since)));
        }
        if document.versions.is_empty() {
            if let Some(gone) = document.gone_at {
                self.lost.insert(path.to_owned(), (since, gone));
            }
            self.documents.remove(path);
        }
        self.release(sha256);
    }

    fn release(&mut self, sha256: &str) {
        if let Some(entry) = self.objects.get_mut(sha256) {
            entry.1 = entry.1.saturating_sub(1);
            if entry.1 == 0 {
                self.bytes = self.bytes.saturating_sub(entry.0);
                self.objects.remove(sha256);
            }
        }
    }

    /// Drops versions whose object is not there.
    pub(super) fn retain_objects(&mut self, present: &HashSet<String>) {
        let lost: Vec<(PathBuf, String)> =
            self.versions().filter(|(_, version)| !present.contains(&version.sha256)).map(name).collect();
        for (path, sha256) in lost {
            self.forget(&path, &sha256);
        }
    }

    /// Bytes that a content takes, where it is kept.
    pub(super) fn room_of(&self, sha256: &str) -> Option<u64> {
        self.objects.get(sha256).map(|(room, _)| *room)
    }

    pub(super) fn names_object(&self, sha256: &str) -> bool {
        self.objects.contains_key(sha256)
    }

    pub(super) fn newest(&self, path: &Path) -> Option<&Version> {
        self.documents.get(path)?.versions.last()
    }

    pub(super) fn before(&self, path: &Path, instant: Timestamp) -> Option<&Version> {
        let document = self.documents.get(path)?;
        if document.gone_at.is_some_and(|gone| gone < instant) {
            return None;
        }
        document.versions.iter().rev().find(|version| version.kept_at < instant)
    }

    pub(super) fn paths(&self) -> impl Iterator<Item = &PathBuf> {
        self.documents.keys()
    }

    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    fn versions(&self) -> impl Iterator<Item = (&PathBuf, &Version)> {
        self.documents.iter().flat_map(|(path, document)| document.versions.iter().map(move |version| (path, version)))
    }

    /// Superseded versions with the instant since when they are.
    fn superseded(&self) -> impl Iterator<Item = (&PathBuf, &Version, Timestamp)> {
        self.documents.iter().flat_map(|(path, document)| {
            let ends = document.versions.iter().skip(1).map(|next| Some(next.kept_at)).chain([document.gone_at]);
            document.versions.iter().zip(ends).filter_map(move |(version, end)| Some((path, version, end?)))
        })
    }

    pub(super) fn superseded_before(&self, limit: Timestamp, pinned: &HashSet<String>) -> Vec<(PathBuf, String)> {
        self.superseded()
            .filter(|(_, version, end)| *end < limit && !pinned.contains(&version.sha256))
            .map(|(path, version, _)| name((path, version)))
            .collect()
    }

    /// The oldest superseded versions, so many that a tenth less than `most` stay; none while there are no more than that.
    pub(super) fn superseded_beyond(&self, most: usize, pinned: &HashSet<String>) -> Vec<(PathBuf, String)> {
        let count = self.superseded().count();
        if count <= most {
            return Vec::new();
        }
        let unpinned = self.superseded().filter(|(_, version, _)| !pinned.contains(&version.sha256));
        let mut ends: Vec<Timestamp> = unpinned.map(|(_, _, end)| end).collect();
        let over = (count - (most - most / 10)).min(ends.len());
        let Some(last) = over.checked_sub(1).filter(|last| *last < ends.len()) else { return Vec::new() };
        let limit = *ends.select_nth_unstable(last).1;
        self.superseded()
            .filter(|(_, version, end)| *end <= limit && !pinned.contains(&version.sha256))
            .map(|(path, version, _)| name((path, version)))
            .collect()
    }

    /// Forgets the deleted documents that were there longest ago, so that no more than `most` are named; moments before that are then
    /// no longer known of their folders.
    pub(super) fn bound_lost(&mut self, most: usize) {
        if self.lost.len() <= most {
            return;
        }
        let mut ends: Vec<Timestamp> = self.lost.values().map(|(_, until)| *until).collect();
        let over = (ends.len() - (most - most / 10)).saturating_sub(1).min(ends.len() - 1);
        let limit = *ends.select_nth_unstable(over).1;
        for (path, (_, until)) in self.lost.extract_if(|_, (_, until)| *until <= limit) {
            for (_, since) in self.known.iter_mut().filter(|(folder, _)| path.starts_with(folder)) {
                *since = (*since).max(until);
            }
        }
    }

    /// The version that goes first to make room for a document of `size` bytes that replaces the one at `replaced`.
    pub(super) fn first_to_go(
        &self,
        size: u64,
        replaced: Option<&Path>,
        pinned: &HashSet<String>,
    ) -> Option<(PathBuf, String)> {
        let past = self
            .superseded()
            .filter(|(_, version, _)| !pinned.contains(&version.sha256))
            .min_by_key(|(_, _, end)| *end)
            .map(|(path, version, _)| name((path, version)));
        past.or_else(|| {
            self.versions()
                .filter(|(_, version)| version.room() > size && !pinned.contains(&version.sha256))
                .max_by_key(|(_, version)| version.room())
                .map(name)
        })
        .or_else(|| {
            let path = replaced?;
            let own = self.newest(path).filter(|version| !pinned.contains(&version.sha256))?;
            Some(name((&path.to_owned(), own)))
        })
    }
}

fn name((path, version): (&PathBuf, &Version)) -> (PathBuf, String) {
    (path.clone(), version.sha256.clone())
}

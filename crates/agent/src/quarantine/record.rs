//! The lines of quarantine's journal, and what they add up to.

use crate::platform::place::{Attributes, Stamp};
use crate::platform::raw_path;
use baluardo_model::{FindingId, QuarantineId, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::path::PathBuf;

/// A file as quarantine knows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// Its id.
    pub id: QuarantineId,
    /// The finding that it belongs to.
    pub finding: FindingId,
    /// Where it was, byte for byte.
    #[serde(with = "raw_path")]
    pub path: PathBuf,
    /// SHA-256 of its bytes.
    pub sha256: String,
    /// Number of its bytes.
    pub size: u64,
    /// The file as it was seen.
    pub stamp: Stamp,
    /// Owner, rights and times.
    pub attributes: Attributes,
    /// When it was taken.
    pub taken_at: Timestamp,
}

/// A line of the journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(super) enum Record {
    /// A finding about this file is about to be told, and the file to be taken.
    Announced {
        finding: FindingId,
        #[serde(with = "raw_path")]
        path: PathBuf,
        sha256: String,
    },
    /// The announced file will not be taken.
    Settled { finding: FindingId },
    /// The sealed copy is whole; the original is about to go.
    Taken { item: Box<Item> },
    /// The original is gone.
    Emptied { id: QuarantineId },
    /// The file is about to be put back.
    Releasing { id: QuarantineId },
    /// It is back; the sealed copy is about to go.
    Released { id: QuarantineId },
    /// It is to be destroyed; the sealed copy is about to go.
    Deleted { id: QuarantineId },
    /// People were told that it is held.
    Told { id: QuarantineId },
}

/// Where an item stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    Taken,
    Held,
    Releasing,
    Released,
    Deleted,
}

#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) item: Item,
    pub(super) standing: Standing,
    pub(super) told: bool,
}

/// All items, in the order in which they were taken.
#[derive(Default)]
pub(super) struct Ledger {
    pub(super) entries: HashMap<QuarantineId, Entry>,
    /// Findings whose file was neither taken nor let be, with its path and SHA-256.
    pub(super) announced: HashMap<FindingId, (PathBuf, String)>,
}

impl Ledger {
    pub(super) fn read(records: Vec<Record>) -> Self {
        let mut ledger = Self::default();
        for record in records {
            ledger.note(record);
        }
        ledger
    }

    pub(super) fn note(&mut self, record: Record) {
        let (id, standing) = match record {
            Record::Announced { finding, path, sha256 } => {
                self.announced.insert(finding, (path, sha256));
                return;
            }
            Record::Settled { finding } => {
                self.announced.remove(&finding);
                return;
            }
            Record::Taken { item } => {
                self.announced.remove(&item.finding);
                self.entries.insert(item.id, Entry { item: *item, standing: Standing::Taken, told: false });
                return;
            }
            Record::Emptied { id } => (id, Standing::Held),
            Record::Releasing { id } => (id, Standing::Releasing),
            Record::Released { id } => (id, Standing::Released),
            Record::Deleted { id } => (id, Standing::Deleted),
            Record::Told { id } => {
                self.entries.entry(id).and_modify(|entry| entry.told = true);
                return;
            }
        };
        if let Some(entry) = self.entries.get_mut(&id) {
            entry.standing = standing;
        }
    }

    /// The records that lead to this ledger, and no more.
    pub(super) fn records(&self) -> Vec<Record> {
        let mut entries: Vec<&Entry> = self.entries.values().collect();
        entries.sort_by_key(|entry| entry.item.id);
        let lines = |entry: &&Entry| {
            let id = entry.item.id;
            let second = match entry.standing {
                Standing::Taken => None,
                Standing::Held => Some(Record::Emptied { id }),
                Standing::Releasing => Some(Record::Releasing { id }),
                Standing::Released => Some(Record::Released { id }),
                Standing::Deleted => Some(Record::Deleted { id }),
            };
            let told = entry.told.then_some(Record::Told { id });
            let first = Record::Taken { item: Box::new(entry.item.clone()) };
            std::iter::once(first).chain(second).chain(told).collect::<Vec<_>>()
        };
        let announced = self.announced.iter().map(|(finding, (path, sha256))| Record::Announced {
            finding: *finding,
            path: path.clone(),
            sha256: sha256.clone(),
        });
        announced.chain(entries.iter().flat_map(lines)).collect()
    }
}

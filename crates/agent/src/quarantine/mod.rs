//! Quarantine: bad files taken away, sealed so that nothing can run or read them, and given back byte for byte when a
//! person says so.
//!
//! Taking writes the sealed copy, notes it in the journal, and only then removes the original; giving back puts the file in
//! place before the sealed copy goes. So at any instant of death the file is whole on one side at least, and
//! [`Quarantine::open`] finishes or undoes what was begun, so that it is on exactly one side again.

mod announce;
mod record;
mod recover;
mod release;
mod take;
#[cfg(test)]
mod tests;

pub use record::Item;
pub use take::Taken;

use crate::platform::file::private_folder;
use crate::vault::journal::{Durability, Journal};
use crate::vault::seal::Key;
use crate::vault::{KeepError, locked};
use baluardo_model::protection::{QuarantineItem, QuarantineState};
use baluardo_model::{Chance, Clock, FindingId, QuarantineId};
use record::{Ledger, Record, Standing};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

/// Why quarantine could not do something.
#[derive(Debug, thiserror::Error)]
pub enum QuarantineError {
    /// Reading, writing or sealing failed.
    #[error(transparent)]
    Keep(#[from] KeepError),
    /// No such item.
    #[error("quarantine holds no item {0}")]
    Unknown(QuarantineId),
    /// The item left quarantine for good, another way than asked.
    #[error("item {id} is no longer held: it was {}", state.code())]
    Left {
        /// Which.
        id: QuarantineId,
        /// How it left.
        state: QuarantineState,
    },
    /// Another file lies at the original place.
    #[error("another file lies at {}; move it away and release again", .0.display())]
    Occupied(PathBuf),
}

/// The quarantine of a device.
pub struct Quarantine {
    folder: PathBuf,
    key: Key,
    clock: Arc<dyn Clock>,
    chance: Arc<dyn Chance>,
    inner: Mutex<Inner>,
}

struct Inner {
    ledger: Ledger,
    journal: Journal<Record>,
    /// Findings of an earlier life whose file still lies where it was found.
    interrupted: HashMap<(PathBuf, String), FindingId>,
}

impl Inner {
    fn write(&mut self, record: Record) -> Result<(), KeepError> {
        self.journal.append(&record)?;
        self.ledger.note(record);
        Ok(())
    }
}

impl Quarantine {
    /// Opens the quarantine in `folder`, or starts one. What a death interrupted is finished or undone, and each item whose
    /// state so changed is given, to be told.
    ///
    /// # Errors
    /// [`QuarantineError`] when the folder cannot be used.
    pub fn open(
        folder: &Path,
        key: Key,
        clock: Arc<dyn Clock>,
        chance: Arc<dyn Chance>,
    ) -> Result<(Self, Vec<(Item, QuarantineState)>), QuarantineError> {
        private_folder(folder).map_err(|e| KeepError::io(folder, e))?;
        let (mut journal, records) = Journal::open(&folder.join("journal"), Durability::Power)?;
        let mut ledger = Ledger::read(records);
        let interrupted = announce::interrupted(&mut ledger);
        journal.rewrite(ledger.records().iter())?;
        let quarantine = Self {
            folder: folder.to_owned(),
            key,
            clock,
            chance,
            inner: Mutex::new(Inner { ledger, journal, interrupted }),
        };
        let changed = quarantine.recover()?;
        Ok((quarantine, changed))
    }

    /// What is held now, oldest first.
    #[must_use]
    pub fn held(&self) -> Vec<Item> {
        let inner = locked(&self.inner);
        let held = inner.ledger.entries.values().filter(|entry| entry.standing == Standing::Held);
        let mut items: Vec<Item> = held.map(|entry| entry.item.clone()).collect();
        items.sort_by_key(|item| item.id);
        items
    }

    /// The item `id`, whatever became of it.
    #[must_use]
    pub fn item(&self, id: QuarantineId) -> Option<Item> {
        locked(&self.inner).ledger.entries.get(&id).map(|entry| entry.item.clone())
    }

    /// What is held and was never told, because the agent died in between; oldest first.
    #[must_use]
    pub fn untold(&self) -> Vec<Item> {
        let mut items = self.held();
        let inner = locked(&self.inner);
        items.retain(|item| inner.ledger.entries.get(&item.id).is_some_and(|entry| !entry.told));
        items
    }

    /// Notes that people were told that `id` is held.
    ///
    /// # Errors
    /// [`QuarantineError`] when it could not be noted: it is then told once more after a restart.
    pub fn mark_told(&self, id: QuarantineId) -> Result<(), QuarantineError> {
        Ok(locked(&self.inner).write(Record::Told { id })?)
    }

    /// Whether a person released exactly these bytes at this path: they are then let be.
    #[must_use]
    pub fn allows(&self, path: &Path, sha256: &str) -> bool {
        locked(&self.inner).ledger.entries.values().any(|entry| {
            matches!(entry.standing, Standing::Releasing | Standing::Released)
                && entry.item.sha256 == sha256
                && entry.item.path == path
        })
    }

    fn sealed(&self, id: QuarantineId) -> PathBuf {
        self.folder.join(format!("{id}.sealed"))
    }
}

impl Item {
    /// The item as it is told to people; a name that is not UTF-8 is shown lossily.
    #[must_use]
    pub fn told(&self) -> QuarantineItem {
        QuarantineItem {
            id: self.id,
            finding: self.finding,
            path: self.path.to_string_lossy().into_owned(),
            sha256: self.sha256.clone(),
            size: self.size,
            taken_at: self.taken_at,
        }
    }

    /// The name under which the file passes while it is put back.
    #[must_use]
    pub fn passing(&self) -> String {
        format!(".baluardo-{}", self.id)
    }
}

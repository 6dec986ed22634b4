//! Brings quarantine in order after a death: each file is on exactly one side again.

use super::record::{Entry, Item, Record, Standing};
use super::{Quarantine, QuarantineError};
use crate::platform::file::{remove, remove_passing};
use crate::vault::{KeepError, locked};
use baluardo_model::protection::QuarantineState;
use std::collections::HashSet;

impl Quarantine {
    pub(super) fn recover(&self) -> Result<Vec<(Item, QuarantineState)>, QuarantineError> {
        let entries: Vec<Entry> = locked(&self.inner).ledger.entries.values().cloned().collect();
        let mut changed = Vec::new();
        for Entry { item, standing, .. } in entries {
            changed.extend(self.settle(&item, standing)?.map(|state| (item, state)));
        }
        self.drop_strays()?;
        changed.sort_by_key(|(item, _)| item.id);
        Ok(changed)
    }

    fn settle(&self, item: &Item, standing: Standing) -> Result<Option<QuarantineState>, QuarantineError> {
        match standing {
            // The copy is whole: the original goes now if it is still the same file.
            Standing::Taken => {
                remove(&item.path, &item.stamp).map_err(|e| KeepError::io(&item.path, e))?;
                locked(&self.inner).write(Record::Emptied { id: item.id })?;
                Ok(Some(QuarantineState::Held))
            }
            Standing::Held => Ok(None),
            Standing::Releasing if self.is_back(item) => {
                self.finish(item, Record::Released { id: item.id })?;
                Ok(Some(QuarantineState::Released))
            }
            Standing::Releasing => {
                remove_passing(&item.path, &item.passing());
                locked(&self.inner).write(Record::Emptied { id: item.id })?;
                Ok(None)
            }
            Standing::Released | Standing::Deleted => {
                let _ = std::fs::remove_file(self.sealed(item.id));
                Ok(None)
            }
        }
    }

    /// Sealed copies that the journal does not know: their originals were never removed.
    fn drop_strays(&self) -> Result<(), QuarantineError> {
        let known: HashSet<_> = locked(&self.inner).ledger.entries.keys().map(|id| self.sealed(*id)).collect();
        for entry in std::fs::read_dir(&self.folder).map_err(|e| KeepError::io(&self.folder, e))?.flatten() {
            let path = entry.path();
            if path.extension().is_some_and(|extension| extension == "sealed") && !known.contains(&path) {
                std::fs::remove_file(&path).map_err(|e| KeepError::io(&path, e))?;
            }
        }
        Ok(())
    }
}

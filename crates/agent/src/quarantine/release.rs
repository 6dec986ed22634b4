//! Gives a file back, or destroys it.

use super::record::{Entry, Item, Record, Standing};
use super::{Quarantine, QuarantineError};
use crate::platform::file::{Occupied, open_regular, put};
use crate::vault::crash::point;
use crate::vault::{KeepError, locked, seal};
use baluardo_model::QuarantineId;
use baluardo_model::protection::QuarantineState;
use std::fs::File;
use std::io;

impl Quarantine {
    /// Puts a held file back where it was, with its owner, rights and times; from now on the same bytes at the same path
    /// are let be. `None` when that was done before.
    ///
    /// # Errors
    /// [`QuarantineError`]; the file is then still held.
    pub fn release(&self, id: QuarantineId) -> Result<Option<Item>, QuarantineError> {
        let Entry { item, standing, .. } = self.entry(id)?;
        match standing {
            Standing::Released => return Ok(None),
            Standing::Deleted => return Err(QuarantineError::Left { id, state: QuarantineState::Deleted }),
            Standing::Taken | Standing::Held | Standing::Releasing => {}
        }
        locked(&self.inner).write(Record::Releasing { id })?;
        point();
        if let Err(e) = self.put_back(&item) {
            locked(&self.inner).write(Record::Emptied { id })?;
            return Err(e);
        }
        point();
        self.finish(&item, Record::Released { id })?;
        Ok(Some(item))
    }

    /// Destroys a held file. `None` when that was done before.
    ///
    /// # Errors
    /// [`QuarantineError`]; the file is then still held.
    pub fn delete(&self, id: QuarantineId) -> Result<Option<Item>, QuarantineError> {
        let Entry { item, standing, .. } = self.entry(id)?;
        match standing {
            Standing::Deleted => Ok(None),
            Standing::Released | Standing::Releasing => {
                Err(QuarantineError::Left { id, state: QuarantineState::Released })
            }
            Standing::Taken | Standing::Held => {
                self.finish(&item, Record::Deleted { id })?;
                Ok(Some(item))
            }
        }
    }

    fn entry(&self, id: QuarantineId) -> Result<Entry, QuarantineError> {
        locked(&self.inner).ledger.entries.get(&id).cloned().ok_or(QuarantineError::Unknown(id))
    }

    fn put_back(&self, item: &Item) -> Result<(), QuarantineError> {
        let sealed = self.sealed(item.id);
        let mut fill = |to: &mut File| seal::open(&self.key, &mut File::open(&sealed)?, to).map(drop);
        match put(&item.path, &item.passing(), &item.attributes, Occupied::Keep, &mut fill) {
            Ok(_) => Ok(()),
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => Err(QuarantineError::Occupied(item.path.clone())),
            Err(e) => Err(KeepError::io(&item.path, e).into()),
        }
    }

    /// Notes that the item left, and removes the sealed copy.
    pub(super) fn finish(&self, item: &Item, how: Record) -> Result<(), QuarantineError> {
        locked(&self.inner).write(how)?;
        point();
        match std::fs::remove_file(self.sealed(item.id)) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => Err(KeepError::io(&self.sealed(item.id), e).into()),
            _ => Ok(()),
        }
    }

    /// Whether the bytes of the item lie at its original place.
    pub(super) fn is_back(&self, item: &Item) -> bool {
        let Ok((mut file, look)) = open_regular(&item.path) else { return false };
        look.stamp.size == item.size && seal::digest(&mut file).is_ok_and(|content| content.sha256 == item.sha256)
    }
}

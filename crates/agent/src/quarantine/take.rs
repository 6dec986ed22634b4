//! Takes a file into quarantine.

use super::record::{Item, Record};
use super::{Quarantine, QuarantineError};
use crate::platform::file::{look_at, open_regular, remove};
use crate::platform::place::Look;
use crate::vault::crash::point;
use crate::vault::seal::{Content, seal};
use crate::vault::{KeepError, locked};
use baluardo_model::{FindingId, QuarantineId};
use std::fs::File;
use std::io::Seek as _;
use std::path::Path;

/// How often a file that is being written is read again before it is taken as it is.
const TRIES: usize = 3;

/// How taking ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Taken {
    /// The file is in quarantine.
    Held(Item),
    /// The path names another file now, or none: nothing was taken.
    Slipped,
}

impl Quarantine {
    /// Takes the file at `path`: afterwards its bytes are sealed here, and the name is gone.
    ///
    /// # Errors
    /// [`QuarantineError`] when it cannot be read, sealed or removed; the file then stays where it is.
    pub fn take(&self, path: &Path, finding: FindingId) -> Result<Taken, QuarantineError> {
        let (mut file, mut look) = match open_regular(path) {
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Taken::Slipped),
            other => other.map_err(|e| KeepError::io(path, e))?,
        };
        let id = QuarantineId::new(self.clock.now(), self.chance.as_ref());
        let content = self.seal_quiet(id, path, &mut file, &mut look)?;
        let item = Item {
            id,
            finding,
            path: path.to_owned(),
            sha256: content.sha256,
            size: content.size,
            stamp: look.stamp,
            attributes: look.attributes,
            taken_at: self.clock.now(),
        };
        point();
        let noted = locked(&self.inner).write(Record::Taken { item: Box::new(item.clone()) });
        if let Err(e) = noted {
            let _ = std::fs::remove_file(self.sealed(id));
            return Err(e.into());
        }
        point();
        self.empty(item)
    }

    /// Removes the original of an item whose sealed copy is whole and noted.
    fn empty(&self, item: Item) -> Result<Taken, QuarantineError> {
        match remove(&item.path, &item.stamp) {
            Ok(true) => {
                point();
                locked(&self.inner).write(Record::Emptied { id: item.id })?;
                point();
                Ok(Taken::Held(item))
            }
            Ok(false) => {
                self.drop_copy(&item)?;
                Ok(Taken::Slipped)
            }
            Err(e) => {
                self.drop_copy(&item)?;
                Err(KeepError::io(&item.path, e).into())
            }
        }
    }

    /// Forgets an item whose original stays.
    pub(super) fn drop_copy(&self, item: &Item) -> Result<(), QuarantineError> {
        locked(&self.inner).write(Record::Deleted { id: item.id })?;
        point();
        let _ = std::fs::remove_file(self.sealed(item.id));
        Ok(())
    }

    /// Seals the file, again while someone writes to it.
    fn seal_quiet(
        &self,
        id: QuarantineId,
        path: &Path,
        file: &mut File,
        look: &mut Look,
    ) -> Result<Content, QuarantineError> {
        let sealed = self.sealed(id);
        let mut once = || {
            file.rewind()?;
            let mut to = File::create(&sealed)?;
            let content = seal(&self.key, self.chance.as_ref(), file, &mut to)?;
            to.sync_all()?;
            Ok((content, look_at(file)?))
        };
        for attempt in 1..=TRIES {
            point();
            match once() {
                Ok((content, after)) if after.stamp == look.stamp || attempt == TRIES => {
                    look.stamp = after.stamp;
                    return Ok(content);
                }
                Ok((_, after)) => *look = after,
                Err(e) => {
                    let _ = std::fs::remove_file(&sealed);
                    return Err(KeepError::io(path, e).into());
                }
            }
        }
        Err(KeepError::Changed(path.to_owned()).into())
    }
}

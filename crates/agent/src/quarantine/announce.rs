//! A finding is told before its file is taken. An agent that dies in between finds the file again in its next life, and
//! tells the same finding on instead of a second one.

use super::Quarantine;
use super::record::{Ledger, Record};
use crate::platform::file::open_regular;
use crate::vault::crash::point;
use crate::vault::{locked, seal};
use baluardo_model::FindingId;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

impl Quarantine {
    /// Notes that a finding about the file at `path` is about to be told, and gives the id under which to tell it: `fresh`,
    /// or that of an earlier life that did not come to take this very file.
    pub fn announce(&self, path: &Path, sha256: &str, fresh: FindingId) -> FindingId {
        let mut inner = locked(&self.inner);
        if let Some(earlier) = inner.interrupted.remove(&(path.to_owned(), sha256.to_owned())) {
            return earlier;
        }
        let noted = Record::Announced { finding: fresh, path: path.to_owned(), sha256: sha256.to_owned() };
        if let Err(e) = inner.write(noted) {
            // A full disk keeps nobody from telling; at worst the same file is told twice.
            tracing::warn!("{e}");
        }
        drop(inner);
        point();
        fresh
    }

    /// Notes that the file of this finding stays where it is, or is gone.
    pub fn let_be(&self, finding: FindingId) {
        let mut inner = locked(&self.inner);
        if inner.ledger.announced.contains_key(&finding)
            && let Err(e) = inner.write(Record::Settled { finding })
        {
            tracing::warn!("{e}");
        }
    }
}

/// Findings whose file still lies at its place, byte for byte; the others are forgotten.
pub(super) fn interrupted(ledger: &mut Ledger) -> HashMap<(PathBuf, String), FindingId> {
    ledger.announced.retain(|_, (path, sha256)| lies_there(path, sha256));
    ledger.announced.iter().map(|(finding, file)| (file.clone(), *finding)).collect()
}

fn lies_there(path: &Path, sha256: &str) -> bool {
    open_regular(path).and_then(|(mut file, _)| seal::digest(&mut file)).is_ok_and(|content| content.sha256 == sha256)
}

//! What is past goes: after its time, and the oldest of it where there is too much to remember, because all of it is known in memory.

use super::{Inner, KeepError, Vault};
use crate::lock::locked;

/// The most versions that were superseded, and deleted documents whose versions are gone, that are remembered: some 20 MB of memory. Whoever
/// works at one computer does not save as often in a day.
const MOST_PAST: usize = 20_000;

/// After so many kept versions it is looked whether there is too much.
const BOUND_EVERY: usize = 4_096;

impl Vault {
    /// Drops versions that were superseded longer ago than [`Vault::superseded_kept`], and writes the index anew when most of
    /// it is past.
    ///
    /// # Errors
    /// [`KeepError`] when the index could not be written.
    pub fn expire(&self) -> Result<(), KeepError> {
        let limit = self.clock.now().minus(self.superseded_kept());
        let mut inner = locked(&self.inner);
        for (path, sha256) in inner.index.superseded_before(limit, &inner.pinned) {
            self.forget(&mut inner, &path, &sha256)?;
        }
        inner.index.lost.retain(|_, (_, until)| *until >= limit);
        self.bound(&mut inner, MOST_PAST)?;
        if inner.journal.length() > 4_096 * 1_024 && inner.journal.length() > 4 * 700 * inner.index.count() {
            let records = inner.index.records();
            inner.journal.rewrite(records.iter())?;
        }
        Ok(())
    }

    /// Holds what is known of the past to a bound of memory: the oldest of it goes first.
    pub(super) fn bound(&self, inner: &mut Inner, most: usize) -> Result<(), KeepError> {
        for (path, sha256) in inner.index.superseded_beyond(most, &inner.pinned) {
            self.forget(inner, &path, &sha256)?;
        }
        inner.index.bound_lost(most);
        Ok(())
    }

    /// Counts a version that was kept.
    pub(super) fn kept_one_more(&self, inner: &mut Inner) -> Result<(), KeepError> {
        inner.kept += 1;
        if inner.kept.is_multiple_of(BOUND_EVERY) { self.bound(inner, MOST_PAST) } else { Ok(()) }
    }
}

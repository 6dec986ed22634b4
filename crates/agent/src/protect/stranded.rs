//! What an attack did in the moments before the agent died: the plan on disk was written at the first sign, so its last acts are not
//! in it. They are found by comparing the vault with the folders.

use super::core::Core;
use super::respond::looks_destroyed;
use super::touches::{First, Touch};
use super::undo::Undo;
use crate::platform::file::look;
use crate::platform::walk::files;
use baluardo_model::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// An agent that comes back later than this leaves what is missing: by then people may have deleted it.
const RECENT: Duration = Duration::from_secs(15 * 60);
/// The clocks of a file system tick coarsely, and the plan was written after its first acts.
const LEAD: Duration = Duration::from_secs(10);

/// The documents that are gone or destroyed, and the files that look made by it, beyond those that `planned` names. The plan was
/// written at `written`.
pub(super) fn stranded(core: &Core, planned: &[Undo], written: Timestamp) -> BTreeMap<PathBuf, First> {
    let mut found = BTreeMap::new();
    if core.clock.now().since(written) > RECENT {
        return found;
    }
    let known: BTreeSet<&Path> = planned.iter().map(Undo::path).collect();
    let rules = core.rules();
    let begun = written.minus(LEAD);
    for root in rules.scope.guarded_roots() {
        for path in core.vault.documents_under(root) {
            let first = First { at: written, touch: Touch::Changed };
            let fresh = look(&path).map_or(true, |look| look.stamp.changed.instant() >= begun);
            if fresh && !known.contains(path.as_path()) && looks_destroyed(core, &path, &first) {
                found.insert(path, first);
            }
        }
        files(root, &|folder| rules.scope.passes_by(folder), &mut |path| {
            let first = First { at: written, touch: Touch::Made };
            let fresh = look(path).is_ok_and(|look| look.stamp.changed.instant() >= begun);
            if fresh
                && !known.contains(path)
                && core.vault.before(path, written).is_none()
                && core.guards(&rules, path)
                && looks_destroyed(core, path, &first)
            {
                found.insert(path.to_owned(), first);
            }
        });
    }
    found
}

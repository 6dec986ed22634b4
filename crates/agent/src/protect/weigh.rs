//! Turns a change into what the guard weighs, and notes who touched what.

use super::core::{Change, Core, What};
use super::touches::Touch;
use crate::content::features;
use crate::platform::file::open_regular;
use crate::vault::locked;
use baluardo_detect::content::Features;
use baluardo_detect::guard::{Actor, CanaryHarm, FileOp, harmed};
use baluardo_model::Timestamp;
use std::path::{Path, PathBuf};

/// The guard's events for one change, in order.
pub(crate) fn weigh(core: &Core, change: Change) -> Vec<FileOp> {
    let Change { at, actor, what } = change;
    let scale = Scale { core, at, actor };
    match what {
        What::Wrote(path) => scale.wrote(path),
        What::Made(path) => scale.made(path),
        What::Went(path) => scale.went(path),
        What::Renamed { from, to, folder } => {
            // What is carried out of the guarded folders is gone from them, wherever it went.
            let rules = core.rules();
            let (from, to) = (from.filter(|path| rules.scope.guards(path)), to.filter(|path| rules.scope.guards(path)));
            match (from, to, folder) {
                (Some(from), Some(to), true) => {
                    scale.folder_renamed(&from, &to);
                    Vec::new()
                }
                (Some(from), None, true) => scale.folder_went(&from),
                (_, _, true) | (None, None, _) => Vec::new(),
                (Some(from), Some(to), false) => scale.renamed(from, to),
                (Some(from), None, false) => scale.went(from),
                (None, Some(to), false) => {
                    let mut ops = scale.made(to.clone());
                    ops.extend(scale.wrote(to));
                    ops
                }
            }
        }
    }
}

struct Scale<'a> {
    core: &'a Core,
    at: Timestamp,
    actor: Actor,
}

impl Scale<'_> {
    fn wrote(&self, path: PathBuf) -> Vec<FileOp> {
        if self.core.own.is_written(&path) {
            return Vec::new();
        }
        self.touch(&path, Touch::Changed);
        let (before, after) = (self.before(&path), present(&path));
        if self.core.canaries.is_one(&path) && is_harmed(&path, before, after) {
            return vec![FileOp::CanaryTouched { path, how: CanaryHarm::Changed }];
        }
        vec![FileOp::Written { path, before, after }]
    }

    fn made(&self, path: PathBuf) -> Vec<FileOp> {
        if self.core.own.is_written(&path) {
            return Vec::new();
        }
        self.appeared(&path);
        vec![FileOp::Created { path, after: None }]
    }

    /// A canary that is only deleted or renamed counts as any document: people do that to whole folders.
    fn went(&self, path: PathBuf) -> Vec<FileOp> {
        self.touch(&path, Touch::Changed);
        let before = self.before(&path);
        vec![FileOp::Deleted { path, before }]
    }

    /// A folder was carried away with all that the vault knows below it.
    fn folder_went(&self, folder: &Path) -> Vec<FileOp> {
        self.known_under(folder).into_iter().flat_map(|path| self.went(path)).collect()
    }

    /// Documents and symbolic links below a folder that could be put back.
    fn known_under(&self, folder: &Path) -> Vec<PathBuf> {
        let mut known = self.core.vault.documents_under(folder);
        known.extend(locked(&self.core.links).keys().filter(|path| path.starts_with(folder)).cloned());
        known
    }

    fn renamed(&self, from: PathBuf, to: PathBuf) -> Vec<FileOp> {
        let replaced = self.before(&to);
        self.touch(&from, Touch::Changed);
        self.appeared(&to);
        let mut ops = Vec::new();
        // The guard knows the content by the old name only if it saw it written there.
        let after = present(&to);
        let canary = self.core.canaries.is_one(&to) && is_harmed(&to, replaced, after);
        let canary = canary.then(|| FileOp::CanaryTouched { path: to.clone(), how: CanaryHarm::Changed });
        ops.push(FileOp::Renamed { from, to: to.clone(), replaced });
        ops.extend(canary);
        if after.is_some() {
            ops.push(FileOp::Written { path: to, before: replaced, after });
        }
        ops
    }

    /// Everything known below the old name is away from its place.
    fn folder_renamed(&self, from: &Path, to: &Path) {
        for document in self.known_under(from) {
            if let Ok(rest) = document.strip_prefix(from) {
                self.appeared(&to.join(rest));
            }
            self.touch(&document, Touch::Changed);
        }
    }

    fn appeared(&self, path: &Path) {
        let stood = self.core.vault.before(path, self.at).is_some();
        self.touch(path, if stood { Touch::Changed } else { Touch::Made });
    }

    fn touch(&self, path: &Path, touch: Touch) {
        locked(&self.core.touches).note(self.actor, self.at, path, touch);
        self.core.dirty.changed(path);
    }

    fn before(&self, path: &Path) -> Option<Features> {
        self.core.vault.before(path, self.at).map(|version| version.features)
    }
}

/// A canary whose words somebody replaced among many other files, or whose line ends, is not harmed.
fn is_harmed(path: &Path, before: Option<Features>, after: Option<Features>) -> bool {
    match (before, after) {
        (Some(before), Some(after)) => harmed(path, &before, &after),
        (None, after) => after.is_none_or(|after| !after.kind.is_known()),
        (Some(_), None) => false,
    }
}

fn present(path: &Path) -> Option<Features> {
    let (mut file, look) = open_regular(path).ok()?;
    features(&mut file, look.stamp.size).ok()
}

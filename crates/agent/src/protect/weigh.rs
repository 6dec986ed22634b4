//! Turns a change into what the guard weighs, and notes who touched what.

use super::core::{Change, Core, What};
use super::judge::features;
use super::touches::Touch;
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
        What::Renamed { from: Some(from), to: Some(to), folder: true } => {
            scale.folder_renamed(&from, &to);
            Vec::new()
        }
        What::Renamed { folder: true, .. } => Vec::new(),
        What::Renamed { from: Some(from), to: Some(to), .. } => scale.renamed(from, to),
        What::Renamed { from: Some(from), to: None, .. } => scale.went(from),
        What::Renamed { from: None, to: Some(to), .. } => {
            let mut ops = scale.made(to.clone());
            ops.extend(scale.wrote(to));
            ops
        }
        What::Renamed { from: None, to: None, .. } => Vec::new(),
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

    /// Every document that the vault knows below the old name is away from its place.
    fn folder_renamed(&self, from: &Path, to: &Path) {
        for document in self.core.vault.documents_under(from) {
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

//! Work that nobody waits for: scanning what was written, and looking through folders.

use super::core::Core;
use super::judge::{is_let_be, judge};
use super::malware::{Where, found};
use super::missed;
use super::verdicts::Judged;
use crate::platform::file::open_regular;
use crate::platform::walk::files;
use crate::vault::seal::sha256_hex;
use baluardo_model::Timestamp;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A piece of work.
pub(crate) enum Work {
    /// A file was written.
    File(PathBuf),
    /// A folder appeared, with whatever it holds.
    Folder(PathBuf),
    /// Events were lost.
    Everything,
    /// Nobody watched since then.
    Since(Timestamp),
    /// Nothing but a reason to look whether all is over.
    Look,
}

impl Work {
    pub(crate) fn carry_out(self, core: &Arc<Core>) {
        let rules = core.rules();
        match self {
            Self::Look => {}
            Self::File(path) => drop(scan(core, &path)),
            Self::Folder(folder) => look_through(core, &folder),
            Self::Everything => rules.scope.roots().iter().for_each(|root| look_through(core, root)),
            Self::Since(since) => rules.scope.roots().iter().for_each(|root| missed::scan_since(core, root, since)),
        }
    }
}

/// Scans what a folder holds and has the vault look at its documents.
fn look_through(core: &Arc<Core>, folder: &Path) {
    let rules = core.rules();
    files(folder, &|path| path == rules.scope.own(), &mut |path| {
        if core.over() {
            return;
        }
        if core.guards(&rules, path) {
            core.dirty.changed(path);
        }
        if rules.scope.scans(path) {
            let _ = scan(core, path);
        }
    });
}

/// Scans the file at `path` and deals with it when it is bad. Tells whether it was.
///
/// # Errors
/// When it cannot be read; a file that went away meanwhile is among them.
pub(crate) fn scan(core: &Arc<Core>, path: &Path) -> std::io::Result<bool> {
    let (mut file, look) = open_regular(path)?;
    match judge(core, &core.rules(), path, &mut file, &look)? {
        Judged::Clean => {
            let Some(verdict) = core.second.opinion(core, &mut file, &look, sha256_hex) else { return Ok(false) };
            if is_let_be(core, &core.rules(), path, &verdict.sha256) {
                return Ok(false);
            }
            core.verdicts.note(look.stamp, Judged::Bad(Arc::new(verdict.clone())));
            found(core, path, &verdict, &Where::Lying);
            Ok(true)
        }
        Judged::Bad(verdict) => {
            found(core, path, &verdict, &Where::Lying);
            Ok(true)
        }
    }
}

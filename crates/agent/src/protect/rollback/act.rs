//! One step of a roll back. Done a second time it changes nothing.

use super::plan::{Act, same};
use crate::platform::file::{Occupied, look, open_regular, put, remove_passing, set_aside};
use crate::platform::place::{Attributes, Stamp};
use crate::protect::core::Core;
use crate::vault::crash::point;
use crate::vault::{KeepError, Trust, seal};
use baluardo_model::RollbackId;
use baluardo_model::rollback::Hindrance;
use std::fs::File;
use std::io::{self, Seek as _};
use std::path::Path;

/// How often a document is tried that somebody writes meanwhile.
const TRIES: usize = 3;

pub(super) fn act(core: &Core, id: RollbackId, number: usize, act: &Act) -> Result<(), String> {
    match act {
        Act::Put { path, sha256, attributes, .. } => {
            // The same name after a death, so that the rest of the first try is found and removed.
            let passing = format!(".baluardo-{id}-{number}");
            core.own.passes(passing.clone());
            let mut tries = 0;
            loop {
                tries += 1;
                match put_then(core, path, &passing, sha256, attributes) {
                    Err(KeepError::Changed(_)) if tries < TRIES => {}
                    done => return done.map_err(|e| Hindrance::Failed.because(e)),
                }
            }
        }
        Act::Aside { path, to } => aside(core, path, to),
    }
}

/// Gives a document its version of then. What lies there now is in the vault before, or nothing is done.
fn put_then(core: &Core, path: &Path, passing: &str, sha256: &str, attributes: &Attributes) -> Result<(), KeepError> {
    let fault = |e| KeepError::io(path, e);
    let mut before = None;
    match open_regular(path) {
        Ok((mut file, look)) => {
            let is_then = seal::digest(&mut file).map_err(fault)?.sha256 == sha256;
            if is_then && same(&look.attributes, attributes) {
                remove_passing(path, passing);
                return Ok(());
            }
            if !core.vault.holds(path, &look.stamp) {
                file.rewind().map_err(fault)?;
                core.vault.keep(path, &mut file, &look, Trust::Fresh)?;
            }
            before = Some(look.stamp);
        }
        Err(_) if std::fs::symlink_metadata(path).is_err() => {}
        Err(e) => return Err(fault(e)),
    }
    point();
    let mut meanwhile = false;
    let mut fill = |to: &mut File| {
        core.vault.read(sha256, to).map_err(io::Error::other)?;
        meanwhile = now(path) != before;
        if meanwhile { Err(io::Error::other("it changed meanwhile")) } else { Ok(()) }
    };
    let put = put(path, passing, attributes, Occupied::Replace, &mut fill);
    if meanwhile {
        return Err(KeepError::Changed(path.to_owned()));
    }
    core.own.wrote(path, put.map_err(fault)?.stamp);
    let (mut file, look) = open_regular(path).map_err(fault)?;
    // Kept already under these bytes; this notes when they came back.
    let _ = core.vault.keep(path, &mut file, &look, Trust::Fresh);
    Ok(())
}

fn now(path: &Path) -> Option<Stamp> {
    look(path).ok().map(|look| look.stamp)
}

/// Moves a document that was born since. The vault has it, or its move alone keeps it.
fn aside(core: &Core, path: &Path, to: &Path) -> Result<(), String> {
    let (mut file, look) = match open_regular(path) {
        Ok(open) => open,
        // Moved in an earlier life, or somebody took it away.
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(e) => return Err(Hindrance::Failed.because(e)),
    };
    if !core.vault.holds(path, &look.stamp) {
        let _ = core.vault.keep(path, &mut file, &look, Trust::Fresh);
    }
    point();
    core.own.removes(path);
    match set_aside(path, to, &look) {
        Ok(true) => {
            let _ = core.vault.gone(path);
            core.dirty.changed(to);
            Ok(())
        }
        Ok(false) => Err(Hindrance::NameTaken.why()),
        Err(e) => Err(Hindrance::NotSetAside.because(e)),
    }
}

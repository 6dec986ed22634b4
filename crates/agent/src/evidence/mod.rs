//! Gathers what this device knows about a moment into one package: a compressed tar with a manifest that holds the digest of each part.
//! It waits on the disk until the server has it. Every part and the whole are bounded, and no name in it is foreign.

mod gather;
mod tar;

use crate::identity::state_dir::{StateDir, StateError};
use crate::platform::file::private_folder;
use crate::vault::seal::digest;
use baluardo_model::evidence::{Evidence, MAX_PACKAGE};
use baluardo_model::{Clock, EvidenceId, FindingId, Timestamp};
use serde::Serialize;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tar::Package;

/// Where packages wait.
const FOLDER: &str = "evidence";
/// The longest that one part may be, in bytes.
const MAX_PART: usize = 4 * 1024 * 1024;
/// How much of the system's log goes in: from so long before to the moment.
const WINDOW: Duration = Duration::from_secs(24 * 3_600);

/// Why no package was made.
#[derive(Debug, thiserror::Error)]
pub enum EvidenceError {
    /// The disk refused.
    #[error("{}: {error}", path.display())]
    Io {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        error: std::io::Error,
    },
    /// The state folder failed.
    #[error(transparent)]
    State(#[from] StateError),
}

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wish {
    /// Which package.
    pub id: EvidenceId,
    /// The finding it is about.
    pub finding: Option<FindingId>,
    /// Who ordered it; empty for the policy.
    pub by: String,
    /// Why.
    pub reason: String,
    /// Whether sealed files of the quarantine go with it.
    pub sealed: bool,
}

/// A part as the manifest lists it.
#[derive(Serialize)]
struct Part {
    name: String,
    bytes: u64,
    sha256: String,
    /// Whether it is longer and only its end is here.
    cut: bool,
}

/// The last part: what the package is, and what is in it.
#[derive(Serialize)]
struct Manifest<'a> {
    evidence: EvidenceId,
    finding: Option<FindingId>,
    ordered_by: &'a str,
    reason: &'a str,
    collected_at: Timestamp,
    device: String,
    agent_version: &'a str,
    parts: Vec<Part>,
}

/// Makes the package of `wish` in the state folder. One that is whole already is not made again.
///
/// # Errors
/// See [`EvidenceError`]; then nothing is left of it.
pub fn collect(state: &StateDir, clock: &dyn Clock, wish: &Wish) -> Result<Evidence, EvidenceError> {
    let folder = open(state)?;
    if let Some(whole) = folder.read_json::<Evidence>(&told(wish.id))? {
        return Ok(whole);
    }
    let passing = folder.file(&format!("{}.passing", wish.id));
    let made = write(state, clock, wish, &passing, false);
    let evidence = made.inspect_err(|_| drop(std::fs::remove_file(&passing)))?;
    let fault = |error| EvidenceError::Io { path: passing.clone(), error };
    std::fs::rename(&passing, package(state, wish.id)).map_err(fault)?;
    folder.write_json(&told(wish.id), &evidence)?;
    Ok(evidence)
}

/// Makes a package at `out`, for somebody who sits at this device: the server is not asked.
///
/// # Errors
/// See [`EvidenceError`]; a file that lies there stays.
pub fn collect_to(state: &StateDir, clock: &dyn Clock, wish: &Wish, out: &Path) -> Result<Evidence, EvidenceError> {
    write(state, clock, wish, out, true)
}

fn write(state: &StateDir, clock: &dyn Clock, wish: &Wish, to: &Path, new: bool) -> Result<Evidence, EvidenceError> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let fault = |error| EvidenceError::Io { path: to.to_owned(), error };
    let mut options = File::options();
    options.read(true).write(true).mode(0o600);
    if new {
        options.create_new(true)
    } else {
        options.create(true).truncate(true)
    };
    let mut file = options.open(to).map_err(fault)?;
    let now = clock.now();
    let mut package = Package::new(&mut file, now);
    let mut parts = Vec::new();
    let mut add = |name: &str, bytes: &[u8], cut: bool| -> std::io::Result<()> {
        let part = package.add(name, bytes)?;
        parts.push(Part { name: name.to_owned(), bytes: bytes.len() as u64, sha256: part, cut });
        Ok(())
    };
    let mut left = MAX_PACKAGE / 2;
    gather::all(state, wish, now.minus(WINDOW), &mut |name, mut bytes| {
        let most = usize::try_from(left).unwrap_or(MAX_PART).min(MAX_PART);
        let cut = bytes.len() > most;
        if cut {
            bytes.drain(..bytes.len() - most);
        }
        left = left.saturating_sub(bytes.len() as u64);
        add(name, &bytes, cut)
    })
    .map_err(fault)?;
    let manifest = Manifest {
        evidence: wish.id,
        finding: wish.finding,
        ordered_by: &wish.by,
        reason: &wish.reason,
        collected_at: now,
        device: crate::identity::machine::hostname(),
        agent_version: env!("CARGO_PKG_VERSION"),
        parts,
    };
    let members = manifest.parts.len() as u64 + 1;
    let text = serde_json::to_vec_pretty(&manifest).map_err(|e| fault(e.into()))?;
    package.add("manifest.json", &text).map_err(fault)?;
    package.end().map_err(fault)?;
    file.sync_all().map_err(fault)?;
    let whole = std::io::Seek::rewind(&mut file).and_then(|()| digest(&mut file)).map_err(fault)?;
    Ok(Evidence {
        id: wish.id,
        finding: wish.finding,
        by: wish.by.clone(),
        reason: wish.reason.clone(),
        collected_at: now,
        size: whole.size,
        sha256: whole.sha256,
        members,
    })
}

fn open(state: &StateDir) -> Result<StateDir, EvidenceError> {
    let path = state.file(FOLDER);
    private_folder(&path).map_err(|error| EvidenceError::Io { path: path.clone(), error })?;
    Ok(StateDir::existing(&path))
}

fn told(id: EvidenceId) -> String {
    format!("{id}.json")
}

/// The package's file.
#[must_use]
pub fn package(state: &StateDir, id: EvidenceId) -> PathBuf {
    state.file(FOLDER).join(format!("{id}.tar.gz"))
}

/// Packages that wait for the server, oldest first.
#[must_use]
pub fn waiting(state: &StateDir) -> Vec<Evidence> {
    let folder = StateDir::existing(&state.file(FOLDER));
    let names = std::fs::read_dir(folder.path()).into_iter().flatten().flatten();
    let names = names.map(|entry| entry.file_name().to_string_lossy().into_owned());
    let mut found: Vec<Evidence> = names
        .filter(|name| name.ends_with(".json"))
        .filter_map(|name| folder.read_json::<Evidence>(&name).ok().flatten())
        .collect();
    found.sort_by_key(|evidence| evidence.id);
    found
}

/// The server has it, or wants it no more.
pub fn forget(state: &StateDir, id: EvidenceId) {
    let _ = std::fs::remove_file(package(state, id));
    let _ = StateDir::existing(&state.file(FOLDER)).remove(&told(id));
}

#[cfg(test)]
mod tests;

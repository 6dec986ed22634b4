//! Fills the vault and keeps it fresh: every document once at the start, newest first, and then each change when it has
//! settled and no attack is on.

use super::core::Core;
use crate::platform::file::open_regular;
use crate::platform::walk::{files, links};
use crate::vault::{KeepError, Trust, locked};
use baluardo_model::fleet::VAULT_FILLING;
use std::collections::{HashMap, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// A change of a known document is kept when nothing more happened to it for so long.
const SETTLED: Duration = Duration::from_secs(3);
/// A new document is kept sooner: there is nothing yet that could be put back.
const FRESH: Duration = Duration::from_millis(200);
/// A name that is gone is believed gone for good after so long.
const GONE: Duration = Duration::from_secs(60);
/// After an alarm the vault stands still for so long.
const CALM: Duration = Duration::from_secs(10);
/// A canary that somebody deleted is placed again when no attack was seen for so long.
const NO_ATTACK: Duration = Duration::from_secs(60);
/// Most documents kept in one go, so that other duties get their turn.
const BATCH: usize = 64;
/// How long the thread waits while something waits to be kept.
const TICK: Duration = Duration::from_millis(100);
/// The same when nothing does.
const REST: Duration = Duration::from_secs(2);

/// Paths that changed and must be looked at.
#[derive(Default)]
pub(crate) struct Dirty {
    changed: Mutex<HashMap<PathBuf, Waiting>>,
    baseline: Mutex<VecDeque<PathBuf>>,
    listed: AtomicUsize,
    unlisted: AtomicBool,
    /// Whether a document of the first filling is being kept just now.
    in_hand: AtomicBool,
    news: Condvar,
    /// Whether the vault was told that it was filled since the last list was made.
    told_filled: AtomicBool,
}

struct Waiting {
    /// When it last changed.
    at: Instant,
    /// When it is worth a look.
    look: Instant,
}

impl Dirty {
    pub(crate) fn changed(&self, path: &Path) {
        let at = Instant::now();
        let mut changed = locked(&self.changed);
        if changed.is_empty() {
            self.news.notify_all();
        }
        changed.insert(path.to_owned(), Waiting { at, look: at + FRESH });
    }

    /// The folders changed: all documents must be listed anew.
    pub(crate) fn fill_anew(&self) {
        self.unlisted.store(true, Ordering::SeqCst);
        self.wake();
    }

    /// Has the thread look around now.
    pub(crate) fn wake(&self) {
        let _held = locked(&self.changed);
        self.news.notify_all();
    }

    /// Waits until it is worth looking again, or `over` is.
    pub(crate) fn wait(&self, over: impl Fn() -> bool) {
        let changed = locked(&self.changed);
        if over() {
            return;
        }
        let is_quiet = changed.is_empty() && !self.unlisted.load(Ordering::SeqCst) && locked(&self.baseline).is_empty();
        let wait = if is_quiet { REST } else { TICK };
        drop(self.news.wait_timeout(changed, wait).unwrap_or_else(PoisonError::into_inner));
    }

    /// Whether the filling is over.
    pub(crate) fn is_filled(&self) -> bool {
        !self.unlisted.load(Ordering::SeqCst)
            && locked(&self.baseline).is_empty()
            && !self.in_hand.load(Ordering::SeqCst)
    }

    /// Whether the keeper has said that it looked at everything.
    #[cfg(test)]
    pub(crate) fn is_told(&self) -> bool {
        self.told_filled.load(Ordering::SeqCst)
    }

    /// The next document of the first filling; it counts as in hand from the moment it leaves the list.
    fn next(&self) -> Option<PathBuf> {
        let mut baseline = locked(&self.baseline);
        let next = baseline.pop_front();
        self.in_hand.store(next.is_some(), Ordering::SeqCst);
        next
    }
}

/// Lists all documents for the first filling, the most recently changed first.
fn list_baseline(core: &Core) {
    use std::os::unix::fs::MetadataExt as _;
    let rules = core.rules();
    let mut found: Vec<(i64, PathBuf)> = Vec::new();
    for root in rules.scope.guarded_roots() {
        links(root, &|folder| rules.scope.passes_by(folder), &mut |path, target| {
            locked(&core.links).insert(path, target);
        });
        files(root, &|folder| rules.scope.passes_by(folder), &mut |path| {
            if core.guards(&rules, path)
                && let Ok(meta) = std::fs::symlink_metadata(path)
                && meta.len() <= rules.policy.max_file_bytes
            {
                found.push((meta.mtime(), path.to_owned()));
            }
        });
    }
    found.sort_by(|a, b| b.cmp(a));
    core.dirty.listed.store(found.len(), Ordering::Relaxed);
    *locked(&core.dirty.baseline) = found.into_iter().map(|(_, path)| path).collect();
    core.dirty.told_filled.store(false, Ordering::SeqCst);
    core.dirty.unlisted.store(false, Ordering::SeqCst);
}

/// Tells the vault, once, that every document of the guarded folders was looked at: from then on it can say what they were.
fn note_filled(core: &Core) {
    if !core.dirty.is_filled() || core.dirty.told_filled.swap(true, Ordering::SeqCst) {
        return;
    }
    if let Err(e) = core.vault.know(core.rules().scope.guarded_roots()) {
        core.dirty.told_filled.store(false, Ordering::SeqCst);
        core.teller.trouble("vault_failed", &core.state_dir, &e.to_string());
    }
}

/// One turn. Tells whether there is more to do at once.
pub(crate) fn turn(core: &Core) -> bool {
    if !core.calm_for(CALM) {
        return false;
    }
    if core.dirty.unlisted.load(Ordering::SeqCst) {
        list_baseline(core);
    }
    for (path, trust) in settled(core) {
        refresh(core, &path, trust);
    }
    for _ in 0..BATCH {
        let Some(path) = core.dirty.next() else {
            note_filled(core);
            return false;
        };
        refresh(core, &path, Trust::Fresh);
        core.dirty.in_hand.store(false, Ordering::SeqCst);
        if core.over() || !core.calm_for(CALM) {
            return false;
        }
    }
    true
}

/// Places canaries again that somebody deleted; not while an attack is on or being undone, because then they are part of
/// what is put back.
pub(crate) fn mend_canaries(core: &Core) {
    let Ok(_quiet) = core.undoing.try_lock() else { return };
    if !core.calm_for(NO_ATTACK) || !locked(&core.alarmed).is_empty() {
        return;
    }
    let rules = core.rules();
    let mended = core.canaries.mend(&|path| rules.scope.guards(path), &core.vault, &core.own, core.clock.now());
    if let Some(path) = mended.given_up.first() {
        let detail = format!(
            "bait files that guard this folder are deleted again and again ({} just now) and are left away for a day: ask \
             who deletes them, and tell them what they are for",
            mended.given_up.len()
        );
        core.teller.trouble("canaries_deleted", path, &detail);
    }
}

/// The changes that have settled, taken out of the list.
fn settled(core: &Core) -> Vec<(PathBuf, Trust)> {
    let now = Instant::now();
    let mut changed = locked(&core.dirty.changed);
    let mut due = Vec::new();
    for (path, waiting) in changed.iter_mut().filter(|(_, waiting)| waiting.look <= now) {
        let known = core.vault.newest(path).is_some() || locked(&core.links).contains_key(path);
        let (wait, trust) = match (known, std::fs::symlink_metadata(path)) {
            (true, Err(_)) => (GONE, Trust::Settled),
            (true, Ok(_)) => (SETTLED, Trust::Settled),
            (false, _) => (FRESH, Trust::Fresh),
        };
        waiting.look = waiting.at + wait;
        if waiting.look <= now {
            due.push((path.clone(), trust));
        }
    }
    for (path, _) in &due {
        changed.remove(path);
    }
    due
}

/// Brings the vault's version of one document up to date.
fn refresh(core: &Core, path: &Path, trust: Trust) {
    let kept = match open_regular(path) {
        Ok((_, look)) if core.vault.holds(path, &look.stamp) => return,
        Ok((_, look)) if look.stamp.size > core.rules().policy.max_file_bytes => return,
        Ok((mut file, look)) => core.vault.keep(path, &mut file, &look, trust),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
            locked(&core.links).remove(path);
            core.vault.gone(path)
        }
        Err(_) => {
            if let Ok(target) = std::fs::read_link(path) {
                locked(&core.links).insert(path.to_owned(), target);
            }
            return;
        }
    };
    note_failure(core, path, kept);
}

/// Tells what keeps the vault from keeping; a document that changed meanwhile is looked at again.
pub(crate) fn note_failure(core: &Core, path: &Path, kept: Result<(), KeepError>) {
    match kept {
        Ok(()) => {}
        Err(KeepError::Changed(_)) => core.dirty.changed(path),
        Err(KeepError::Full { .. }) => {}
        Err(e) if e.is_disk_full() => {
            let detail = format!("the disk of the vault is full, new versions of documents are not kept: {e}");
            core.teller.trouble("vault_disk_full", &core.state_dir, &detail);
        }
        Err(e) => core.teller.trouble("vault_failed", path, &e.to_string()),
    }
}

/// What people should know about the vault; empty when all is kept.
pub(crate) fn note(core: &Core) -> String {
    let mut notes = Vec::new();
    if !core.dirty.is_filled() {
        let left = locked(&core.dirty.baseline).len();
        let all = core.dirty.listed.load(Ordering::Relaxed);
        notes.push(format!("{VAULT_FILLING}: {} of {all} documents", all.saturating_sub(left)));
    }
    match core.vault.left_out() {
        0 => {}
        count => notes.push(format!("{count} documents found no room in the vault")),
    }
    match core.canaries.given_up(core.clock.now()) {
        0 => {}
        count => notes.push(format!("{count} bait files are deleted again and again and are left away for a day")),
    }
    notes.join("; ")
}

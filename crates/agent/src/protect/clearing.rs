//! Is somebody clearing folders of documents? Deleting alone is what people do all day: they delete files in a folder, or a
//! folder with all that it holds. What they do not do is empty one folder after the other and leave the folders standing, or
//! delete nearly everything there is.

use super::core::Core;
use baluardo_detect::guard::{Actor, NEWBORN};
use baluardo_model::Timestamp;
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Fewer deletions than this are never called clearing.
const LEAST: usize = 6;
/// A folder counts as emptied if so many documents went from it.
const OF_ONE_FOLDER: usize = 2;
/// Documents of the next folder that may go before it is clear that nobody tidies up a single one.
const OF_THE_NEXT: usize = 2;
/// From so many documents on the share of all that are gone is looked at.
const MANY: usize = 24;
/// Documents lying directly in a guarded folder, which nobody deletes as a folder, of which so many may go.
const AT_THE_TOP: usize = 12;
/// Deletions of longer ago belong to another piece of work.
const WINDOW: Duration = Duration::from_secs(120);
/// Actors that deleted nothing for long are forgotten beyond this many.
const MOST: usize = 64;

/// What each actor deleted, and under which names its documents go now.
#[derive(Default)]
pub(crate) struct Clearing(HashMap<Actor, Work>);

#[derive(Default)]
struct Work {
    last: Option<Instant>,
    gone: BTreeMap<PathBuf, Instant>,
    /// Present name of a document that was renamed, and the name under which the vault knows it.
    renamed: HashMap<PathBuf, PathBuf>,
    /// What it made a moment ago, under its present name.
    made: HashMap<PathBuf, Timestamp>,
}

impl Clearing {
    /// The actor made a file.
    pub(crate) fn made(&mut self, actor: Actor, path: &Path, at: Timestamp) {
        let work = self.0.entry(actor).or_default();
        work.made.retain(|_, made| at.since(*made) < NEWBORN);
        work.made.insert(path.to_owned(), at);
    }

    /// A document got another name: a name may be worn off before it is deleted.
    pub(crate) fn renamed(&mut self, core: &Core, actor: Actor, from: &Path, to: &Path) {
        let work = self.0.entry(actor).or_default();
        if let Some(made) = work.made.remove(from) {
            work.made.insert(to.to_owned(), made);
        }
        let original = work.renamed.remove(from).unwrap_or_else(|| from.to_owned());
        if original != to && core.vault.newest(&original).is_some() && work.renamed.len() < 10_000 {
            work.renamed.insert(to.to_owned(), original);
        }
    }

    /// A name went away. Tells whether the actor is clearing folders.
    pub(crate) fn deleted(&mut self, core: &Core, actor: Actor, path: &Path, at: Timestamp) -> bool {
        if self.0.len() > MOST {
            self.0.retain(|_, work| work.last.is_some_and(|at| at.elapsed() < WINDOW));
        }
        let work = self.0.entry(actor).or_default();
        if work.made.remove(path).is_some_and(|made| at.since(made) < NEWBORN) {
            return false;
        }
        let original = work.renamed.remove(path).unwrap_or_else(|| path.to_owned());
        let is_document = core.vault.newest(&original).is_some_and(|version| {
            version.features.kind.is_document() && version.features.len > 0 && !core.canaries.is_one(&original)
        });
        if !is_document || original.exists() || has_stand_in(&original) {
            return false;
        }
        let now = Instant::now();
        work.last = Some(now);
        work.gone.retain(|_, at| now.duration_since(*at) < WINDOW);
        work.gone.insert(original, now);
        work.gone.len() >= LEAST && work.clears(core)
    }

    pub(crate) fn forget(&mut self, actor: Actor) {
        self.0.remove(&actor);
    }
}

impl Work {
    fn clears(&self, core: &Core) -> bool {
        let mut folders: BTreeMap<&Path, usize> = BTreeMap::new();
        for folder in self.gone.keys().filter_map(|path| path.parent()) {
            *folders.entry(folder).or_default() += 1;
        }
        // Whoever deletes a folder with all below it leaves none standing but those on the way to where it is now.
        folders.retain(|folder, _| folder.is_dir());
        let emptied =
            |folder: &Path| core.vault.documents_under(folder).iter().all(|path| !stands_in(core, path, folder));
        let next_to = |one: &Path, other: &Path| !one.starts_with(other) && !other.starts_with(one);
        let one_after_the_other = folders.iter().any(|(folder, count)| {
            *count >= OF_ONE_FOLDER
                && folders.iter().any(|(other, count)| *count >= OF_THE_NEXT && next_to(folder, other))
                && emptied(folder)
        });
        one_after_the_other || self.nearly_all(core, &folders)
    }

    fn nearly_all(&self, core: &Core, folders: &BTreeMap<&Path, usize>) -> bool {
        let rules = core.rules();
        rules.scope.guarded_roots().iter().any(|root| {
            let at_the_top = folders.get(root.as_path()).copied().unwrap_or(0);
            let below = self.gone.keys().filter(|path| path.starts_with(root)).count();
            if at_the_top < AT_THE_TOP && below < MANY {
                return false;
            }
            let known = core.vault.documents_under(root);
            let of_top = known.iter().filter(|path| path.parent() == Some(root)).count();
            (at_the_top >= AT_THE_TOP && at_the_top * 3 >= of_top) || (below >= MANY && below * 10 >= known.len() * 7)
        })
    }
}

/// Whether a document of the vault still lies directly in `folder`.
fn stands_in(core: &Core, path: &Path, folder: &Path) -> bool {
    path.parent() == Some(folder) && !core.canaries.is_one(path) && path.exists()
}

/// Whether a file of the same name with another ending lies beside it and can be read by anyone: the document was packed or
/// turned into another kind, as log rotation does.
fn has_stand_in(path: &Path) -> bool {
    let (Some(folder), Some(name), Some(stem)) = (path.parent(), path.file_name(), path.file_stem()) else {
        return false;
    };
    let (name, stem) = (name.as_encoded_bytes(), stem.as_encoded_bytes());
    std::fs::read_dir(folder).into_iter().flatten().flatten().any(|entry| {
        let other = entry.file_name();
        let other = other.as_encoded_bytes();
        let more =
            |start: &[u8]| other.strip_prefix(start).is_some_and(|rest| rest.starts_with(b".") && rest.len() < 8);
        other != name && (more(name) || more(stem)) && is_readable(&entry.path())
    })
}

fn is_readable(path: &Path) -> bool {
    let Ok((mut file, look)) = crate::platform::file::open_regular(path) else { return false };
    crate::content::features(&mut file, look.stamp.size).is_ok_and(|it| it.kind.is_known() && !it.may_be_locked())
}

//! Canaries: files that look like documents worth stealing and that nobody has a reason to touch. Whoever changes one is
//! not working, but destroying.

use super::own::Own;
use crate::platform::file::{Occupied, look, private_folder, put};
use crate::platform::place::{Attributes, FileTime};
use crate::platform::raw_path;
use crate::vault::journal::{Durability, Journal};
use crate::vault::seal::sha256_hex;
use crate::vault::{KeepError, Trust, Vault, locked};
use baluardo_model::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, HashSet};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

/// First in the alphabet and last, because programs that walk a folder begin at one end.
const NAMES: [&str; 2] =
    ["00 Elenco dipendenti e coordinate bancarie.csv", "zz Vecchio archivio pagamenti e mandati.rtf"];
/// Subfolders of a guarded folder that get canaries too.
const SUBFOLDERS: usize = 24;

#[derive(Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Record {
    Placed {
        #[serde(with = "raw_path")]
        path: PathBuf,
    },
    Removed {
        #[serde(with = "raw_path")]
        path: PathBuf,
    },
}

pub(crate) struct Canaries {
    placed: Mutex<HashSet<PathBuf>>,
    journal: Mutex<Journal<Record>>,
    /// When canaries were placed again, within the last day.
    again: Mutex<HashMap<PathBuf, Vec<Timestamp>>>,
}

/// What a look after the canaries did.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Mended {
    /// Placed again because somebody had deleted them.
    pub(crate) placed: usize,
    /// Deleted once too often: they are left away for a day, from this look on.
    pub(crate) given_up: Vec<PathBuf>,
}

/// How often in a day one canary is placed again; who deletes it more often means it.
const AGAIN_A_DAY: usize = 3;
const DAY: Duration = Duration::from_secs(24 * 3_600);
/// Most canaries placed again in one look.
const AGAIN_A_LOOK: usize = 8;

impl Canaries {
    /// Reads which canaries were placed.
    pub(crate) fn open(state: &Path) -> Result<Self, KeepError> {
        private_folder(state).map_err(|e| KeepError::io(state, e))?;
        let (mut journal, records) = Journal::open(&state.join("canaries"), Durability::Power)?;
        let mut placed = HashSet::new();
        for record in records {
            match record {
                Record::Placed { path } => drop(placed.insert(path)),
                Record::Removed { path } => drop(placed.remove(&path)),
            }
        }
        let lines: Vec<Record> = placed.iter().map(|path| Record::Placed { path: path.clone() }).collect();
        journal.rewrite(lines.iter())?;
        Ok(Self { placed: Mutex::new(placed), journal: Mutex::new(journal), again: Mutex::default() })
    }

    /// Whether `path` is a canary.
    pub(crate) fn is_one(&self, path: &Path) -> bool {
        locked(&self.placed).contains(path)
    }

    /// Places canaries in `root` and its first subfolders, where the agent may write and none lie yet, and has the vault
    /// keep them.
    pub(crate) fn place(&self, root: &Path, passes_by: &dyn Fn(&Path) -> bool, vault: &Vault, own: &Own) {
        let mut folders = vec![root.to_owned()];
        let mut below: Vec<PathBuf> = std::fs::read_dir(root)
            .into_iter()
            .flatten()
            .flatten()
            .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
            .map(|entry| entry.path())
            .filter(|folder| !passes_by(folder) && !is_hidden(folder))
            .collect();
        below.sort();
        folders.extend(below.into_iter().take(SUBFOLDERS));
        for path in folders.iter().flat_map(|folder| NAMES.map(|name| folder.join(name))) {
            if let Err(e) = self.place_one(&path, vault, own) {
                tracing::debug!(path = %path.display(), "no canary: {e}");
            }
        }
    }

    fn place_one(&self, path: &Path, vault: &Vault, own: &Own) -> Result<(), KeepError> {
        if !self.is_one(path) {
            if std::fs::symlink_metadata(path).is_ok() {
                // A file of a person: it is no canary of ours.
                return Ok(());
            }
            locked(&self.journal).append(&Record::Placed { path: path.to_owned() })?;
            locked(&self.placed).insert(path.to_owned());
        }
        let fault = |e| KeepError::io(path, e);
        if look(path).is_err() {
            let attributes = like_folder(path)?;
            // The same name after a death, so that the rest of the first try is found and removed.
            let passing = format!(".baluardo-{}", sha256_hex(path.as_os_str().as_encoded_bytes()));
            own.passes(passing.clone());
            let look = put(path, &passing, &attributes, Occupied::Keep, &mut |file| file.write_all(&content(path)));
            match look {
                Ok(look) => own.wrote(path, look.stamp),
                Err(e) => {
                    locked(&self.placed).remove(path);
                    locked(&self.journal).append(&Record::Removed { path: path.to_owned() })?;
                    return Err(fault(e));
                }
            }
        }
        let (mut file, look) = crate::platform::file::open_regular(path).map_err(fault)?;
        if vault.holds(path, &look.stamp) { Ok(()) } else { vault.keep(path, &mut file, &look, Trust::Fresh) }
    }

    /// Places again what somebody deleted, as far as `guards` still wants it: a few at a time, and each a few times a day.
    /// A canary whose folder is gone is forgotten.
    pub(crate) fn mend(&self, guards: &dyn Fn(&Path) -> bool, vault: &Vault, own: &Own, now: Timestamp) -> Mended {
        let mut mended = Mended::default();
        let mut missing: Vec<PathBuf> =
            locked(&self.placed).iter().filter(|path| is_gone(path) && guards(path)).cloned().collect();
        missing.sort();
        for path in missing {
            if path.parent().is_none_or(|folder| !folder.is_dir()) {
                self.forget(&path);
                continue;
            }
            if mended.placed >= AGAIN_A_LOOK {
                break;
            }
            let before = self.times_again(&path, now);
            if before > AGAIN_A_DAY {
                continue;
            }
            locked(&self.again).entry(path.clone()).or_default().push(now);
            if before == AGAIN_A_DAY {
                mended.given_up.push(path);
            } else if let Err(e) = self.place_one(&path, vault, own) {
                tracing::debug!(path = %path.display(), "no canary: {e}");
            } else {
                mended.placed += 1;
            }
        }
        mended
    }

    /// How often `path` was placed again, or given up, in the day before `now`. A clock that went back ends the wait.
    fn times_again(&self, path: &Path, now: Timestamp) -> usize {
        let mut again = locked(&self.again);
        let Some(times) = again.get_mut(path) else { return 0 };
        times.retain(|at| *at <= now && now.since(*at) < DAY);
        times.len()
    }

    /// How many canaries are left away because they were deleted again and again.
    pub(crate) fn given_up(&self, now: Timestamp) -> usize {
        let often = |times: &&Vec<Timestamp>| {
            times.iter().filter(|at| **at <= now && now.since(**at) < DAY).count() > AGAIN_A_DAY
        };
        locked(&self.again).values().filter(often).count()
    }

    fn forget(&self, path: &Path) {
        locked(&self.placed).remove(path);
        locked(&self.again).remove(path);
        if let Err(e) = locked(&self.journal).append(&Record::Removed { path: path.to_owned() }) {
            tracing::warn!("{e}");
        }
    }

    /// Removes every canary that is still as it was placed. Gives how many were removed.
    pub(crate) fn remove(&self, own: &Own) -> usize {
        let placed: Vec<PathBuf> = locked(&self.placed).drain().collect();
        let mut removed = 0;
        for path in placed {
            own.removes(&path);
            if std::fs::read(&path).is_ok_and(|bytes| bytes == content(&path))
                && let Ok(look) = look(&path)
                && crate::platform::file::remove(&path, &look.stamp).unwrap_or(false)
            {
                removed += 1;
            }
            if let Err(e) = locked(&self.journal).append(&Record::Removed { path }) {
                tracing::warn!("{e}");
            }
        }
        removed
    }
}

fn is_gone(path: &Path) -> bool {
    std::fs::symlink_metadata(path).is_err_and(|e| e.kind() == std::io::ErrorKind::NotFound)
}

fn is_hidden(folder: &Path) -> bool {
    folder.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."))
}

/// A canary belongs to whom its folder belongs to, and is as old as it.
fn like_folder(path: &Path) -> Result<Attributes, KeepError> {
    use std::os::unix::fs::MetadataExt as _;
    let folder = path.parent().unwrap_or(path);
    let meta = std::fs::symlink_metadata(folder).map_err(|e| KeepError::io(folder, e))?;
    let time = FileTime(meta.mtime(), 0);
    Ok(Attributes { uid: meta.uid(), gid: meta.gid(), mode: 0o640, accessed: time, modified: time })
}

/// Office text with made-up names; the same for the same path. Its first words tell a person what it is.
fn content(path: &Path) -> Vec<u8> {
    let seed = path
        .as_os_str()
        .as_encoded_bytes()
        .iter()
        .fold(7_u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(u32::from(*byte)));
    let told = "Questo file e' un'esca di Baluardo contro i programmi che distruggono i documenti: non modificarlo.";
    let people =
        ["Rossi Anna", "Bianchi Marco", "Ferri Lucia", "Conti Paolo", "Greco Sara", "Villa Pietro", "Fontana Rita"];
    let mut rows = String::new();
    for row in 0..120_u32 {
        let mixed = seed.wrapping_add(row).wrapping_mul(2_654_435_761);
        let name = people.get(usize::try_from(mixed >> 8).unwrap_or(0) % people.len()).copied().unwrap_or_default();
        let line = [
            format!("{:04}", row + 1),
            name.to_owned(),
            format!("Ufficio {}", mixed % 9 + 1),
            format!("{},{:02}", 900 + mixed % 2_100, mixed % 100),
            format!("mandato {} del {:02}/{:02}/2019", mixed % 5_000, mixed % 28 + 1, mixed % 12 + 1),
        ];
        rows.push_str(&line.join(";"));
        rows.push_str("\r\n");
    }
    if path.extension().is_some_and(|extension| extension == "rtf") {
        let body = rows.replace("\r\n", "\\par\r\n");
        format!("{{\\rtf1\\ansi\\deff0{{\\fonttbl{{\\f0 Arial;}}}}\\f0\\fs22 {told}\\par\r\n{body}}}").into_bytes()
    } else {
        format!("{told}\r\nN.;Nominativo;Ufficio;Importo;Atto\r\n{rows}").into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vault::seal::Key;
    use crate::vault::testing::{HandClock, Lcg, quick_folder};
    use std::sync::Arc;

    const HOUR: i64 = 3_600_000_000;

    struct Room {
        _dir: tempfile::TempDir,
        root: PathBuf,
        vault: Vault,
        own: Own,
        canaries: Canaries,
    }

    /// A guarded folder with a subfolder, four canaries in all.
    fn room() -> Room {
        let dir = quick_folder();
        let root = dir.path().canonicalize().unwrap().join("documents");
        std::fs::create_dir_all(root.join("Tributi")).unwrap();
        let state = dir.path().join("state");
        let (clock, chance) = (Arc::new(HandClock::at(0)), Arc::new(Lcg::new(1)));
        private_folder(&state).unwrap();
        let key = Key::load_or_make(&state.join("vault.key"), chance.as_ref()).unwrap();
        let vault = Vault::open(&state.join("vault"), key, 1 << 26, clock, chance).unwrap();
        let (canaries, own) = (Canaries::open(&state).unwrap(), Own::default());
        canaries.place(&root, &|_| false, &vault, &own);
        Room { _dir: dir, root, vault, own, canaries }
    }

    impl Room {
        fn mend(&self, hours: i64) -> Mended {
            self.canaries.mend(&|_| true, &self.vault, &self.own, Timestamp::from_micros(hours * HOUR))
        }

        fn canary(&self) -> PathBuf {
            self.root.join("Tributi").join(NAMES[0])
        }
    }

    #[test]
    fn a_deleted_canary_is_placed_again_with_its_content_and_the_vault_has_it() {
        let room = room();
        assert_eq!(room.mend(1), Mended::default());
        std::fs::remove_file(room.canary()).unwrap();
        assert_eq!(room.mend(1), Mended { placed: 1, given_up: Vec::new() });
        assert_eq!(std::fs::read(room.canary()).unwrap(), content(&room.canary()));
        assert!(room.vault.holds(&room.canary(), &look(&room.canary()).unwrap().stamp));
        assert!(room.own.is_written(&room.canary()), "the guard knows whose it is");
        assert_eq!(room.mend(1), Mended::default());
    }

    #[test]
    fn who_deletes_a_canary_over_and_over_wins_for_a_day_and_it_is_said_once() {
        let room = room();
        for _ in 0..AGAIN_A_DAY {
            std::fs::remove_file(room.canary()).unwrap();
            assert_eq!(room.mend(1).placed, 1);
        }
        std::fs::remove_file(room.canary()).unwrap();
        assert_eq!(room.mend(2), Mended { placed: 0, given_up: vec![room.canary()] });
        for hour in 2..25 {
            assert_eq!(room.mend(hour), Mended::default());
            assert_eq!(room.canaries.given_up(Timestamp::from_micros(hour * HOUR)), 1);
        }
        assert!(!room.canary().exists());
        assert_eq!(room.canaries.given_up(Timestamp::from_micros(26 * HOUR)), 0);
        assert_eq!(room.mend(26).placed, 1);
    }

    #[test]
    fn a_folder_that_was_deleted_is_not_made_again_for_a_canary_and_no_foreign_file_is_touched() {
        let room = room();
        std::fs::remove_dir_all(room.root.join("Tributi")).unwrap();
        assert_eq!(room.mend(1), Mended::default());
        assert!(!room.root.join("Tributi").exists());
        assert!(!room.canaries.is_one(&room.canary()));
        std::fs::create_dir(room.root.join("Tributi")).unwrap();
        std::fs::write(room.canary(), b"a person's").unwrap();
        assert_eq!(room.mend(2), Mended::default());
        assert_eq!(std::fs::read(room.canary()).unwrap(), b"a person's");
        let beside = room.root.join(NAMES[1]);
        std::fs::remove_file(&beside).unwrap();
        let none = room.canaries.mend(&|_| false, &room.vault, &room.own, Timestamp::from_micros(3 * HOUR));
        assert_eq!((none, beside.exists()), (Mended::default(), false), "the policy no longer guards it");
    }

    #[test]
    fn many_deleted_canaries_come_back_a_few_at_a_time() {
        let room = room();
        for n in 0..10 {
            std::fs::create_dir(room.root.join(format!("{n}"))).unwrap();
        }
        room.canaries.place(&room.root, &|_| false, &room.vault, &room.own);
        let all: Vec<PathBuf> = locked(&room.canaries.placed).iter().cloned().collect();
        assert_eq!(all.len(), 24);
        all.iter().for_each(|path| std::fs::remove_file(path).unwrap());
        assert_eq!([1, 1, 1, 1].map(|hour| room.mend(hour).placed), [AGAIN_A_LOOK, AGAIN_A_LOOK, AGAIN_A_LOOK, 0]);
        assert!(all.iter().all(|path| path.exists()));
    }
}

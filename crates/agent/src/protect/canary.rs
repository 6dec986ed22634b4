//! Canaries: files that look like documents worth stealing and that nobody has a reason to touch. Whoever changes one is
//! not working, but destroying.

use super::own::Own;
use crate::platform::file::{Occupied, look, private_folder, put};
use crate::platform::place::{Attributes, FileTime};
use crate::platform::raw_path;
use crate::vault::journal::{Durability, Journal};
use crate::vault::seal::sha256_hex;
use crate::vault::{KeepError, Trust, Vault, locked};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

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
}

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
        Ok(Self { placed: Mutex::new(placed), journal: Mutex::new(journal) })
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

    /// Whether a canary lies there and is not as it was placed.
    pub(crate) fn is_changed(path: &Path) -> bool {
        std::fs::read(path).is_ok_and(|bytes| bytes != content(path))
    }
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

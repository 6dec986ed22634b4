//! Where the agent's own things lie on this computer.

use crate::vault::seal::digest;
use std::fs::File;
use std::path::{Path, PathBuf};

/// The unit's name.
const UNIT: &str = "baluardo-agent.service";
/// Where packages put units.
const SHIPPED: [&str; 2] = ["lib/systemd/system", "usr/lib/systemd/system"];
/// Where people put theirs, which come first for systemd.
const ABOVE: [&str; 3] = ["etc/systemd/system", "run/systemd/system", "etc/systemd/system.control"];
/// The end of a name of /proc whose file is gone or was replaced.
const GONE: &str = " (deleted)";

/// Where the agent's own things lie.
#[derive(Clone, Debug)]
pub struct Places {
    /// The file from which the program was started.
    pub program: PathBuf,
    /// The program that runs, whatever lies there by now.
    pub image: PathBuf,
    /// Below which the folders of systemd lie: `/`.
    pub root: PathBuf,
}

/// What somebody put above the unit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Above {
    pub(super) path: PathBuf,
    /// Whether it hides the unit altogether.
    pub(super) mask: bool,
    pub(super) sha256: String,
}

impl Places {
    /// Those of this process.
    #[must_use]
    pub fn here() -> Self {
        let image = PathBuf::from("/proc/self/exe");
        let named = std::fs::read_link(&image).unwrap_or_default().to_string_lossy().into_owned();
        let program = PathBuf::from(named.strip_suffix(GONE).unwrap_or(&named));
        Self { program, image, root: PathBuf::from("/") }
    }

    /// The unit that the package brought; none where there is no package.
    pub(super) fn unit(&self) -> Option<PathBuf> {
        SHIPPED.iter().map(|folder| self.root.join(folder).join(UNIT)).find(|path| path.is_file())
    }

    /// Whether systemd starts the agent with the computer.
    pub(super) fn is_enabled(&self) -> bool {
        let wants = |folder: PathBuf| {
            let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
            entries
                .map(|entry| entry.path())
                .filter(|path| path.extension().is_some_and(|end| end == "wants" || end == "requires"))
                .any(|path| path.join(UNIT).symlink_metadata().is_ok())
        };
        ABOVE.iter().map(|folder| self.root.join(folder)).any(wants)
    }

    /// What lies above the unit: masks, other units of its name, drop-ins.
    pub(super) fn above(&self) -> Vec<Above> {
        let mut found = Vec::new();
        for folder in ABOVE.iter().chain(&SHIPPED).map(|folder| self.root.join(folder)) {
            let unit = folder.join(UNIT);
            // A link that leads to the package's own unit changes nothing.
            let other =
                unit.symlink_metadata().is_ok() && Some(resolved(&unit)) != self.unit().map(|own| resolved(&own));
            if other {
                let mask = std::fs::read_link(&unit).is_ok_and(|to| to == Path::new("/dev/null"))
                    || std::fs::metadata(&unit).is_ok_and(|meta| meta.len() == 0);
                found.push(Above { sha256: sha256_of(&unit), path: unit, mask });
            }
            let drop_ins = std::fs::read_dir(folder.join(format!("{UNIT}.d"))).into_iter().flatten().flatten();
            found.extend(
                drop_ins
                    .map(|entry| entry.path())
                    .filter(|path| path.extension().is_some_and(|it| it == "conf"))
                    .map(|path| Above { sha256: sha256_of(&path), path, mask: false }),
            );
        }
        found.sort();
        found.dedup_by(|one, other| resolved(&one.path) == resolved(&other.path));
        found
    }

    /// Folders in which a change is a reason to look.
    pub(super) fn folders(&self) -> Vec<PathBuf> {
        let mut folders: Vec<PathBuf> = self.program.parent().map(Path::to_path_buf).into_iter().collect();
        for folder in ABOVE.iter().chain(&SHIPPED).map(|folder| self.root.join(folder)) {
            folders.push(folder.join("multi-user.target.wants"));
            folders.push(folder.join(format!("{UNIT}.d")));
            folders.push(folder);
        }
        folders
    }
}

fn resolved(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_path_buf())
}

/// SHA-256 of a file, lower-case hexadecimal; empty where it cannot be read.
pub(super) fn sha256_of(path: &Path) -> String {
    let is_file = std::fs::metadata(path).is_ok_and(|meta| meta.is_file());
    let read = || File::open(path).and_then(|mut file| digest(&mut file)).map(|content| content.sha256);
    if is_file { read().unwrap_or_default() } else { String::new() }
}

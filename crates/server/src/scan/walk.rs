//! Finds the files to scan: follows a link that was named, and none that it meets; enters no file system that the kernel
//! makes up; meets each folder once.

use nix::sys::statfs::{
    BPF_FS_MAGIC, CGROUP_SUPER_MAGIC, CGROUP2_SUPER_MAGIC, DEBUGFS_MAGIC, PROC_SUPER_MAGIC, SECURITYFS_MAGIC,
    SYSFS_MAGIC, TRACEFS_MAGIC, statfs,
};
use std::collections::HashSet;
use std::fs::Metadata;
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};

/// Something to look at.
#[derive(Debug)]
pub(crate) struct Item {
    /// The path, as it is told.
    pub(crate) path: PathBuf,
    /// Why it cannot be looked at; nothing for a regular file.
    pub(crate) trouble: Option<String>,
}

/// Calls `with` for each regular file below `roots` and for what stands in the way, until it answers false. Gives how
/// many entries were passed over because they are no files.
pub(crate) fn walk(roots: &[PathBuf], with: &mut dyn FnMut(Item) -> bool) -> u64 {
    let mut walk = Walk { with, seen: HashSet::new(), skipped: 0, stopped: false };
    for root in roots {
        walk.root(root);
    }
    walk.skipped
}

struct Walk<'a> {
    with: &'a mut dyn FnMut(Item) -> bool,
    /// Folders by device and number.
    seen: HashSet<(u64, u64)>,
    skipped: u64,
    stopped: bool,
}

impl Walk<'_> {
    /// What somebody named: a link is followed, and whatever is no file is told.
    fn root(&mut self, root: &Path) {
        match std::fs::metadata(root) {
            Ok(meta) if meta.is_dir() => self.folders(root, &meta),
            Ok(meta) if meta.is_file() => self.give(root, None),
            Ok(meta) => {
                self.give(root, Some(format!("it is {}, and only files and folders can be scanned", kind(&meta))));
            }
            Err(error) => self.give(root, Some(format!("it cannot be reached: {error}"))),
        }
    }

    fn folders(&mut self, root: &Path, meta: &Metadata) {
        if is_made_up(root) {
            self.give(root, Some("its file system is made up by the kernel and holds no files".to_owned()));
            return;
        }
        let mut waiting = vec![(root.to_path_buf(), meta.dev())];
        self.seen.insert((meta.dev(), meta.ino()));
        while let Some((folder, device)) = waiting.pop() {
            if self.stopped {
                return;
            }
            let entries = match std::fs::read_dir(&folder) {
                Ok(entries) => entries,
                Err(error) => {
                    self.give(&folder, Some(format!("the folder cannot be read: {error}")));
                    continue;
                }
            };
            for entry in entries {
                match entry {
                    Ok(entry) => self.entry(&entry.path(), device, &mut waiting),
                    Err(error) => {
                        self.give(&folder, Some(format!("the folder cannot be read to its end: {error}")));
                        break;
                    }
                }
                if self.stopped {
                    return;
                }
            }
        }
    }

    fn entry(&mut self, path: &Path, device: u64, waiting: &mut Vec<(PathBuf, u64)>) {
        match std::fs::symlink_metadata(path) {
            Ok(meta) if meta.is_file() => self.give(path, None),
            Ok(meta) if meta.is_dir() => {
                let other = meta.dev() != device && is_made_up(path);
                if !other && self.seen.insert((meta.dev(), meta.ino())) {
                    waiting.push((path.to_path_buf(), meta.dev()));
                }
            }
            Ok(_) => self.skipped += 1,
            // It went away between the folder's list and the look at it.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => self.skipped += 1,
            Err(error) => self.give(path, Some(format!("it cannot be looked at: {error}"))),
        }
    }

    fn give(&mut self, path: &Path, trouble: Option<String>) {
        if !self.stopped {
            self.stopped = !(self.with)(Item { path: path.to_path_buf(), trouble });
        }
    }
}

/// What something is that is neither file nor folder.
fn kind(meta: &Metadata) -> &'static str {
    let kind = meta.file_type();
    if kind.is_fifo() {
        "a named pipe"
    } else if kind.is_socket() {
        "a socket"
    } else if kind.is_block_device() || kind.is_char_device() {
        "a device"
    } else {
        "neither"
    }
}

/// Whether the kernel makes the files of this file system up.
fn is_made_up(folder: &Path) -> bool {
    let made_up = [
        BPF_FS_MAGIC,
        CGROUP_SUPER_MAGIC,
        CGROUP2_SUPER_MAGIC,
        DEBUGFS_MAGIC,
        PROC_SUPER_MAGIC,
        SECURITYFS_MAGIC,
        SYSFS_MAGIC,
        TRACEFS_MAGIC,
    ];
    statfs(folder).is_ok_and(|file_system| made_up.contains(&file_system.filesystem_type()))
}

//! Files by which somebody makes sure to come back, as they change: keys for log-in in every home, and the two files of
//! `/etc` that no package writes. Whoever writes them by an editor, a script or a copy over the network starts no program
//! that would show it.

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::inotify::{AddWatchFlags, InitFlags, Inotify, WatchDescriptor};
use std::collections::HashMap;
use std::ffi::OsStr;
use std::io;
use std::os::fd::{AsFd as _, BorrowedFd};
use std::path::{Path, PathBuf};

/// The names that matter.
const NAMES: [&str; 4] = ["authorized_keys", "authorized_keys2", "rc.local", "ld.so.preload"];
/// Where keys lie in a home.
const KEYS: &str = ".ssh";
/// Most homes that are watched.
const MOST_HOMES: usize = 256;
/// Numbers of people's accounts begin here; those from the second on are nobody's.
const PEOPLE: std::ops::Range<u32> = 1_000..65_534;

/// Files that are watched.
pub struct Changes {
    inotify: Inotify,
    folders: HashMap<WatchDescriptor, PathBuf>,
}

/// The homes of root and of people, as `/etc/passwd` has them.
#[must_use]
pub fn homes() -> Vec<PathBuf> {
    let passwd = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let home = |line: &str| {
        let parts: Vec<&str> = line.split(':').collect();
        let uid: u32 = parts.get(2)?.parse().ok()?;
        let home = parts.get(5).filter(|home| home.len() > 1 && home.starts_with('/'))?;
        (uid == 0 || PEOPLE.contains(&uid)).then(|| PathBuf::from(home))
    };
    passwd.lines().filter_map(home).take(MOST_HOMES).collect()
}

impl Changes {
    /// Watches the keys of these homes, and the files of `etc`.
    ///
    /// # Errors
    /// Those of `inotify_init1(2)`.
    pub fn watch(homes: &[PathBuf], etc: &Path) -> io::Result<Self> {
        let inotify = Inotify::init(InitFlags::IN_CLOEXEC | InitFlags::IN_NONBLOCK)?;
        let mut changes = Self { inotify, folders: HashMap::new() };
        changes.mark(etc, written());
        for home in homes {
            changes.mark(home, AddWatchFlags::IN_CREATE | AddWatchFlags::IN_MOVED_TO);
            changes.mark(&home.join(KEYS), written());
        }
        Ok(changes)
    }

    /// A folder that is not there, or may not be looked into, is left out.
    fn mark(&mut self, folder: &Path, what: AddWatchFlags) {
        let what = what | AddWatchFlags::IN_ONLYDIR | AddWatchFlags::IN_DONT_FOLLOW;
        if let Ok(descriptor) = self.inotify.add_watch(folder, what) {
            self.folders.insert(descriptor, folder.to_owned());
        }
    }

    /// Waits until such a file was written, and hands it on. False once `stop` was closed or written to.
    ///
    /// # Errors
    /// Those of `poll(2)`.
    pub fn wait(&mut self, stop: BorrowedFd<'_>, take: &mut dyn FnMut(PathBuf)) -> io::Result<bool> {
        let mut fds = [PollFd::new(self.inotify.as_fd(), PollFlags::POLLIN), PollFd::new(stop, PollFlags::POLLIN)];
        match poll(&mut fds, PollTimeout::NONE) {
            Ok(_) | Err(nix::errno::Errno::EINTR) => {}
            Err(e) => return Err(e.into()),
        }
        if fds[1].any().unwrap_or(false) {
            return Ok(false);
        }
        while let Ok(events) = self.inotify.read_events() {
            for event in events {
                let folder = self.folders.get(&event.wd).cloned();
                if let (Some(folder), Some(name)) = (folder, event.name) {
                    self.sort(&folder, &name, take);
                }
            }
        }
        Ok(true)
    }

    fn sort(&mut self, folder: &Path, name: &OsStr, take: &mut dyn FnMut(PathBuf)) {
        let path = folder.join(name);
        if name == KEYS {
            self.mark(&path, written());
            // What was put there before the mark is not told any more.
            NAMES.iter().map(|name| path.join(name)).filter(|file| file.exists()).for_each(take);
        } else if NAMES.iter().any(|known| name == *known) {
            take(path);
        }
    }
}

fn written() -> AddWatchFlags {
    AddWatchFlags::IN_CLOSE_WRITE | AddWatchFlags::IN_MOVED_TO
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::net::UnixStream;

    /// What is told before `last`, and `last` itself.
    fn told_until(changes: &mut Changes, last: &Path) -> Vec<PathBuf> {
        let (stop, _keep) = UnixStream::pair().unwrap();
        let mut told = Vec::new();
        while !told.iter().any(|path| path == last) {
            assert!(changes.wait(stop.as_fd(), &mut |path| told.push(path)).unwrap());
        }
        told.dedup();
        told
    }

    #[test]
    fn keys_and_start_files_are_told_and_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        let [home, etc] = ["home", "etc"].map(|name| dir.path().join(name));
        fs::create_dir_all(home.join(KEYS)).unwrap();
        fs::create_dir(&etc).unwrap();
        let mut changes = Changes::watch(std::slice::from_ref(&home), &etc).unwrap();
        fs::write(home.join(".ssh/known_hosts"), "x").unwrap();
        fs::write(home.join("authorized_keys.txt"), "x").unwrap();
        fs::write(etc.join("hosts"), "x").unwrap();
        let keys = home.join(".ssh/authorized_keys");
        fs::write(&keys, "x").unwrap();
        fs::write(etc.join("new"), "x").unwrap();
        fs::rename(etc.join("new"), etc.join("rc.local")).unwrap();
        assert_eq!(told_until(&mut changes, &etc.join("rc.local")), [keys, etc.join("rc.local")]);
    }

    #[test]
    fn keys_in_a_folder_that_is_made_later_are_told_too() {
        let dir = tempfile::tempdir().unwrap();
        let home = dir.path().to_owned();
        let mut changes = Changes::watch(std::slice::from_ref(&home), &home.join("none")).unwrap();
        fs::create_dir(home.join(KEYS)).unwrap();
        let keys = home.join(".ssh/authorized_keys");
        fs::write(&keys, "x").unwrap();
        assert_eq!(told_until(&mut changes, &keys), [keys]);
    }

    #[test]
    fn root_has_a_home() {
        assert!(homes().contains(&PathBuf::from("/root")));
    }
}

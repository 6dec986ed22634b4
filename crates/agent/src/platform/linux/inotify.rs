//! Watching without rights: inotify tells what happened, a moment later and without who did it.

use crate::platform::event::SensorEvent;
use nix::errno::Errno;
use nix::sys::inotify::{AddWatchFlags, InitFlags, Inotify, InotifyEvent, WatchDescriptor};
use std::collections::HashMap;
use std::io;
use std::os::fd::{AsFd as _, BorrowedFd};
use std::path::{Path, PathBuf};

pub(super) struct Watch {
    inotify: Inotify,
    what: AddWatchFlags,
    folders: HashMap<WatchDescriptor, PathBuf>,
    /// The first half of a rename whose second half may come with the next read.
    half: Option<(u32, PathBuf, bool)>,
}

impl Watch {
    /// Starts a watch on names, and on writes too when `writes`.
    ///
    /// # Errors
    /// Those of `inotify_init1(2)`: too many instances.
    pub(super) fn start(writes: bool) -> io::Result<Self> {
        let inotify = Inotify::init(InitFlags::IN_CLOEXEC | InitFlags::IN_NONBLOCK)?;
        let mut what = AddWatchFlags::IN_CREATE
            | AddWatchFlags::IN_DELETE
            | AddWatchFlags::IN_MOVED_FROM
            | AddWatchFlags::IN_MOVED_TO
            | AddWatchFlags::IN_ONLYDIR
            | AddWatchFlags::IN_DONT_FOLLOW;
        if writes {
            what |= AddWatchFlags::IN_CLOSE_WRITE | AddWatchFlags::IN_MODIFY;
        }
        Ok(Self { inotify, what, folders: HashMap::new(), half: None })
    }

    /// Watches `folder` too.
    ///
    /// # Errors
    /// `ENOSPC` when the user's watches are used up (`fs.inotify.max_user_watches`).
    pub(super) fn mark(&mut self, folder: &Path) -> io::Result<()> {
        let descriptor = self.inotify.add_watch(folder, self.what)?;
        self.folders.insert(descriptor, folder.to_owned());
        Ok(())
    }

    pub(super) fn fd(&self) -> BorrowedFd<'_> {
        self.inotify.as_fd()
    }

    /// Reads all that waits into `events`.
    ///
    /// # Errors
    /// Those of the read.
    pub(super) fn drain(&mut self, events: &mut Vec<SensorEvent>) -> io::Result<()> {
        let before = self.half.is_some();
        let mut any = false;
        loop {
            match self.inotify.read_events() {
                Ok(batch) => batch.into_iter().for_each(|event| {
                    any = true;
                    self.sort(event, events);
                }),
                Err(Errno::EINTR) => {}
                Err(Errno::EAGAIN) => break,
                Err(e) => return Err(e.into()),
            }
        }
        if before && !any {
            self.flush_half(events);
        }
        Ok(())
    }

    /// A rename whose second half never came led out of the watched folders.
    fn flush_half(&mut self, events: &mut Vec<SensorEvent>) {
        if let Some((_, from, folder)) = self.half.take() {
            if folder {
                self.forget(&from);
            }
            events.push(SensorEvent::Renamed { from: Some(from), to: None, folder, pid: None });
        }
    }

    fn forget(&mut self, folder: &Path) {
        let left: Vec<_> = self.folders.extract_if(|_, path| path.starts_with(folder)).collect();
        for (descriptor, _) in left {
            let _ = self.inotify.rm_watch(descriptor);
        }
    }

    fn sort(&mut self, event: InotifyEvent, events: &mut Vec<SensorEvent>) {
        let mask = event.mask;
        if mask.contains(AddWatchFlags::IN_Q_OVERFLOW) {
            events.push(SensorEvent::Overflow);
            return;
        }
        if mask.contains(AddWatchFlags::IN_IGNORED) {
            self.folders.remove(&event.wd);
            return;
        }
        let (Some(parent), Some(name)) = (self.folders.get(&event.wd), event.name) else { return };
        let path = parent.join(name);
        let folder = mask.contains(AddWatchFlags::IN_ISDIR);
        if mask.contains(AddWatchFlags::IN_MOVED_TO) {
            self.moved_to(path, event.cookie, folder, events);
            return;
        }
        self.flush_half(events);
        if mask.contains(AddWatchFlags::IN_MOVED_FROM) {
            self.half = Some((event.cookie, path, folder));
        } else if mask.contains(AddWatchFlags::IN_CREATE) {
            events.push(if folder {
                SensorEvent::FolderAppeared { path }
            } else {
                SensorEvent::Created { path, pid: None }
            });
        } else if mask.contains(AddWatchFlags::IN_DELETE) && !folder {
            events.push(SensorEvent::Deleted { path, pid: None });
        } else if mask.intersects(AddWatchFlags::IN_CLOSE_WRITE | AddWatchFlags::IN_MODIFY) {
            let closed = mask.contains(AddWatchFlags::IN_CLOSE_WRITE);
            events.push(SensorEvent::Written { path, pid: None, closed });
        }
    }

    fn moved_to(&mut self, to: PathBuf, cookie: u32, folder: bool, events: &mut Vec<SensorEvent>) {
        let from = match self.half.take() {
            Some((known, from, _)) if known == cookie => Some(from),
            other => {
                self.half = other;
                self.flush_half(events);
                None
            }
        };
        if let (true, Some(from)) = (folder, &from) {
            for path in self.folders.values_mut() {
                if let Ok(rest) = path.strip_prefix(from) {
                    *path = if rest.as_os_str().is_empty() { to.clone() } else { to.join(rest) };
                }
            }
        }
        events.push(SensorEvent::Renamed { from, to: Some(to), folder, pid: None });
    }
}

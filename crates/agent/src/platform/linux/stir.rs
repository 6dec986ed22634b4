//! Whether anything happened in a few folders: not what, because whoever asks looks for himself.

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::inotify::{AddWatchFlags, InitFlags, Inotify};
use std::io;
use std::os::fd::{AsFd as _, BorrowedFd};
use std::path::Path;
use std::time::Duration;

/// Folders that are watched.
pub struct Stir {
    inotify: Inotify,
}

/// Why a wait ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Woken {
    /// Something happened.
    Stirred,
    /// Nothing did.
    Quiet,
    /// It is over.
    Stopped,
}

impl Stir {
    /// Watches these folders, not what lies below them.
    ///
    /// # Errors
    /// Those of `inotify_init1(2)`.
    pub fn start() -> io::Result<Self> {
        Ok(Self { inotify: Inotify::init(InitFlags::IN_CLOEXEC | InitFlags::IN_NONBLOCK)? })
    }

    /// Watches these folders too; one that is watched already, is not there or may not be looked into changes nothing.
    pub fn watch<'p>(&self, folders: impl Iterator<Item = &'p Path>) {
        let what = AddWatchFlags::IN_CREATE
            | AddWatchFlags::IN_DELETE
            | AddWatchFlags::IN_MOVE
            | AddWatchFlags::IN_CLOSE_WRITE
            | AddWatchFlags::IN_DELETE_SELF
            | AddWatchFlags::IN_MOVE_SELF
            | AddWatchFlags::IN_ONLYDIR;
        for folder in folders {
            let _ = self.inotify.add_watch(folder, what);
        }
    }

    /// Waits until something happens, at most for `patience`, or until `stop` is closed or written to.
    ///
    /// # Errors
    /// Those of `poll(2)`.
    pub fn wait(&self, stop: BorrowedFd<'_>, patience: Duration) -> io::Result<Woken> {
        let mut fds = [PollFd::new(stop, PollFlags::POLLIN), PollFd::new(self.inotify.as_fd(), PollFlags::POLLIN)];
        let millis = u16::try_from(patience.as_millis()).unwrap_or(u16::MAX);
        match poll(&mut fds, PollTimeout::from(millis)) {
            Ok(_) | Err(nix::errno::Errno::EINTR) => {}
            Err(e) => return Err(e.into()),
        }
        let [stopped, stirred] = fds.map(|fd| fd.any().unwrap_or(false));
        if stopped {
            return Ok(Woken::Stopped);
        }
        if !stirred {
            return Ok(Woken::Quiet);
        }
        while self.inotify.read_events().is_ok_and(|events| !events.is_empty()) {}
        Ok(Woken::Stirred)
    }
}

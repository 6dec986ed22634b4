//! Names that come, go and change, with who did it: fanotify events that tell folder handles and names.

use super::handle::{FolderKey, key_of};
use crate::platform::event::SensorEvent;
use nix::errno::Errno;
use nix::fcntl::AT_FDCWD;
use nix::libc;
use nix::sys::fanotify::{EventFFlags, Fanotify, InitFlags, MarkFlags, MaskFlags};
use std::collections::HashMap;
use std::ffi::OsStr;
use std::io;
use std::os::fd::{AsFd as _, BorrowedFd};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

/// Size of `struct fanotify_event_metadata`.
const HEAD: usize = 24;
/// Kinds of `struct fanotify_event_info_header` that hold a folder's handle and a name.
const NAMED: u8 = 2;
const OLD_NAMED: u8 = 10;
const NEW_NAMED: u8 = 12;

pub(super) struct Tree {
    group: Fanotify,
    own: i32,
    folders: HashMap<FolderKey, PathBuf>,
}

impl Tree {
    /// Starts a group that tells names.
    ///
    /// # Errors
    /// `EPERM` without the right, `EINVAL` where the kernel is older than 5.17.
    pub(super) fn start() -> io::Result<Self> {
        let names = InitFlags::from_bits_retain(libc::FAN_REPORT_DIR_FID | libc::FAN_REPORT_NAME);
        let flags = InitFlags::FAN_CLASS_NOTIF
            | InitFlags::FAN_CLOEXEC
            | InitFlags::FAN_NONBLOCK
            | InitFlags::FAN_UNLIMITED_QUEUE
            | InitFlags::FAN_UNLIMITED_MARKS
            | names;
        let group = Fanotify::init(flags, EventFFlags::O_RDONLY | EventFFlags::O_CLOEXEC)?;
        Ok(Self { group, own: i32::try_from(std::process::id()).unwrap_or(-1), folders: HashMap::new() })
    }

    /// Tells names in `folder` from now on.
    pub(super) fn mark(&mut self, folder: &Path) -> io::Result<()> {
        let key = key_of(folder)?;
        let add = MarkFlags::FAN_MARK_ADD | MarkFlags::FAN_MARK_ONLYDIR | MarkFlags::FAN_MARK_DONT_FOLLOW;
        let mask = MaskFlags::FAN_CREATE | MaskFlags::FAN_DELETE | MaskFlags::FAN_RENAME | MaskFlags::FAN_ONDIR;
        self.group.mark(add, mask, AT_FDCWD, Some(folder))?;
        self.folders.insert(key, folder.to_owned());
        Ok(())
    }

    pub(super) fn fd(&self) -> BorrowedFd<'_> {
        self.group.as_fd()
    }

    /// Reads all that waits into `events`.
    ///
    /// # Errors
    /// Those of the read.
    pub(super) fn drain(&mut self, events: &mut Vec<SensorEvent>) -> io::Result<()> {
        let mut buffer = vec![0_u8; 64 * 1024];
        loop {
            let count = match nix::unistd::read(&self.group, &mut buffer) {
                Ok(count) => count,
                Err(Errno::EAGAIN) => return Ok(()),
                Err(Errno::EINTR) => continue,
                Err(e) => return Err(e.into()),
            };
            let mut rest = buffer.get(..count).unwrap_or_default();
            while let Some(length) = number::<4>(rest, 0).map(|bytes| u32::from_ne_bytes(bytes) as usize) {
                let Some((event, next)) = rest.split_at_checked(length.max(HEAD)) else { break };
                self.sort(event, events);
                rest = next;
            }
        }
    }

    fn sort(&mut self, event: &[u8], events: &mut Vec<SensorEvent>) {
        let Some(head) = Head::read(event) else { return };
        if head.mask.contains(MaskFlags::FAN_Q_OVERFLOW) {
            events.push(SensorEvent::Overflow);
            return;
        }
        let own = head.pid == self.own;
        let pid = u32::try_from(head.pid).ok();
        let folder = head.mask.contains(MaskFlags::FAN_ONDIR);
        let (mut named, mut from, mut to) = (None, None, None);
        for (kind, body) in Infos(event.get(HEAD..).unwrap_or_default()) {
            let path = self.path(body);
            match kind {
                NAMED => named = path,
                OLD_NAMED => from = path,
                NEW_NAMED => to = path,
                _ => {}
            }
        }
        if head.mask.contains(MaskFlags::FAN_RENAME) {
            if folder {
                self.folder_renamed(from.as_deref(), to.as_deref());
            }
            if !own && (from.is_some() || to.is_some()) {
                events.push(SensorEvent::Renamed { from, to, folder, pid });
            }
            return;
        }
        let Some(path) = named else { return };
        let there = std::fs::symlink_metadata(&path).is_ok();
        let created = head.mask.contains(MaskFlags::FAN_CREATE);
        if head.mask.contains(MaskFlags::FAN_DELETE) {
            if folder {
                self.folders.retain(|_, known| !known.starts_with(&path));
            } else if !own && (!created || there) {
                events.push(SensorEvent::Deleted { path: path.clone(), pid });
            }
        }
        match (created && there, folder) {
            (true, true) => events.push(SensorEvent::FolderAppeared { path }),
            (true, false) if !own => events.push(SensorEvent::Created { path, pid }),
            _ => {}
        }
    }

    /// The path that an info record names, if its folder is known.
    fn path(&self, body: &[u8]) -> Option<PathBuf> {
        let handle_bytes = u32::from_ne_bytes(number(body, 8)?) as usize;
        let end = 16 + handle_bytes;
        let mut key = body.get(..8)?.to_vec();
        key.extend(body.get(12..end)?);
        let name = body.get(end..)?.split(|byte| *byte == 0).next()?;
        Some(self.folders.get(&key)?.join(OsStr::from_bytes(name)))
    }

    fn folder_renamed(&mut self, from: Option<&Path>, to: Option<&Path>) {
        match (from, to) {
            (Some(from), Some(to)) => {
                for path in self.folders.values_mut() {
                    if let Ok(rest) = path.strip_prefix(from) {
                        *path = if rest.as_os_str().is_empty() { to.to_owned() } else { to.join(rest) };
                    }
                }
            }
            (Some(from), None) => self.folders.retain(|_, path| !path.starts_with(from)),
            _ => {}
        }
    }
}

struct Head {
    mask: MaskFlags,
    pid: i32,
}

impl Head {
    fn read(event: &[u8]) -> Option<Self> {
        let mask = u64::from_ne_bytes(number(event, 8)?);
        Some(Self { mask: MaskFlags::from_bits_truncate(mask), pid: i32::from_ne_bytes(number(event, 20)?) })
    }
}

/// The info records of an event: kind, and body from the file system id on.
struct Infos<'a>(&'a [u8]);

impl<'a> Iterator for Infos<'a> {
    type Item = (u8, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let kind = *self.0.first()?;
        let length = usize::from(u16::from_ne_bytes(number(self.0, 2)?)).max(4);
        let (record, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some((kind, record.get(4..)?))
    }
}

fn number<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..at.checked_add(N)?)?.try_into().ok()
}

//! Which programs start: the kernel tells that one did (process events connector, as for `kin`), /proc shows what it is. What
//! has ended before it could be looked at is not seen.

use super::connector::{ANSWER, EQUAL, HEAD, LOAD, PROCESSES, in_filter, pass_on, step, subscribe};
use super::process::Process;
use baluardo_detect::sigma::logs::Start;
use nix::libc;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Read as _};
use std::os::fd::{AsFd as _, BorrowedFd};
use std::time::Instant;

/// `PROC_EVENT_EXEC`.
const EXEC: u32 = 2;
/// Longest command line that is looked at, in bytes.
const LONGEST: u64 = 4_096;
/// Most starts that are looked at in a second over time, and at once: a build starts some hundreds a second.
const A_SECOND: f64 = 200.0;
const AT_ONCE: f64 = 2_000.0;
/// Most users whose names are remembered.
const MOST_USERS: usize = 256;

/// Listens to the kernel.
pub struct Starts {
    events: File,
    users: HashMap<u32, String>,
    left: f64,
    filled: Instant,
}

/// What happened.
#[derive(Debug, PartialEq, Eq)]
pub enum Told {
    /// A program started.
    Started(Start),
    /// So many were not looked at: too many at once.
    Lost(u64),
}

impl Starts {
    /// Listens from now on.
    ///
    /// # Errors
    /// Where this user or kernel is not told.
    pub fn listen() -> io::Result<Self> {
        let events = subscribe()?;
        if let Err(e) = only_starts(&events) {
            tracing::debug!("the kernel tells of more than starts: {e}");
        }
        Ok(Self { events, users: HashMap::new(), left: AT_ONCE, filled: Instant::now() })
    }

    /// Whether the programs of all users can be looked at. A newer kernel tells everybody that one started (since 6.6), but
    /// shows only to root what it is.
    #[must_use]
    pub fn sees_all() -> bool {
        nix::unistd::geteuid().is_root()
    }

    /// Waits until something happens, and hands it on. False once `stop` was closed or written to.
    ///
    /// # Errors
    /// Those of `poll(2)`.
    pub fn wait(&mut self, stop: BorrowedFd<'_>, take: &mut dyn FnMut(Told)) -> io::Result<bool> {
        let mut fds = [PollFd::new(self.events.as_fd(), PollFlags::POLLIN), PollFd::new(stop, PollFlags::POLLIN)];
        match poll(&mut fds, PollTimeout::NONE) {
            Ok(_) | Err(nix::errno::Errno::EINTR) => {}
            Err(e) => return Err(e.into()),
        }
        if fds[1].any().unwrap_or(false) {
            return Ok(false);
        }
        self.read_all(take);
        Ok(true)
    }

    fn read_all(&mut self, take: &mut dyn FnMut(Told)) {
        let mut bytes = [0; 1_024];
        let mut lost = 0;
        loop {
            match self.events.read(&mut bytes) {
                Ok(length) => match bytes.get(..length).and_then(ran) {
                    Some(pid) if self.may_look() => {
                        if let Some(start) = self.look(pid) {
                            take(Told::Started(start));
                        }
                    }
                    Some(_) => lost += 1,
                    None => {}
                },
                Err(e) if e.kind() == ErrorKind::Interrupted => {}
                // The kernel dropped some for want of room, and does not say how many.
                Err(e) if e.raw_os_error() == Some(libc::ENOBUFS) => lost += 1,
                Err(_) => break,
            }
        }
        if lost > 0 {
            take(Told::Lost(lost));
        }
    }

    fn may_look(&mut self) -> bool {
        let now = Instant::now();
        let since = now.duration_since(self.filled).as_secs_f64();
        self.filled = now;
        self.left = since.mul_add(A_SECOND, self.left).min(AT_ONCE);
        let may = self.left >= 1.0;
        if may {
            self.left -= 1.0;
        }
        may
    }

    fn look(&mut self, pid: u32) -> Option<Start> {
        use std::os::unix::fs::MetadataExt as _;
        let process = Process::read(pid).filter(|process| !process.kernel)?;
        let uid = fs::metadata(format!("/proc/{pid}")).ok()?.uid();
        Some(Start {
            pid,
            image: image(pid)?,
            command: command(pid),
            parent: process.parent,
            parent_image: image(process.parent).unwrap_or_default(),
            parent_command: command(process.parent),
            user: self.user(uid),
        })
    }

    /// The name in `/etc/passwd`: another source might be the network, which nobody waits for here.
    fn user(&mut self, uid: u32) -> String {
        if let Some(name) = self.users.get(&uid) {
            return name.clone();
        }
        if self.users.len() >= MOST_USERS {
            self.users.clear();
        }
        let passwd = fs::read_to_string("/etc/passwd").unwrap_or_default();
        let named = passwd.lines().find_map(|line| {
            let mut parts = line.split(':');
            let (name, number) = (parts.next()?, parts.nth(1)?);
            (number.parse() == Ok(uid)).then(|| name.to_owned())
        });
        let name = named.unwrap_or_else(|| uid.to_string());
        self.users.insert(uid, name.clone());
        name
    }
}

/// The path of a program. One whose file was deleted since still bears its name.
fn image(pid: u32) -> Option<String> {
    let path = fs::read_link(format!("/proc/{pid}/exe")).ok()?.to_string_lossy().into_owned();
    Some(path.strip_suffix(" (deleted)").map(str::to_owned).unwrap_or(path))
}

fn command(pid: u32) -> String {
    let mut bytes = Vec::new();
    if let Ok(file) = File::open(format!("/proc/{pid}/cmdline")) {
        let _ = file.take(LONGEST).read_to_end(&mut bytes);
    }
    let words: Vec<_> = bytes.split(|byte| *byte == 0).map(String::from_utf8_lossy).collect();
    words.join(" ").trim_end().to_owned()
}

/// The process, if this message tells that it loaded a program.
fn ran(message: &[u8]) -> Option<u32> {
    let number = |at: usize| Some(u32::from_ne_bytes(message.get(HEAD + at..HEAD + at + 4)?.try_into().ok()?));
    let told = message.get(16..24)? == PROCESSES.as_slice() && number(0)? == EXEC;
    // What happened, the processor, the time (eight bytes), the thread; then its process.
    let process = number(20)?;
    told.then_some(process)
}

/// Lets the kernel pass on only what tells of a started program: nobody is woken for the rest.
fn only_starts(events: &File) -> io::Result<()> {
    let mut steps = [
        step(LOAD, 0, 0, HEAD as u32),
        step(EQUAL, 0, 1, in_filter(EXEC)),
        step(ANSWER, 0, 0, u32::MAX),
        step(ANSWER, 0, 0, 0),
    ];
    pass_on(events, &mut steps)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::net::UnixStream;
    use std::process::Command;

    #[test]
    fn a_program_that_starts_is_seen_where_the_kernel_tells() {
        let Ok(mut starts) = Starts::listen() else {
            println!("skipped: this kernel or user is not told which programs start");
            return;
        };
        let (stop, _keep) = UnixStream::pair().unwrap();
        let mut program = Command::new("sleep").arg("61.25").spawn().unwrap();
        let mut seen = None;
        while seen.is_none() {
            let take = &mut |told| match told {
                Told::Started(start) if start.command == "sleep 61.25" => seen = Some(start),
                _ => {}
            };
            assert!(starts.wait(stop.as_fd(), take).unwrap());
        }
        program.kill().unwrap();
        program.wait().unwrap();
        let seen = seen.unwrap();
        assert_eq!((seen.pid, seen.parent), (program.id(), std::process::id()));
        assert!(seen.image.ends_with("sleep") || seen.image.ends_with("coreutils"), "{}", seen.image);
        assert!(!seen.parent_image.is_empty() && !seen.user.is_empty());
    }

    #[test]
    fn whoever_waits_is_told_to_stop() {
        let Ok(mut starts) = Starts::listen() else {
            println!("skipped: this kernel or user is not told which programs start");
            return;
        };
        let (stop, other) = UnixStream::pair().unwrap();
        drop(other);
        assert!(!starts.wait(stop.as_fd(), &mut |_| {}).unwrap());
    }

    #[test]
    fn only_a_loaded_program_is_a_start() {
        let message = |what: u32| {
            let mut bytes = vec![0; 16];
            bytes.extend(PROCESSES);
            bytes.extend([0; 12]);
            for number in [what, 0, 0, 0, 8, 7] {
                bytes.extend(number.to_ne_bytes());
            }
            bytes
        };
        assert_eq!(ran(&message(EXEC)), Some(7));
        assert_eq!(ran(&message(1)), None);
        let whole = message(EXEC);
        for length in 0..whole.len() {
            assert_eq!(ran(&whole[..length]), None);
        }
    }
}

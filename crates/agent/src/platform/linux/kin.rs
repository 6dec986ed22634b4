//! Who started whom, as the kernel tells it (process events connector, `Documentation/driver-api/connector.rst`). A program
//! that deletes one file and ends is gone before anybody could ask /proc for its parent.

use crate::lock::locked;
use nix::libc;
use std::collections::{HashMap, VecDeque};
use std::fs::File;
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::os::fd::{AsRawFd as _, FromRawFd as _, OwnedFd};
use std::path::Path;
use std::sync::Mutex;

/// Most processes whose parent is remembered.
const MOST: usize = 16_384;
/// Bytes that may wait to be read: some seconds of a busy machine.
const WAITING: libc::c_int = 4 * 1024 * 1024;

/// `CN_IDX_PROC` and `CN_VAL_PROC` of the connector.
pub(super) const PROCESSES: [u8; 8] = [1, 0, 0, 0, 1, 0, 0, 0];
/// Bytes before the event: the headers of netlink (16) and of the connector (20).
pub(super) const HEAD: usize = 36;
/// `PROC_EVENT_FORK`.
const FORK: u32 = 1;

/// What is known of parents. Where the kernel does not tell, nothing is.
pub struct Kin(Option<Mutex<Inner>>);

struct Inner {
    events: File,
    parents: HashMap<u32, u32>,
    oldest: VecDeque<u32>,
}

impl Kin {
    /// Listens from now on, where this process may.
    #[must_use]
    pub fn listen() -> Self {
        match subscribe() {
            Ok(events) => Self(Some(Mutex::new(Inner { events, parents: HashMap::new(), oldest: VecDeque::new() }))),
            Err(e) => {
                tracing::debug!("the kernel does not tell who starts whom: {e}");
                Self(None)
            }
        }
    }

    /// The process that started `pid`, if that was told; also when both have ended.
    #[must_use]
    pub fn parent(&self, pid: u32) -> Option<u32> {
        let mut inner = locked(self.0.as_ref()?);
        inner.catch_up();
        inner.parents.get(&pid).copied()
    }

    /// Takes in what the kernel told, so that none of it is dropped for want of room.
    pub fn catch_up(&self) {
        if let Some(inner) = &self.0 {
            locked(inner).catch_up();
        }
    }
}

impl Inner {
    fn catch_up(&mut self) {
        let mut bytes = [0; 1_024];
        loop {
            match self.events.read(&mut bytes) {
                Ok(length) => {
                    if let Some((parent, child)) = bytes.get(..length).and_then(forked) {
                        self.note(parent, child);
                    }
                }
                Err(e) if e.kind() == ErrorKind::Interrupted => {}
                // The kernel dropped some for want of room: those after them can still be read.
                Err(e) if e.raw_os_error() == Some(libc::ENOBUFS) => {}
                Err(_) => return,
            }
        }
    }

    fn note(&mut self, parent: u32, child: u32) {
        if self.parents.insert(child, parent).is_none() {
            self.oldest.push_back(child);
        }
        while self.parents.len() > MOST
            && let Some(oldest) = self.oldest.pop_front()
        {
            self.parents.remove(&oldest);
        }
    }
}

/// Parent and child, if this message tells of a new process; a new thread is none.
fn forked(message: &[u8]) -> Option<(u32, u32)> {
    let number = |at: usize| Some(u32::from_ne_bytes(message.get(HEAD + at..HEAD + at + 4)?.try_into().ok()?));
    let told = message.get(16..24)? == PROCESSES.as_slice() && number(0)? == FORK;
    // What happened, the processor, the time (eight bytes); then thread and process of the parent, and of the child.
    let (parent, thread, process) = (number(20)?, number(24)?, number(28)?);
    (told && thread == process).then_some((parent, process))
}

/// The number of the first namespace of processes (`PROC_PID_INIT_INO`).
const FIRST_NAMESPACE: &str = "pid:[4026531836]";

/// Opens the connector and asks for the events of processes. In a container the kernel would take the question and never
/// answer: it tells only the first namespace of processes.
#[expect(unsafe_code, reason = "nix knows no socket of NETLINK_CONNECTOR; each call gets a buffer of its own size")]
pub(super) fn subscribe() -> io::Result<File> {
    if std::fs::read_link("/proc/self/ns/pid").is_ok_and(|own| own != Path::new(FIRST_NAMESPACE)) {
        return Err(io::Error::new(
            ErrorKind::Unsupported,
            "this is a container, and the kernel tells only outside of it",
        ));
    }
    let kind = libc::SOCK_DGRAM | libc::SOCK_CLOEXEC | libc::SOCK_NONBLOCK;
    // SAFETY: no pointer is passed, and the descriptor is owned by nobody else.
    let socket = unsafe {
        let number = libc::socket(libc::AF_NETLINK, kind, libc::NETLINK_CONNECTOR);
        if number < 0 {
            return Err(io::Error::last_os_error());
        }
        OwnedFd::from_raw_fd(number)
    };
    // SAFETY: all zeros are a valid address of netlink.
    let mut address: libc::sockaddr_nl = unsafe { std::mem::zeroed() };
    address.nl_family = libc::AF_NETLINK as libc::sa_family_t;
    address.nl_groups = 1;
    let length = size_of_val(&address) as libc::socklen_t;
    // SAFETY: the pointer and the length are those of one local value, which the call only reads.
    if unsafe { libc::bind(socket.as_raw_fd(), (&raw const address).cast(), length) } < 0 {
        return Err(io::Error::last_os_error());
    }
    let room = WAITING;
    // SAFETY: the pointer and the length are those of one local value, which the call only reads. A refusal leaves less room.
    unsafe {
        let size = size_of_val(&room) as libc::socklen_t;
        libc::setsockopt(socket.as_raw_fd(), libc::SOL_SOCKET, libc::SO_RCVBUFFORCE, (&raw const room).cast(), size);
    }
    let mut events = File::from(socket);
    events.write_all(&listen_message())?;
    Ok(events)
}

/// `PROC_CN_MCAST_LISTEN` in its two headers.
fn listen_message() -> Vec<u8> {
    let mut message = Vec::with_capacity(40);
    message.extend(40_u32.to_ne_bytes());
    message.extend((libc::NLMSG_DONE as u16).to_ne_bytes());
    // Flags, sequence and sender of netlink: none, 0, the kernel fills it in.
    message.extend([0; 10]);
    message.extend(PROCESSES);
    // Sequence and acknowledgement of the connector.
    message.extend([0; 8]);
    message.extend(4_u16.to_ne_bytes());
    message.extend(0_u16.to_ne_bytes());
    message.extend(1_u32.to_ne_bytes());
    message
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    #[test]
    fn the_parent_of_a_program_that_ended_is_known_where_the_kernel_tells() {
        let kin = Kin::listen();
        let mut program = Command::new("true").spawn().unwrap();
        program.wait().unwrap();
        match kin.parent(program.id()) {
            Some(parent) => assert_eq!(parent, std::process::id()),
            None => println!("skipped: this kernel or user is not told who starts whom"),
        }
        assert_eq!(kin.parent(u32::MAX), None);
    }

    #[test]
    fn other_messages_and_threads_are_passed_over() {
        let message = |what: u32, thread: u32, process: u32| {
            let mut bytes = vec![0; 16];
            bytes.extend(PROCESSES);
            bytes.extend([0; 12]);
            for number in [what, 0, 0, 0, 7, 7, thread, process] {
                bytes.extend(number.to_ne_bytes());
            }
            bytes
        };
        assert_eq!(forked(&message(FORK, 9, 9)), Some((7, 9)));
        assert_eq!(forked(&message(FORK, 10, 9)), None, "a thread");
        assert_eq!(forked(&message(2, 9, 9)), None, "a program was loaded");
        let whole = message(FORK, 9, 9);
        for length in 0..whole.len() {
            assert_eq!(forked(&whole[..length]), None);
        }
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let events = File::open("/dev/null").unwrap();
        let mut inner = Inner { events, parents: HashMap::new(), oldest: VecDeque::new() };
        for child in 1..=u32::try_from(MOST).unwrap() + 5 {
            inner.note(1, child);
        }
        assert_eq!((inner.parents.len(), inner.oldest.len()), (MOST, MOST));
        assert!(!inner.parents.contains_key(&5) && inner.parents.contains_key(&6));
    }
}

//! Who started whom, as the kernel tells it (process events connector, `Documentation/driver-api/connector.rst`). A program
//! that deletes one file and ends is gone before anybody could ask /proc for its parent.

use super::connector::{ANSWER, EQUAL, HEAD, KEEP, LOAD, PROCESSES, SAME, in_filter, pass_on, step, subscribe};
use crate::lock::locked;
use nix::libc;
use std::collections::{HashMap, VecDeque};
use std::fs::File;
use std::io::{self, ErrorKind, Read as _};
use std::sync::Mutex;

/// Most processes whose parent is remembered.
const MOST: usize = 16_384;
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
            Ok(events) => {
                if let Err(e) = only_births(&events) {
                    tracing::debug!("the kernel tells of more than new processes: {e}");
                }
                Self(Some(Mutex::new(Inner { events, parents: HashMap::new(), oldest: VecDeque::new() })))
            }
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

/// Lets the kernel pass on only what tells of a new process, not of a new thread: what waits to be read stays little.
fn only_births(events: &File) -> io::Result<()> {
    let head = HEAD as u32;
    pass_on(
        events,
        &mut [
            step(LOAD, 0, 0, head),
            step(EQUAL, 0, 4, in_filter(FORK)),
            // The thread and the process of the child are one and the same.
            step(LOAD, 0, 0, head + 24),
            step(KEEP, 0, 0, 0),
            step(LOAD, 0, 0, head + 28),
            step(SAME, 1, 0, 0),
            step(ANSWER, 0, 0, 0),
            step(ANSWER, 0, 0, u32::MAX),
        ],
    )
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

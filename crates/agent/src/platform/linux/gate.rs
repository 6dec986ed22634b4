//! The gate: fanotify permission events hold a process until it is answered, and the same queue tells who wrote, so that
//! what a process did always comes before what it asks next.
//!
//! A listener that does not answer hangs the whole machine. Therefore every question has a deadline that a watchdog keeps,
//! the number of open questions is bounded, the agent's own opens are let through at once, and a fault of the listener
//! closes the group, which lets everyone go on.

use crate::lock::locked;
use crate::platform::event::{SensorEvent, Ticket};
use nix::errno::Errno;
use nix::fcntl::AT_FDCWD;
use nix::sys::fanotify::{
    EventFFlags, Fanotify, FanotifyEvent, FanotifyResponse, InitFlags, MarkFlags, MaskFlags, Response,
};
use std::collections::VecDeque;
use std::fs::File;
use std::io;
use std::os::fd::{AsFd as _, AsRawFd as _, BorrowedFd};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError, Weak};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Most questions that may be open at once; beyond, files open unjudged. Each costs a descriptor.
const MOST_OPEN: usize = 512;

pub(super) struct Gate {
    group: Arc<Fanotify>,
    own: i32,
    open: Arc<AtomicUsize>,
    clock: Arc<Deadlines>,
    watchdog: Option<JoinHandle<()>>,
}

struct Deadlines {
    patience: Duration,
    questions: Mutex<VecDeque<(Instant, Weak<Question>)>>,
    wake: Condvar,
    over: AtomicBool,
    late: AtomicUsize,
}

#[derive(Debug)]
struct Question {
    event: FanotifyEvent,
    /// Weak, so that a question in slow hands does not keep a group open that nobody reads any more.
    group: Weak<Fanotify>,
    answered: AtomicBool,
    open: Arc<AtomicUsize>,
}

impl Gate {
    /// Starts a gate whose questions are answered with "yes" after `patience`.
    ///
    /// # Errors
    /// `EPERM` without the right `CAP_SYS_ADMIN`.
    pub(super) fn start(patience: Duration) -> io::Result<Self> {
        let flags = InitFlags::FAN_CLASS_CONTENT
            | InitFlags::FAN_CLOEXEC
            | InitFlags::FAN_NONBLOCK
            | InitFlags::FAN_UNLIMITED_QUEUE
            | InitFlags::FAN_UNLIMITED_MARKS;
        let files = EventFFlags::O_RDONLY | EventFFlags::O_LARGEFILE | EventFFlags::O_CLOEXEC;
        let group = Arc::new(Fanotify::init(flags, files)?);
        let clock = Arc::new(Deadlines {
            patience,
            questions: Mutex::new(VecDeque::new()),
            wake: Condvar::new(),
            over: AtomicBool::new(false),
            late: AtomicUsize::new(0),
        });
        let keeper = Arc::clone(&clock);
        let watchdog = std::thread::Builder::new().name("watchdog".to_owned()).spawn(move || keeper.keep())?;
        let own = i32::try_from(std::process::id()).unwrap_or(-1);
        Ok(Self { group, own, open: Arc::default(), clock, watchdog: Some(watchdog) })
    }

    /// Gates the files that lie directly in `folder`.
    pub(super) fn mark_folder(&self, folder: &Path) -> io::Result<()> {
        let add = MarkFlags::FAN_MARK_ADD | MarkFlags::FAN_MARK_ONLYDIR | MarkFlags::FAN_MARK_DONT_FOLLOW;
        Ok(self.group.mark(add, watched() | MaskFlags::FAN_EVENT_ON_CHILD, AT_FDCWD, Some(folder))?)
    }

    /// Gates a folder of the agent's own: who opens or lists it is asked for too.
    pub(super) fn mark_private(&self, folder: &Path) -> io::Result<()> {
        let add = MarkFlags::FAN_MARK_ADD | MarkFlags::FAN_MARK_ONLYDIR | MarkFlags::FAN_MARK_DONT_FOLLOW;
        let what = MaskFlags::FAN_OPEN_PERM | MaskFlags::FAN_EVENT_ON_CHILD | MaskFlags::FAN_ONDIR;
        Ok(self.group.mark(add, what, AT_FDCWD, Some(folder))?)
    }

    /// Gates all files of the mount at `folder`.
    pub(super) fn mark_mount(&self, folder: &Path) -> io::Result<()> {
        Ok(self.group.mark(MarkFlags::FAN_MARK_ADD | MarkFlags::FAN_MARK_MOUNT, watched(), AT_FDCWD, Some(folder))?)
    }

    pub(super) fn fd(&self) -> BorrowedFd<'_> {
        self.group.as_fd()
    }

    /// Questions that the watchdog had to answer.
    pub(super) fn late(&self) -> usize {
        self.clock.late.load(Ordering::SeqCst)
    }

    /// Reads what waits, adds it to `events`, and answers at once what needs no judgement.
    ///
    /// # Errors
    /// Those of the read; the gate must then be dropped.
    pub(super) fn read(&self, events: &mut Vec<SensorEvent>) -> io::Result<()> {
        let batch = match self.group.read_events() {
            Ok(batch) => batch,
            Err(Errno::EAGAIN | Errno::EINTR) => return Ok(()),
            Err(e) => return Err(e.into()),
        };
        for event in batch {
            if !event.check_version() {
                return Err(io::Error::other("the kernel speaks another version of fanotify"));
            }
            self.sort(event, events);
        }
        Ok(())
    }

    fn sort(&self, event: FanotifyEvent, events: &mut Vec<SensorEvent>) {
        let Some(fd) = event.fd() else {
            events.push(SensorEvent::Overflow);
            return;
        };
        let mask = event.mask();
        let pid = u32::try_from(event.pid()).ok();
        let path = if event.pid() == self.own { None } else { path_of(fd) };
        if mask.intersects(MaskFlags::FAN_OPEN_PERM | MaskFlags::FAN_OPEN_EXEC_PERM) {
            let run = mask.contains(MaskFlags::FAN_OPEN_EXEC_PERM);
            let ticket = self.question(event);
            if let (Some(path), Some(pid), Some(ticket)) = (path, pid, ticket) {
                events.push(SensorEvent::Asked { ticket: Box::new(ticket), path, pid, run });
            }
        } else if let Some(path) = path {
            let closed = mask.contains(MaskFlags::FAN_CLOSE_WRITE);
            events.push(SensorEvent::Written { path, pid, closed });
        }
    }

    /// A question of someone else; those of the agent itself, and those beyond the bound, are answered here.
    fn question(&self, event: FanotifyEvent) -> Option<Answer> {
        let own = event.pid() == self.own;
        let open = self.open.fetch_add(1, Ordering::Relaxed);
        let group = Arc::downgrade(&self.group);
        let question =
            Arc::new(Question { event, group, answered: AtomicBool::new(false), open: Arc::clone(&self.open) });
        if own || open >= MOST_OPEN {
            return None;
        }
        self.clock.note(&question);
        Some(Answer(question))
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        self.clock.end();
        if let Some(watchdog) = self.watchdog.take() {
            let _ = watchdog.join();
        }
    }
}

fn watched() -> MaskFlags {
    MaskFlags::FAN_OPEN_PERM | MaskFlags::FAN_OPEN_EXEC_PERM | MaskFlags::FAN_CLOSE_WRITE | MaskFlags::FAN_MODIFY
}

/// The path of an open file; none when it has no name any more.
fn path_of(fd: BorrowedFd<'_>) -> Option<PathBuf> {
    let stat = nix::sys::stat::fstat(fd).ok()?;
    let path = std::fs::read_link(format!("/proc/self/fd/{}", fd.as_raw_fd())).ok()?;
    (stat.st_nlink > 0).then_some(path)
}

impl Question {
    /// `false` when it was answered before.
    fn answer(&self, response: Response) -> bool {
        let first = self.claim();
        if first {
            self.send(response);
        }
        first
    }

    /// Takes the right to answer, which only one hand ever gets.
    fn claim(&self) -> bool {
        !self.answered.swap(true, Ordering::SeqCst)
    }

    fn send(&self, response: Response) {
        if let (Some(fd), Some(group)) = (self.event.fd(), self.group.upgrade()) {
            let _ = group.write_response(FanotifyResponse::new(fd, response));
        }
    }
}

impl Drop for Question {
    fn drop(&mut self) {
        self.answer(Response::FAN_ALLOW);
        self.open.fetch_sub(1, Ordering::Relaxed);
    }
}

#[derive(Debug)]
struct Answer(Arc<Question>);

impl Ticket for Answer {
    fn file(&self) -> io::Result<File> {
        let fd = self.0.event.fd().ok_or_else(|| io::Error::other("the event has no file"))?;
        Ok(File::from(fd.try_clone_to_owned()?))
    }

    fn allow(self: Box<Self>) {
        self.0.answer(Response::FAN_ALLOW);
    }

    fn refuse(self: Box<Self>) -> bool {
        self.0.answer(Response::FAN_DENY)
    }
}

impl Deadlines {
    /// Ends the watchdog's life.
    fn end(&self) {
        let _held = locked(&self.questions);
        self.over.store(true, Ordering::SeqCst);
        self.wake.notify_all();
    }

    fn note(&self, question: &Arc<Question>) {
        locked(&self.questions).push_back((Instant::now() + self.patience, Arc::downgrade(question)));
        self.wake.notify_one();
    }

    /// The watchdog's life: lets go whoever waited too long. It holds no question open itself.
    fn keep(&self) {
        let mut questions = locked(&self.questions);
        while !self.over.load(Ordering::SeqCst) {
            let now = Instant::now();
            match questions.front() {
                Some((deadline, question)) if *deadline <= now || question.strong_count() == 0 => {
                    let late = questions.pop_front().and_then(|(_, question)| question.upgrade());
                    if let Some(question) = late.filter(|question| question.claim()) {
                        // Counted before the process goes on, so that whoever sees it go on sees the count.
                        self.late.fetch_add(1, Ordering::SeqCst);
                        question.send(Response::FAN_ALLOW);
                    }
                }
                Some((deadline, _)) => {
                    let wait = deadline.saturating_duration_since(now);
                    questions = self.wake.wait_timeout(questions, wait).map_or_else(|e| e.into_inner().0, |(q, _)| q);
                }
                None => questions = self.wake.wait(questions).unwrap_or_else(PoisonError::into_inner),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::{Command, Stdio};

    /// A gate on a folder with one file; none where the right is missing.
    fn gate(patience: Duration) -> Option<(tempfile::TempDir, PathBuf, Gate)> {
        let gate = match Gate::start(patience) {
            Ok(gate) => gate,
            Err(e) => {
                eprintln!("skipped: files cannot be held back here: {e}");
                return None;
            }
        };
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().canonicalize().unwrap().join("file");
        std::fs::write(&file, b"content").unwrap();
        gate.mark_folder(dir.path()).unwrap();
        Some((dir, file, gate))
    }

    fn asked(gate: &Gate) -> Box<dyn Ticket> {
        let mut events = Vec::new();
        loop {
            gate.read(&mut events).unwrap();
            if let Some(SensorEvent::Asked { ticket, .. }) = events.pop() {
                return ticket;
            }
        }
    }

    fn reader(file: &Path) -> std::process::Child {
        Command::new("cat").arg(file).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    }

    #[test]
    fn the_watchdog_lets_go_when_no_verdict_comes() {
        let Some((_dir, file, gate)) = gate(Duration::from_millis(100)) else { return };
        let mut child = reader(&file);
        let hanging = asked(&gate);
        assert!(child.wait().unwrap().success());
        assert_eq!(gate.late(), 1);
        assert!(!hanging.refuse(), "a verdict that comes too late changes nothing");
    }

    #[test]
    fn a_refusal_is_felt_and_a_dropped_ticket_allows() {
        let Some((_dir, file, gate)) = gate(Duration::from_secs(60)) else { return };
        let mut refused = reader(&file);
        assert!(asked(&gate).refuse());
        assert!(!refused.wait().unwrap().success());
        let mut forgotten = reader(&file);
        drop(asked(&gate));
        assert!(forgotten.wait().unwrap().success());
        assert_eq!(gate.late(), 0);
        assert_eq!(gate.open.load(Ordering::Relaxed), 0, "every descriptor is given back");
    }

    #[test]
    fn a_listener_that_ends_lets_everyone_go() {
        let Some((_dir, file, gate)) = gate(Duration::from_secs(60)) else { return };
        let mut child = reader(&file);
        let hanging = asked(&gate);
        drop(gate);
        assert!(child.wait().unwrap().success());
        drop(hanging);
        assert!(reader(&file).wait().unwrap().success());
    }

    #[test]
    fn the_agents_own_opens_are_never_asked() {
        let Some((_dir, file, gate)) = gate(Duration::from_secs(60)) else { return };
        let opener = std::thread::spawn(move || std::fs::read(file).unwrap());
        let mut events = Vec::new();
        while !opener.is_finished() {
            gate.read(&mut events).unwrap();
        }
        assert_eq!(opener.join().unwrap(), b"content");
        assert!(events.is_empty());
    }
}

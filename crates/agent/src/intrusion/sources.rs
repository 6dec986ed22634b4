//! Where events come from: the journal, or log files where there is none, and the starts of programs. Each has a thread that
//! sleeps until there is something to read.

use super::ears::Ears;
use crate::link::backoff::Backoff;
use crate::platform::changes::{Changes, homes};
use crate::platform::journal::{self, Reader};
use crate::platform::starts::{Starts, Told};
use crate::platform::tail::{Mark, Tail};
use baluardo_detect::sigma::logs::Start;
use baluardo_model::Chance;
use std::io;
use std::os::fd::AsFd as _;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Files that syslog writes: Debian's and Red Hat's.
const LOG_FILES: [&str; 4] = ["/var/log/auth.log", "/var/log/syslog", "/var/log/secure", "/var/log/messages"];
/// Rests between two starts of the journal's reader.
const FIRST_REST: Duration = Duration::from_secs(1);
const LONGEST_REST: Duration = Duration::from_secs(300);
/// A reader that ran for so long was well.
const WELL: Duration = Duration::from_secs(60);
/// What is written within this time is read at once.
const GATHER: Duration = Duration::from_millis(250);

/// What is heard.
pub(super) enum Heard {
    /// An entry of the journal, as JSON.
    Entry(Vec<u8>),
    /// A line of a log file, and how far it was read with it.
    Line(Mark, String),
    /// A log file is read from here on.
    Begun(Mark),
    /// A program started.
    Started(Start),
    /// A file that matters was written.
    Changed(PathBuf),
    /// So many starts or changes were not looked at.
    Lost(u64),
}

/// What is listened to. Dropping it ends every thread.
pub(super) struct Sources {
    reader: Arc<Reader>,
    /// Closed, it wakes those that wait.
    stop: Vec<UnixStream>,
    threads: Vec<JoinHandle<()>>,
    /// What cannot be heard, in words for a person.
    pub(super) notes: Vec<String>,
}

/// Where to go on.
pub(super) struct From {
    pub(super) cursor: Option<String>,
    pub(super) marks: Vec<Mark>,
    /// Files to read in place of the journal.
    pub(super) files: Option<Vec<PathBuf>>,
}

impl Sources {
    /// Listens to all that this system and user allow.
    ///
    /// # Errors
    /// When not even a thread can be had.
    pub(super) fn open(from: From, ears: &Ears, chance: &Arc<dyn Chance>) -> io::Result<Self> {
        let mut sources = Self { reader: Arc::default(), stop: Vec::new(), threads: Vec::new(), notes: Vec::new() };
        match (from.files, journal::available()) {
            (Some(files), _) => {
                // One that is not there yet may still come.
                let refused = |path: &&PathBuf| {
                    std::fs::File::open(path).is_err_and(|e| e.kind() == io::ErrorKind::PermissionDenied)
                };
                let note = |path: &PathBuf| format!("{} cannot be read without root", path.display());
                sources.notes.extend(files.iter().filter(refused).map(note));
                sources.follow(&files, &from.marks, ears)?;
            }
            (None, Ok(program)) => sources.read_journal(program, from.cursor, ears, chance)?,
            (None, Err(why)) => {
                let readable = |path: &&PathBuf| std::fs::File::open(path).is_ok();
                let there: Vec<PathBuf> = LOG_FILES.iter().map(PathBuf::from).collect();
                let files: Vec<PathBuf> = there.iter().filter(readable).cloned().collect();
                if files.is_empty() {
                    sources.notes.push(format!("log-ins are not watched: {why}, and no log file that could be read"));
                } else {
                    let names = files.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(" and ");
                    sources.notes.push(format!("log-ins are read from {names}: {why}"));
                    sources.follow(&files, &from.marks, ears)?;
                }
            }
        }
        match Starts::listen() {
            Ok(starts) => {
                if !Starts::sees_all() {
                    sources.notes.push("without root only this user's programs are seen to start".to_owned());
                }
                sources.listen(starts, ears)?;
            }
            Err(e) if e.kind() == io::ErrorKind::PermissionDenied => {
                sources.notes.push("without root nobody tells which programs start".to_owned());
            }
            Err(e) => sources.notes.push(format!("this kernel does not tell which programs start: {e}")),
        }
        sources.watch_files(ears)?;
        Ok(sources)
    }

    fn spawn(&mut self, name: &str, life: impl FnOnce() + Send + 'static) -> io::Result<()> {
        self.threads.push(std::thread::Builder::new().name(name.to_owned()).spawn(life)?);
        Ok(())
    }

    /// An end that closes when this is dropped.
    fn bell(&mut self) -> io::Result<UnixStream> {
        let (ours, theirs) = UnixStream::pair()?;
        self.stop.push(ours);
        Ok(theirs)
    }

    fn read_journal(
        &mut self,
        program: PathBuf,
        cursor: Option<String>,
        ears: &Ears,
        chance: &Arc<dyn Chance>,
    ) -> io::Result<()> {
        let (reader, ears, chance, bell) = (Arc::clone(&self.reader), ears.clone(), Arc::clone(chance), self.bell()?);
        self.spawn("journal", move || {
            let mut journal = JournalLife { reader, cursor, ears, bell };
            let mut backoff = Backoff::new(FIRST_REST, LONGEST_REST);
            loop {
                let begun = Instant::now();
                match journal.read(&program) {
                    Err(e) if e.kind() == io::ErrorKind::Interrupted => return,
                    Err(e) => tracing::warn!("the journal's reader does not start: {e}"),
                    Ok(()) => tracing::debug!("the journal's reader ended"),
                }
                if begun.elapsed() > WELL {
                    backoff.reset();
                }
                if !journal.rest(FIRST_REST + backoff.next(chance.as_ref())) {
                    return;
                }
            }
        })
    }

    fn follow(&mut self, files: &[PathBuf], marks: &[Mark], ears: &Ears) -> io::Result<()> {
        let mut tail = Tail::start(files, marks)?;
        let (ears, bell) = (ears.clone(), self.bell()?);
        self.spawn("logs", move || {
            for mark in tail.marks() {
                if !ears.of_log(Heard::Begun(mark)) {
                    return;
                }
            }
            loop {
                let mut heard = true;
                tail.read(&mut |mark, line| {
                    let text = String::from_utf8_lossy(line).into_owned();
                    heard = ears.of_log(Heard::Line(mark.clone(), text));
                    heard
                });
                match tail.wait(bell.as_fd()) {
                    Ok(true) if heard => std::thread::sleep(GATHER),
                    Ok(_) => return,
                    Err(e) => {
                        tracing::warn!("log files are no longer read: {e}");
                        return;
                    }
                }
            }
        })
    }

    fn watch_files(&mut self, ears: &Ears) -> io::Result<()> {
        let mut changes = match Changes::watch(&homes(), Path::new("/etc")) {
            Ok(changes) => changes,
            Err(e) => {
                self.notes.push(format!("changes of keys and start files are not seen: {e}"));
                return Ok(());
            }
        };
        let (ears, bell) = (ears.clone(), self.bell()?);
        self.spawn("changes", move || {
            let mut lost = 0;
            let mut hear = |path| {
                if !ears.of_start(Heard::Changed(path)) {
                    lost += 1;
                } else if lost > 0 && ears.of_start(Heard::Lost(lost)) {
                    lost = 0;
                }
            };
            while matches!(changes.wait(bell.as_fd(), &mut hear), Ok(true)) {}
        })
    }

    fn listen(&mut self, mut starts: Starts, ears: &Ears) -> io::Result<()> {
        let (ears, bell) = (ears.clone(), self.bell()?);
        self.spawn("starts", move || {
            let mut lost = 0;
            // What the judge has no room for is counted.
            let mut hear = |told| match told {
                Told::Started(start) => {
                    if !ears.of_start(Heard::Started(start)) {
                        lost += 1;
                    } else if lost > 0 && ears.of_start(Heard::Lost(lost)) {
                        lost = 0;
                    }
                }
                Told::Lost(count) => lost += count,
            };
            while matches!(starts.wait(bell.as_fd(), &mut hear), Ok(true)) {}
        })
    }
}

impl Drop for Sources {
    fn drop(&mut self) {
        self.stop.clear();
        self.reader.stop();
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

/// The life of the thread that reads the journal.
struct JournalLife {
    reader: Arc<Reader>,
    cursor: Option<String>,
    ears: Ears,
    bell: UnixStream,
}

impl JournalLife {
    /// Reads until the program ends.
    fn read(&mut self, program: &Path) -> io::Result<()> {
        let mut entries = self.reader.start(program, self.cursor.as_deref())?;
        let mut any = false;
        while let Some(line) = entries.read()? {
            if let Some(cursor) = super::pace::raw_text(&line, "__CURSOR") {
                self.cursor = Some(cursor.to_owned());
            }
            any = true;
            if !self.ears.of_log(Heard::Entry(line)) {
                return Err(io::ErrorKind::Interrupted.into());
            }
        }
        self.reader.end();
        if !any {
            // A cursor that the journal cannot take would end every reader: the journal was made anew.
            self.cursor = None;
        }
        Ok(())
    }

    /// Rests; false when it is over.
    fn rest(&self, time: Duration) -> bool {
        use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
        let mut fds = [PollFd::new(self.bell.as_fd(), PollFlags::POLLIN)];
        let millis = u16::try_from(time.as_millis()).unwrap_or(u16::MAX);
        matches!(poll(&mut fds, PollTimeout::from(millis)), Ok(0) | Err(nix::errno::Errno::EINTR))
    }
}

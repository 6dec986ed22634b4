//! Log files as they grow, for systems without a journal. Rotation is survived: a file that was renamed is read to its end
//! before the new one is begun, also when that happened while nobody read.

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::inotify::{AddWatchFlags, InitFlags, Inotify};
use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::os::fd::{AsFd as _, BorrowedFd};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

/// Longest line that is read, in bytes; a longer one is passed over.
const LONGEST: usize = 64 * 1024;
/// Bytes that are read at once.
const PIECE: usize = 64 * 1024;
/// Most files of the same name that are looked at for the one that was renamed.
const MOST_ROTATED: usize = 64;

/// How far a file was read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// The file.
    pub path: PathBuf,
    /// Its device and number, by which it is known again under another name.
    pub file: (u64, u64),
    /// Bytes of whole lines that were read.
    pub offset: u64,
}

/// Files that are read as they grow.
pub struct Tail {
    inotify: Inotify,
    files: Vec<Followed>,
}

struct Followed {
    mark: Mark,
    file: Option<File>,
    /// The start of a line whose end is not written yet.
    begun: Vec<u8>,
    /// The line that is being read is too long and goes nowhere.
    too_long: bool,
}

impl Tail {
    /// Reads `paths` from where `marks` say; a file without a mark from its end, and one that appears later from its start.
    ///
    /// # Errors
    /// Those of `inotify_init1(2)`.
    pub fn start(paths: &[PathBuf], marks: &[Mark]) -> io::Result<Self> {
        let inotify = Inotify::init(InitFlags::IN_CLOEXEC | InitFlags::IN_NONBLOCK)?;
        let files = paths.iter().map(|path| Followed::open(path, marks.iter().find(|mark| mark.path == *path)));
        let mut tail = Self { inotify, files: files.collect() };
        tail.watch();
        Ok(tail)
    }

    /// How far each file was read.
    #[must_use]
    pub fn marks(&self) -> Vec<Mark> {
        self.files.iter().filter(|followed| followed.file.is_some()).map(|followed| followed.mark.clone()).collect()
    }

    /// Waits until a file grew, or was renamed. False once `stop` was closed or written to.
    ///
    /// # Errors
    /// Those of `poll(2)`.
    pub fn wait(&mut self, stop: BorrowedFd<'_>) -> io::Result<bool> {
        let mut fds = [PollFd::new(self.inotify.as_fd(), PollFlags::POLLIN), PollFd::new(stop, PollFlags::POLLIN)];
        match poll(&mut fds, PollTimeout::NONE) {
            Ok(_) | Err(nix::errno::Errno::EINTR) => {}
            Err(e) => return Err(e.into()),
        }
        if fds[1].any().unwrap_or(false) {
            return Ok(false);
        }
        while self.inotify.read_events().is_ok_and(|events| !events.is_empty()) {}
        Ok(true)
    }

    /// Hands on every whole line that was written since, with the mark behind it. Ends early when `take` says false.
    pub fn read(&mut self, take: &mut dyn FnMut(&Mark, &[u8]) -> bool) {
        for followed in &mut self.files {
            if !followed.read(take) {
                return;
            }
            if followed.moved_on() && !followed.read(take) {
                return;
            }
        }
        self.watch();
    }

    /// Watches the files, which may be others than before, and the folders in which they appear.
    fn watch(&mut self) {
        let names = AddWatchFlags::IN_CREATE | AddWatchFlags::IN_MOVED_TO | AddWatchFlags::IN_ONLYDIR;
        for followed in &self.files {
            // A file that is not there yet is told of by its folder.
            let _ = self.inotify.add_watch(&followed.mark.path, AddWatchFlags::IN_MODIFY);
            if let Some(folder) = followed.mark.path.parent() {
                let _ = self.inotify.add_watch(folder, names);
            }
        }
    }
}

impl Followed {
    fn open(path: &Path, mark: Option<&Mark>) -> Self {
        let mut followed = Self {
            mark: Mark { path: path.to_owned(), ..Mark::default() },
            file: None,
            begun: Vec::new(),
            too_long: false,
        };
        match mark {
            None => {
                followed.begin();
                if let Some(file) = &mut followed.file {
                    followed.mark.offset = file.seek(SeekFrom::End(0)).unwrap_or(0);
                }
            }
            Some(mark) => {
                let now = identity(path);
                let rotated = || renamed(mark);
                let there = if now == Some(mark.file) { Some(path.to_owned()) } else { rotated() };
                match there.and_then(|path| File::open(path).ok()) {
                    Some(file) => {
                        followed.mark.clone_from(mark);
                        followed.file = Some(file);
                        followed.stand();
                    }
                    // What was written to it since is gone with it.
                    None => followed.begin(),
                }
            }
        }
        followed
    }

    /// Opens what bears the name now, from its start.
    fn begin(&mut self) {
        self.begun.clear();
        self.too_long = false;
        self.mark.offset = 0;
        self.file = File::open(&self.mark.path).ok();
        self.mark.file = self.file.as_ref().and_then(|file| file.metadata().ok()).map_or((0, 0), |meta| id(&meta));
    }

    /// Goes to the mark, or to the start of a file that was cut.
    fn stand(&mut self) {
        let Some(file) = &mut self.file else { return };
        if file.metadata().map_or(0, |meta| meta.len()) < self.mark.offset {
            self.mark.offset = 0;
        }
        let _ = file.seek(SeekFrom::Start(self.mark.offset));
    }

    /// Whether another file bears the name now; it is open then.
    fn moved_on(&mut self) -> bool {
        let other = identity(&self.mark.path).is_some_and(|now| self.file.is_none() || now != self.mark.file);
        if other {
            self.begin();
        }
        other
    }

    fn read(&mut self, take: &mut dyn FnMut(&Mark, &[u8]) -> bool) -> bool {
        let read_so_far = self.mark.offset + self.begun.len() as u64;
        let cut = self.file.as_ref().and_then(|file| file.metadata().ok()).is_some_and(|meta| meta.len() < read_so_far);
        if cut && !self.too_long {
            self.begun.clear();
            self.stand();
        }
        let mut piece = vec![0; PIECE];
        loop {
            let Some(file) = &mut self.file else { return true };
            let length = match file.read(&mut piece) {
                Ok(0) => return true,
                Ok(length) => length,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
                Err(e) => {
                    tracing::warn!(path = %self.mark.path.display(), "{e}");
                    return true;
                }
            };
            if !self.lines(piece.get(..length).unwrap_or_default(), take) {
                return false;
            }
        }
    }

    fn lines(&mut self, piece: &[u8], take: &mut dyn FnMut(&Mark, &[u8]) -> bool) -> bool {
        for part in piece.split_inclusive(|byte| *byte == b'\n') {
            let ends = part.last() == Some(&b'\n');
            if self.too_long {
                self.mark.offset += part.len() as u64;
            } else {
                self.begun.extend_from_slice(part);
                if self.begun.len() > LONGEST {
                    self.mark.offset += self.begun.len() as u64;
                    self.begun.clear();
                    self.too_long = true;
                }
            }
            if !ends {
                continue;
            }
            if std::mem::take(&mut self.too_long) {
                continue;
            }
            self.mark.offset += self.begun.len() as u64;
            let line = std::mem::take(&mut self.begun);
            let text = line.strip_suffix(b"\n").unwrap_or(&line);
            if !take(&self.mark, text) {
                return false;
            }
        }
        true
    }
}

fn id(meta: &fs::Metadata) -> (u64, u64) {
    (meta.dev(), meta.ino())
}

fn identity(path: &Path) -> Option<(u64, u64)> {
    fs::metadata(path).ok().map(|meta| id(&meta))
}

/// The marked file under the name that rotation gave it: the old one with something behind it.
fn renamed(mark: &Mark) -> Option<PathBuf> {
    let folder = mark.path.parent()?;
    let name = mark.path.file_name()?.to_string_lossy().into_owned();
    let siblings = fs::read_dir(folder).ok()?.filter_map(|entry| Some(entry.ok()?.path()));
    siblings
        .filter(|path| path.file_name().is_some_and(|other| other.to_string_lossy().starts_with(&name)))
        .take(MOST_ROTATED)
        .find(|path| identity(path) == Some(mark.file))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;
    use std::os::unix::net::UnixStream;

    fn append(path: &Path, text: &str) {
        File::options().create(true).append(true).open(path).unwrap().write_all(text.as_bytes()).unwrap();
    }

    fn read(tail: &mut Tail) -> (Vec<String>, Option<Mark>) {
        let (mut lines, mut last) = (Vec::new(), None);
        tail.read(&mut |mark, line| {
            lines.push(String::from_utf8_lossy(line).into_owned());
            last = Some(mark.clone());
            true
        });
        (lines, last)
    }

    fn log() -> (tempfile::TempDir, PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("auth.log");
        append(&path, "old\n");
        (dir, path)
    }

    #[test]
    fn only_whole_new_lines_are_read() {
        let (_dir, path) = log();
        let mut tail = Tail::start(std::slice::from_ref(&path), &[]).unwrap();
        assert_eq!(read(&mut tail).0, [""; 0]);
        append(&path, "a\nb");
        assert_eq!(read(&mut tail).0, ["a"]);
        append(&path, "c\n");
        let (lines, mark) = read(&mut tail);
        assert_eq!((lines, mark.unwrap().offset), (vec!["bc".to_owned()], 9));
    }

    #[test]
    fn a_rotated_file_is_read_to_its_end_before_the_new_one() {
        let (dir, path) = log();
        let mut tail = Tail::start(std::slice::from_ref(&path), &[]).unwrap();
        append(&path, "a\n");
        fs::rename(&path, dir.path().join("auth.log.1")).unwrap();
        append(&path, "b\n");
        assert_eq!(read(&mut tail).0, ["a", "b"]);
        fs::write(&path, "c\n").unwrap();
        append(&path, "d\n");
        assert_eq!(read(&mut tail).0, ["d"], "the same length: it cannot be told from one that grew");
        File::create(&path).unwrap();
        assert_eq!(read(&mut tail).0, [""; 0]);
        append(&path, "e\n");
        assert_eq!(read(&mut tail).0, ["e"]);
    }

    #[test]
    fn a_mark_goes_on_where_it_ended_also_after_a_rotation_that_nobody_saw() {
        let (dir, path) = log();
        let mut tail = Tail::start(std::slice::from_ref(&path), &[]).unwrap();
        append(&path, "a\n");
        let mark = read(&mut tail).1.unwrap();
        drop(tail);
        append(&path, "b\n");
        let again =
            |mark: &Mark| read(&mut Tail::start(std::slice::from_ref(&path), std::slice::from_ref(mark)).unwrap()).0;
        assert_eq!(again(&mark), ["b"]);
        fs::rename(&path, dir.path().join("auth.log.1")).unwrap();
        append(&path, "c\n");
        assert_eq!(again(&mark), ["b", "c"]);
        fs::remove_file(dir.path().join("auth.log.1")).unwrap();
        assert_eq!(again(&mark), ["c"]);
    }

    #[test]
    fn a_line_without_an_end_takes_bounded_memory() {
        let (_dir, path) = log();
        let mut tail = Tail::start(std::slice::from_ref(&path), &[]).unwrap();
        append(&path, &"x".repeat(10 * LONGEST));
        assert_eq!(read(&mut tail).0, [""; 0]);
        assert!(tail.files[0].begun.len() <= LONGEST);
        append(&path, "y\nz\n");
        assert_eq!(read(&mut tail).0, ["z"]);
    }

    #[test]
    fn a_file_that_appears_later_is_read_from_its_start() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("auth.log");
        let mut tail = Tail::start(std::slice::from_ref(&path), &[]).unwrap();
        append(&path, "a\n");
        let (stop, _keep) = UnixStream::pair().unwrap();
        assert!(tail.wait(stop.as_fd()).unwrap());
        assert_eq!(read(&mut tail).0, ["a"]);
        append(&path, "b\n");
        assert!(tail.wait(stop.as_fd()).unwrap(), "from now on it tells itself");
        assert_eq!(read(&mut tail).0, ["b"]);
    }

    #[test]
    fn whoever_waits_is_told_to_stop() {
        let (_dir, path) = log();
        let mut tail = Tail::start(std::slice::from_ref(&path), &[]).unwrap();
        let (stop, other) = UnixStream::pair().unwrap();
        drop(other);
        assert!(!tail.wait(stop.as_fd()).unwrap());
    }
}

//! The sensor: one thread that reads gate and tree (or inotify alone) and passes on what happened, in order.
//!
//! The thread itself never opens a file under the watched folders: it would wait for its own answer.

use super::gate::Gate;
use super::inotify::Watch;
use super::limits::raise_open_files;
use super::tree::Tree;
use super::walk::folders;
use crate::platform::event::{Reach, SensorEvent};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use std::io;
use std::os::fd::{AsFd as _, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

/// How long the sensor waits for something to see, in milliseconds.
const REST: u16 = 2_000;

/// What is to be watched.
#[derive(Clone, Debug)]
pub struct Watching {
    /// Folders, watched with all that lies below; real paths, without symbolic links.
    pub folders: Vec<PathBuf>,
    /// A folder that is never watched: the agent's own.
    pub except: PathBuf,
    /// Folders that nobody but the agent may open or list, where opens can be held back.
    pub private: Vec<PathBuf>,
    /// Longest time that a file is held back.
    pub patience: Duration,
    /// Whether files may be held back at all.
    pub hold: bool,
}

/// Takes what the sensor sees. It must answer fast and must not open files under the watched folders.
pub trait Sink: Send + Sync {
    /// Something happened.
    fn event(&self, event: SensorEvent);
    /// The sensor lost its reach; `reach` is what it has now.
    fn degraded(&self, reach: Reach);
    /// The watchdog let processes go on because no verdict came in time; `count` so far.
    fn late(&self, count: usize);
    /// The sensor is alive, and looks for what happened.
    fn looks(&self) {}
    /// The sensor has ended.
    fn ends(&self) {}
}

/// A running sensor. Dropping it stops it, and lets every held process go on.
pub struct Sensor {
    /// Closed to stop it.
    stop: Option<UnixStream>,
    late: Arc<AtomicUsize>,
    thread: Option<JoinHandle<()>>,
}

impl Sensor {
    /// Starts with all the reach that the system grants.
    ///
    /// # Errors
    /// When not even inotify can be had.
    pub fn start(watching: &Watching, sink: Arc<dyn Sink>) -> io::Result<(Self, Reach)> {
        raise_open_files();
        let (mut eyes, reach) = Eyes::open(watching)?;
        let (stop, stopped) = UnixStream::pair()?;
        let late = Arc::new(AtomicUsize::new(0));
        let (lates, watching) = (Arc::clone(&late), watching.clone());
        let life = move || {
            loop {
                sink.looks();
                match eyes.look(&watching, sink.as_ref(), stopped.as_fd()) {
                    Ok(true) => {}
                    Ok(false) => return sink.ends(),
                    Err(e) => match Eyes::without_gate(
                        &watching,
                        &format!("the sensor failed ({e}), files are no longer held back"),
                    ) {
                        Ok((other, reach)) => {
                            eyes = other;
                            sink.degraded(reach);
                        }
                        Err(e) => {
                            sink.degraded(Reach { blocking: false, note: format!("nothing is watched any more: {e}") });
                            return sink.ends();
                        }
                    },
                }
                if let Some(gate) = &eyes.gate
                    && lates.swap(gate.late(), Ordering::Relaxed) < gate.late()
                {
                    sink.late(gate.late());
                }
            }
        };
        let thread = std::thread::Builder::new().name("sensor".to_owned()).spawn(life)?;
        Ok((Self { stop: Some(stop), late, thread: Some(thread) }, reach))
    }

    /// Whether it sees nothing any more, though nobody stopped it.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.thread.as_ref().is_some_and(JoinHandle::is_finished)
    }

    /// Questions that the watchdog had to answer because no verdict came in time.
    #[must_use]
    pub fn late(&self) -> usize {
        self.late.load(Ordering::Relaxed)
    }
}

impl Drop for Sensor {
    fn drop(&mut self) {
        self.stop = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

enum Names {
    Told(Tree),
    Watched(Watch),
}

struct Eyes {
    gate: Option<Gate>,
    names: Names,
    unmarked: usize,
}

impl Eyes {
    fn open(watching: &Watching) -> io::Result<(Self, Reach)> {
        if !watching.hold {
            return Self::without_gate(watching, "the policy asks only to tell");
        }
        let gate = match Gate::start(watching.patience) {
            Ok(gate) => gate,
            Err(e) if e.raw_os_error() == Some(nix::libc::EPERM) => {
                let why = "without root (CAP_SYS_ADMIN) no file can be held back: a bad file is taken away just after it \
                           is written, and files of other users are not guarded";
                return Self::without_gate(watching, why);
            }
            Err(e) => return Self::without_gate(watching, &format!("this kernel holds no files back: {e}")),
        };
        match Self::mark_all(watching, Some(gate)) {
            Ok(eyes) => {
                let note = eyes.note("");
                Ok((eyes, Reach { blocking: true, note }))
            }
            Err(e) => Self::without_gate(watching, &format!("the folders cannot be gated: {e}")),
        }
    }

    fn without_gate(watching: &Watching, why: &str) -> io::Result<(Self, Reach)> {
        let eyes = Self::mark_all(watching, None)?;
        let note = eyes.note(why);
        Ok((eyes, Reach { blocking: false, note }))
    }

    fn note(&self, why: &str) -> String {
        match self.unmarked {
            0 => why.to_owned(),
            count => format!("{why}{}{count} folders could not be watched", if why.is_empty() { "" } else { "; " }),
        }
    }

    fn mark_all(watching: &Watching, gate: Option<Gate>) -> io::Result<Self> {
        // Not every kernel and file system tells names by handle; the folders themselves show whether theirs do.
        let told = match &gate {
            Some(_) => Tree::start().and_then(|mut tree| {
                let mut roots = watching.folders.iter().filter(|folder| folder.exists());
                roots.try_for_each(|folder| tree.mark(folder)).map(|()| tree)
            }),
            None => Err(io::ErrorKind::Unsupported.into()),
        };
        let names = match told {
            Ok(tree) => Names::Told(tree),
            Err(_) => Names::Watched(Watch::start(gate.is_none())?),
        };
        if let Some(gate) = &gate {
            watching
                .private
                .iter()
                .filter(|folder| folder.is_dir())
                .try_for_each(|folder| gate.mark_private(folder))?;
        }
        let mut eyes = Self { gate, names, unmarked: 0 };
        for root in &watching.folders {
            let whole = !watching.except.starts_with(root) && is_mount_point(root);
            if let (true, Some(gate)) = (whole, &eyes.gate) {
                gate.mark_mount(root)?;
            }
            for folder in folders(root, &|path| path == watching.except) {
                if !eyes.mark(&folder, !whole) && folder == *root && root.exists() {
                    return Err(io::Error::other(format!("{} cannot be watched", root.display())));
                }
            }
        }
        Ok(eyes)
    }

    /// `false` when the folder could not be marked.
    fn mark(&mut self, folder: &Path, gated: bool) -> bool {
        let named = match &mut self.names {
            Names::Told(tree) => tree.mark(folder),
            Names::Watched(watch) => watch.mark(folder),
        };
        let marked = named.and_then(|()| match &self.gate {
            Some(gate) if gated => gate.mark_folder(folder),
            _ => Ok(()),
        });
        if marked.is_err() && folder.exists() {
            self.unmarked += 1;
        }
        marked.is_ok()
    }

    /// Waits for events and passes them on; `false` once the other end of `stop` was closed. Names are read after the gate but passed on before it: a process that waits at
    /// the gate did all its renames before.
    fn look(&mut self, watching: &Watching, sink: &dyn Sink, stop: BorrowedFd<'_>) -> io::Result<bool> {
        let names_fd = match &self.names {
            Names::Told(tree) => tree.fd(),
            Names::Watched(watch) => watch.fd(),
        };
        let mut fds = vec![PollFd::new(stop, PollFlags::POLLIN), PollFd::new(names_fd, PollFlags::POLLIN)];
        fds.extend(self.gate.iter().map(|gate| PollFd::new(gate.fd(), PollFlags::POLLIN)));
        match poll(&mut fds, PollTimeout::from(REST)) {
            Ok(_) if fds.first().and_then(PollFd::any).unwrap_or(false) => return Ok(false),
            Ok(_) | Err(nix::errno::Errno::EINTR) => {}
            Err(e) => return Err(e.into()),
        }
        let (mut asked, mut names) = (Vec::new(), Vec::new());
        if let Some(gate) = &self.gate {
            gate.read(&mut asked)?;
        }
        match &mut self.names {
            Names::Told(tree) => tree.drain(&mut names)?,
            Names::Watched(watch) => watch.drain(&mut names)?,
        }
        for event in names {
            match event {
                SensorEvent::FolderAppeared { path } => self.enter(&path, watching, sink),
                SensorEvent::Renamed { ref to, folder: true, .. } => {
                    let to = to.clone();
                    sink.event(event);
                    to.into_iter().for_each(|folder| self.enter(&folder, watching, sink));
                }
                other => sink.event(other),
            }
        }
        asked.into_iter().for_each(|event| sink.event(event));
        Ok(true)
    }

    /// Marks a new folder and all below it. Whoever looks at its content after this event misses nothing: what came before
    /// the mark lies there already, what comes after is told.
    fn enter(&mut self, folder: &Path, watching: &Watching, sink: &dyn Sink) {
        for below in folders(folder, &|path| path == watching.except) {
            self.mark(&below, true);
        }
        sink.event(SensorEvent::FolderAppeared { path: folder.to_owned() });
    }
}

/// Whether a file system (or a part of one) is mounted at `folder`; never for `/`, whose mount is the whole machine.
fn is_mount_point(folder: &Path) -> bool {
    use std::os::unix::ffi::OsStrExt as _;
    let mounts = std::fs::read("/proc/self/mountinfo").unwrap_or_default();
    // The kernel writes blanks in paths as octal escapes; a folder with such a name is then marked folder by folder.
    folder != Path::new("/")
        && mounts
            .split(|byte| *byte == b'\n')
            .filter_map(|line| line.split(|byte| *byte == b' ').nth(4))
            .any(|point| point == folder.as_os_str().as_bytes())
}

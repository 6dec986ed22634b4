//! What a sensor sees and how a held file is answered.

use std::fs::File;
use std::path::PathBuf;

/// Something that happened, or asks to happen, under the watched folders.
#[derive(Debug)]
pub enum SensorEvent {
    /// A process waits until it may open (or run) a file. Dropping the ticket lets it.
    Asked {
        /// Answers the process.
        ticket: Box<dyn Ticket>,
        /// The file.
        path: PathBuf,
        /// Who waits.
        pid: u32,
        /// Whether the file is to be run.
        run: bool,
    },
    /// A file was written; `closed` tells whether the writer let go of it.
    Written {
        /// The file.
        path: PathBuf,
        /// Who wrote, where the system tells.
        pid: Option<u32>,
        /// Whether this was the writer's last word.
        closed: bool,
    },
    /// A name appeared.
    Created {
        /// The new name.
        path: PathBuf,
        /// Who did it, where the system tells.
        pid: Option<u32>,
    },
    /// A name went away.
    Deleted {
        /// The old name.
        path: PathBuf,
        /// Who did it, where the system tells.
        pid: Option<u32>,
    },
    /// A name changed. One side is missing where it lies outside the watched folders.
    Renamed {
        /// The old name.
        from: Option<PathBuf>,
        /// The new name.
        to: Option<PathBuf>,
        /// Whether a folder was renamed.
        folder: bool,
        /// Who did it, where the system tells.
        pid: Option<u32>,
    },
    /// A folder appeared (with whatever it holds) and is watched from now on.
    FolderAppeared {
        /// The folder.
        path: PathBuf,
    },
    /// The system could not keep up and dropped events: what lies in the folders must be looked at anew.
    Overflow,
}

/// A held process. Exactly one answer counts; a ticket that is dropped allows.
pub trait Ticket: Send + std::fmt::Debug {
    /// The file that is asked for, opened by the system itself; reading it raises no further question.
    ///
    /// # Errors
    /// When the system gives no further handle.
    fn file(&self) -> std::io::Result<File>;
    /// Lets the process go on.
    fn allow(self: Box<Self>);
    /// Refuses. `false` when the watchdog had already let it go on.
    fn refuse(self: Box<Self>) -> bool;
}

/// How far a sensor reaches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reach {
    /// Whether opens can be held back.
    pub blocking: bool,
    /// What cannot be guarded and why; empty when all can.
    pub note: String,
}

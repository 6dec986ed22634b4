//! The spool: events wait here, on disk, until the server has them.
//!
//! Every event gets the next number of the device's own sequence and is on the disk before [`Spool::append`] returns;
//! reporters that come at the same time share one write. A crash at any byte tears at most what nobody was told to be
//! kept, and the numbers go on without a gap. Room is bounded and taken beforehand; a full disk is said, never hidden,
//! and the last segment in reserve is kept for what matters most.

mod ack;
mod append;
mod batch;
pub mod disk;
pub mod frame;
mod mark;
mod open;
mod segment;

use crate::report::{Report, ReportError};
use append::Pending;
use baluardo_model::Clock;
use baluardo_model::protection::Severity;
use baluardo_model::rollback::RollbackStage;
use baluardo_wire::exchange::EventBody;
use disk::SpoolDisk;
use mark::{Mark, MarkFile};
use segment::{SegmentInfo, Writer};
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// The longest event that is kept, in bytes of JSON: two fit into one message with room to spare.
pub const MAX_EVENT_BYTES: usize = 384 * 1024;

/// Where the spool lies and how large it may grow.
#[derive(Clone, Debug)]
pub struct SpoolSettings {
    /// Its folder; made when missing.
    pub dir: PathBuf,
    /// The most bytes of disk that it takes; at least four segments.
    pub max_bytes: u64,
    /// Bytes of one segment; at least room for one event.
    pub segment_bytes: u64,
}

impl SpoolSettings {
    /// The usual sizes: segments of 512 KiB, 64 MiB in all.
    #[must_use]
    pub fn in_folder(dir: PathBuf) -> Self {
        Self { dir, max_bytes: 64 * 1024 * 1024, segment_bytes: 512 * 1024 }
    }
}

/// Why the spool could not do what was asked.
#[derive(Debug, Clone, thiserror::Error)]
pub enum SpoolError {
    /// All the room that it may take is taken.
    #[error(
        "the spool in {dir} holds {bytes} bytes, the most it may: the server has not taken events for long; check the \
         connection to the server, or raise spool_bytes in config.json"
    )]
    Full {
        /// Its folder.
        dir: PathBuf,
        /// Bytes that it may take.
        bytes: u64,
    },
    /// The disk has no room.
    #[error("the disk that holds {dir} is full: free some space on it; the agent tries again by itself")]
    DiskFull {
        /// The spool's folder.
        dir: PathBuf,
    },
    /// The disk failed otherwise.
    #[error("{path}: {cause}; check the disk and who may write there")]
    Disk {
        /// File or folder.
        path: PathBuf,
        /// What the operating system said.
        cause: Arc<io::Error>,
    },
    /// An event that no message could carry.
    #[error("the event has {bytes} bytes of JSON and cannot be sent: at most {MAX_EVENT_BYTES} bytes are kept")]
    TooLarge {
        /// Its size.
        bytes: usize,
    },
    /// An event that has no JSON form.
    #[error("the event cannot be written as JSON: {0}")]
    Unwritable(String),
}

impl SpoolError {
    /// The error of `path` in the spool's folder `dir`.
    fn of(path: &std::path::Path, dir: &std::path::Path, error: io::Error) -> Self {
        if disk::is_full(&error) {
            Self::DiskFull { dir: dir.to_path_buf() }
        } else {
            Self::Disk { path: path.to_path_buf(), cause: Arc::new(error) }
        }
    }
}

/// How the spool stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The newest event's own number; 0 before the first.
    pub newest: u64,
    /// The newest own number that the server has.
    pub acked: u64,
}

impl Standing {
    /// Events that wait.
    #[must_use]
    pub fn backlog(self) -> u64 {
        self.newest.saturating_sub(self.acked)
    }
}

/// What is shared under the lock.
struct State {
    /// The writing end; taken out by the reporter that writes for all.
    writer: Option<Writer>,
    /// Events that wait to be written, oldest first.
    queue: Vec<Arc<Pending>>,
    /// All segments, oldest first; the newest may still be written to.
    segments: Vec<SegmentInfo>,
    /// The number that the next event gets.
    next: u64,
    mark: Mark,
    mark_file: MarkFile,
}

/// The durable queue of events. See the module.
pub struct Spool {
    settings: SpoolSettings,
    disk: Arc<dyn SpoolDisk>,
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
    written: Condvar,
    news: Arc<Notify>,
}

impl Spool {
    /// How the spool stands now.
    #[must_use]
    pub fn standing(&self) -> Standing {
        let state = self.lock();
        Standing { newest: state.next.saturating_sub(1), acked: state.mark.acked }
    }

    /// The newest number that the server has, as it knows it.
    #[must_use]
    pub fn acked_on_wire(&self) -> u64 {
        let mark = self.lock().mark;
        mark.to_wire(mark.acked)
    }

    /// Wakes who waits for it after each event that was kept.
    #[must_use]
    pub fn news(&self) -> Arc<Notify> {
        Arc::clone(&self.news)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Report for Spool {
    fn report(&self, event: EventBody) -> Result<(), ReportError> {
        self.append(&event).map(|_| ()).map_err(|e| ReportError(e.to_string()))
    }
}

/// Whether an event may use the room in reserve: what people must know and what no second look would bring back.
fn matters_most(body: &EventBody) -> bool {
    match body {
        EventBody::Finding { finding } => finding.severity >= Severity::High,
        EventBody::Quarantined { .. }
        | EventBody::QuarantineChanged { .. }
        | EventBody::OrderEnded { .. }
        | EventBody::EvidenceCollected { .. }
        | EventBody::Isolated { .. }
        | EventBody::StopCode { .. }
        | EventBody::Rejoined { .. } => true,
        EventBody::HuntTold { state, .. } => state.is_over(),
        EventBody::Rollback { rollback } => rollback.stage == RollbackStage::Done,
        // What a device is made of is gathered again.
        EventBody::FindingStep { .. } | EventBody::Inventory { .. } => false,
    }
}

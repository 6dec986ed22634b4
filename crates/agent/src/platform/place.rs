//! What a file has beside its bytes, and by what a version of it is known.

use baluardo_model::Timestamp;
use serde::{Deserialize, Serialize};

/// Seconds and nanoseconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FileTime(pub i64, pub i64);

impl FileTime {
    /// The same in microseconds, without what is finer.
    #[must_use]
    pub fn instant(self) -> Timestamp {
        Timestamp::from_micros(self.0.saturating_mul(1_000_000).saturating_add(self.1 / 1_000))
    }
}

/// Owner, rights and times of a file: what is put back together with its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attributes {
    /// Numeric user id.
    pub uid: u32,
    /// Numeric group id.
    pub gid: u32,
    /// Permission bits.
    pub mode: u32,
    /// Last access.
    pub accessed: FileTime,
    /// Last change of the bytes.
    pub modified: FileTime,
}

/// Tells one version of a file from the next without reading it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Stamp {
    /// Device.
    pub dev: u64,
    /// Inode.
    pub ino: u64,
    /// Size in bytes.
    pub size: u64,
    /// Last change of the bytes.
    pub modified: FileTime,
    /// Last change of bytes or attributes; no program can set it.
    pub changed: FileTime,
}

/// Stamp and attributes together, as one look at the file gives them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// Which version it is.
    pub stamp: Stamp,
    /// Owner, rights and times.
    pub attributes: Attributes,
}

//! What tells that a file is the same as before: device, number, length, and when content and attributes changed.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt as _;

/// The identity of a file's content, as far as the file system knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Stamp(pub(super) [u64; 7]);

impl Stamp {
    pub(super) fn of(meta: &Metadata) -> Self {
        let bits = |number: i64| u64::from_ne_bytes(number.to_ne_bytes());
        Self([
            meta.dev(),
            meta.ino(),
            meta.len(),
            bits(meta.mtime()),
            bits(meta.mtime_nsec()),
            bits(meta.ctime()),
            bits(meta.ctime_nsec()),
        ])
    }

    /// When its attributes last changed, in microseconds since 1970. Nobody but the kernel sets this.
    pub(super) fn changed_micros(meta: &Metadata) -> i64 {
        meta.ctime().saturating_mul(1_000_000).saturating_add(meta.ctime_nsec() / 1000)
    }
}

//! The part of a file that is looked at: all of a small one, three pieces of a large one.

use std::ops::Range;

/// Files up to this length are given whole, as the head.
pub const WHOLE_BYTES: usize = HEAD_BYTES + MIDDLE_BYTES + TAIL_BYTES;

/// Bytes from the start of a larger file.
pub const HEAD_BYTES: usize = 64 * 1024;

/// Bytes from around the middle of a larger file.
pub const MIDDLE_BYTES: usize = 64 * 1024;

/// Bytes from the end of a larger file.
pub const TAIL_BYTES: usize = 64 * 1024;

/// Bytes of one file, cut as [`Sample::plan`] says.
#[derive(Clone, Copy, Debug)]
pub struct Sample<'a> {
    len: u64,
    head: &'a [u8],
    middle: &'a [u8],
    tail: &'a [u8],
}

impl<'a> Sample<'a> {
    /// The byte ranges to read of a file of `len` bytes: head, middle, tail. Middle and tail are empty where the head
    /// is the whole file.
    #[must_use]
    pub fn plan(len: u64) -> [Range<u64>; 3] {
        if len <= WHOLE_BYTES as u64 {
            return [0..len, len..len, len..len];
        }
        let middle = middle_at(len);
        [0..HEAD_BYTES as u64, middle..middle + MIDDLE_BYTES as u64, len - TAIL_BYTES as u64..len]
    }

    /// A sample of a file of `len` bytes from the three ranges of [`Sample::plan`].
    ///
    /// Pieces shorter than planned (the file shrank meanwhile) are taken as they are.
    #[must_use]
    pub const fn new(len: u64, head: &'a [u8], middle: &'a [u8], tail: &'a [u8]) -> Self {
        Self { len, head, middle, tail }
    }

    /// A sample of a file whose bytes are all in memory: cut to the plan where it is large.
    #[must_use]
    pub fn of_bytes(bytes: &'a [u8]) -> Self {
        let len = bytes.len() as u64;
        let piece = |range: Range<u64>| {
            let range = usize::try_from(range.start).unwrap_or(0)..usize::try_from(range.end).unwrap_or(0);
            bytes.get(range).unwrap_or_default()
        };
        let [head, middle, tail] = Self::plan(len);
        Self { len, head: piece(head), middle: piece(middle), tail: piece(tail) }
    }

    /// Length of the file in bytes.
    #[must_use]
    pub const fn len(&self) -> u64 {
        self.len
    }

    /// Whether the file has no bytes.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The start of the file.
    pub(crate) const fn head(&self) -> &'a [u8] {
        self.head
    }

    /// The end of the file.
    pub(crate) fn end(&self) -> &'a [u8] {
        if self.is_whole() { self.head } else { self.tail }
    }

    /// Whether the head is the whole file.
    pub(crate) fn is_whole(&self) -> bool {
        self.head.len() as u64 >= self.len
    }

    /// The pieces that hold something, with their offset in the file.
    pub(crate) fn pieces(&self) -> impl Iterator<Item = (u64, &'a [u8])> + use<'a> {
        let tail_at = self.len.saturating_sub(self.tail.len() as u64);
        [(0, self.head), (middle_at(self.len), self.middle), (tail_at, self.tail)]
            .into_iter()
            .filter(|(_, bytes)| !bytes.is_empty())
    }

    /// `count` bytes at `offset` of the file, where they lie within one piece.
    pub(crate) fn at(&self, offset: u64, count: usize) -> Option<&'a [u8]> {
        self.pieces().find_map(|(start, bytes)| {
            let from = usize::try_from(offset.checked_sub(start)?).ok()?;
            bytes.get(from..from.checked_add(count)?)
        })
    }

    /// Whether `offset` lies in a piece, so that [`Sample::at`] would have found something there.
    pub(crate) fn covers(&self, offset: u64) -> bool {
        self.at(offset, 1).is_some()
    }
}

/// Where the middle piece of a large file begins.
fn middle_at(len: u64) -> u64 {
    len.saturating_sub(MIDDLE_BYTES as u64) / 2
}

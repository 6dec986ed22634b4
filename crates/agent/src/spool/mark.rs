//! The mark: up to where the server has the events, in a file whose room is taken beforehand.
//!
//! Two slots are written in turn, each with a generation and a check. A crash while one is written leaves the other; a
//! full disk cannot hinder an acknowledgement, because nothing grows.

use super::disk::SpoolDisk;
use super::frame::{self, Frames};
use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::Path;

/// Distance between the slots: one block, so that a torn write cannot touch both.
const SLOT_BYTES: u64 = 4096;

/// What the mark says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Mark {
    /// The newest of the spool's own numbers that the server has.
    pub acked: u64,
    /// What is added to the spool's own numbers to get those that the server knows. Zero, unless the server or this
    /// computer was put back to an older state.
    pub shift: i64,
}

impl Mark {
    /// The number that the server knows for the spool's own number `own`.
    #[must_use]
    pub(super) fn to_wire(self, own: u64) -> u64 {
        own.saturating_add_signed(self.shift)
    }

    /// The spool's own number for one that the server knows.
    #[must_use]
    pub(super) fn to_own(self, wire: u64) -> u64 {
        wire.saturating_add_signed(self.shift.saturating_neg())
    }

    fn payload(self, generation: u64) -> Vec<u8> {
        [generation.to_le_bytes(), self.acked.to_le_bytes(), self.shift.to_le_bytes()].concat()
    }

    fn parse(payload: &[u8]) -> Option<(u64, Self)> {
        let (generation, rest) = payload.split_first_chunk::<8>()?;
        let (acked, rest) = rest.split_first_chunk::<8>()?;
        let shift = rest.first_chunk::<8>()?;
        let mark = Self { acked: u64::from_le_bytes(*acked), shift: i64::from_le_bytes(*shift) };
        Some((u64::from_le_bytes(*generation), mark))
    }
}

/// The open file.
#[derive(Debug)]
pub(super) struct MarkFile {
    file: File,
    generation: u64,
}

impl MarkFile {
    /// Opens or makes the file; `None` instead of a mark when no slot can be read, as on the first start.
    ///
    /// # Errors
    /// What the disk says.
    pub(super) fn open(path: &Path, disk: &dyn SpoolDisk) -> io::Result<(Self, Option<Mark>)> {
        match OpenOptions::new().read(true).write(true).open(path) {
            Ok(mut file) => {
                let mut slots = Vec::new();
                for at in [0, SLOT_BYTES] {
                    file.seek(SeekFrom::Start(at))?;
                    if let Some(payload) = Frames::new((&file).take(SLOT_BYTES)).next_payload()? {
                        slots.extend(Mark::parse(&payload));
                    }
                }
                let newest = slots.into_iter().max_by_key(|(generation, _)| *generation);
                let generation = newest.map_or(0, |(generation, _)| generation);
                Ok((Self { file, generation }, newest.map(|(_, mark)| mark)))
            }
            Err(e) if e.kind() == io::ErrorKind::NotFound => {
                Ok((Self { file: disk.prepare(path, 2 * SLOT_BYTES)?, generation: 0 }, None))
            }
            Err(e) => Err(e),
        }
    }

    /// Keeps `mark` for good.
    ///
    /// # Errors
    /// What the disk says; the mark before it then still stands.
    pub(super) fn keep(&mut self, mark: Mark, disk: &dyn SpoolDisk) -> io::Result<()> {
        let next = self.generation.saturating_add(1);
        let mut bytes = Vec::new();
        frame::push(&mut bytes, &mark.payload(next))?;
        disk.write(&self.file, (next % 2) * SLOT_BYTES, &bytes)?;
        disk.sync(&self.file)?;
        self.generation = next;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spool::disk::RealDisk;

    #[test]
    fn a_damaged_slot_leaves_the_mark_before_it() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("mark");
        let (mut file, first) = MarkFile::open(&path, &RealDisk).unwrap();
        assert_eq!(first, None);
        file.keep(Mark { acked: 1, shift: 0 }, &RealDisk).unwrap();
        file.keep(Mark { acked: 2, shift: -1 }, &RealDisk).unwrap();
        assert_eq!(MarkFile::open(&path, &RealDisk).unwrap().1, Some(Mark { acked: 2, shift: -1 }));
        // The second mark lies in the first slot.
        RealDisk.write(&file.file, 20, b"xx").unwrap();
        assert_eq!(MarkFile::open(&path, &RealDisk).unwrap().1, Some(Mark { acked: 1, shift: 0 }));
    }

    #[test]
    fn numbers_shift_both_ways() {
        let mark = Mark { acked: 0, shift: -5 };
        assert_eq!(mark.to_wire(9), 4);
        assert_eq!(mark.to_own(4), 9);
    }
}

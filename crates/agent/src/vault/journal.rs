//! An append-only file of records, one a line with its checksum. A process that dies while it writes leaves at most a
//! torn last line, which is dropped at the next start.

use super::KeepError;
use super::seal::sha256_hex;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fs::{File, OpenOptions};
use std::io::{Seek as _, SeekFrom, Write as _};
use std::marker::PhantomData;
use std::path::{Path, PathBuf};

/// How hard an append tries before it returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// The record outlives the process.
    Process,
    /// The record outlives a power cut.
    Power,
}

/// A journal of records `R`.
pub struct Journal<R> {
    path: PathBuf,
    file: File,
    length: u64,
    durability: Durability,
    record: PhantomData<fn(R) -> R>,
}

impl<R: Serialize + DeserializeOwned> Journal<R> {
    /// Opens the journal at `path`, or starts it, and gives the records that it holds. Lines that are torn or damaged
    /// are left out.
    ///
    /// # Errors
    /// [`KeepError`] when the file cannot be read or written.
    pub fn open(path: &Path, durability: Durability) -> Result<(Self, Vec<R>), KeepError> {
        let fault = |e| KeepError::io(path, e);
        let bytes = match std::fs::read(path) {
            Ok(bytes) => bytes,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Vec::new(),
            Err(e) => return Err(fault(e)),
        };
        let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let records =
            bytes.get(..whole).unwrap_or_default().split(|byte| *byte == b'\n').filter_map(read_line).collect();
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(path).map_err(fault)?;
        file.set_len(whole as u64).map_err(fault)?;
        let journal = Self { path: path.to_owned(), file, length: whole as u64, durability, record: PhantomData };
        Ok((journal, records))
    }

    /// Adds `record` at the end.
    ///
    /// # Errors
    /// [`KeepError`] when it could not be written; the journal is then as it was before.
    pub fn append(&mut self, record: &R) -> Result<(), KeepError> {
        let line = write_line(record).map_err(|e| KeepError::io(&self.path, e))?;
        let written =
            self.file.seek(SeekFrom::Start(self.length)).and_then(|_| self.file.write_all(&line)).and_then(|()| {
                match self.durability {
                    Durability::Process => Ok(()),
                    Durability::Power => self.file.sync_data(),
                }
            });
        if let Err(e) = written {
            let _ = self.file.set_len(self.length);
            return Err(KeepError::io(&self.path, e));
        }
        self.length += line.len() as u64;
        Ok(())
    }

    /// Replaces all records by these: the old file stands until the new one is whole.
    ///
    /// # Errors
    /// [`KeepError`] when the new file could not be written; the old one then goes on.
    pub fn rewrite<'a>(&mut self, records: impl Iterator<Item = &'a R>) -> Result<(), KeepError>
    where
        R: 'a,
    {
        let fault = |e| KeepError::io(&self.path, e);
        let mut bytes = Vec::new();
        for record in records {
            bytes.extend(write_line(record).map_err(fault)?);
        }
        let next = self.path.with_extension("next");
        let mut file = File::create(&next).map_err(fault)?;
        file.write_all(&bytes).and_then(|()| file.sync_data()).map_err(fault)?;
        std::fs::rename(&next, &self.path).map_err(fault)?;
        self.file = file;
        self.length = bytes.len() as u64;
        Ok(())
    }

    /// Bytes of the journal on disk.
    #[must_use]
    pub fn length(&self) -> u64 {
        self.length
    }
}

fn write_line<R: Serialize>(record: &R) -> std::io::Result<Vec<u8>> {
    let json = serde_json::to_vec(record)?;
    let sum = sha256_hex(&json);
    let mut line = sum.get(..16).unwrap_or_default().as_bytes().to_vec();
    line.push(b' ');
    line.extend(json);
    line.push(b'\n');
    Ok(line)
}

fn read_line<R: DeserializeOwned>(line: &[u8]) -> Option<R> {
    let (sum, rest) = line.split_at_checked(16)?;
    let json = rest.strip_prefix(b" ")?;
    if sha256_hex(json).get(..16)?.as_bytes() != sum {
        return None;
    }
    serde_json::from_slice(json).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_torn_last_line_is_dropped_and_written_over() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("j");
        let (mut journal, old) = Journal::<String>::open(&path, Durability::Power).unwrap();
        assert!(old.is_empty());
        journal.append(&"one".to_owned()).unwrap();
        journal.append(&"two".to_owned()).unwrap();
        let whole = std::fs::read(&path).unwrap();
        for cut in 0..whole.len() {
            std::fs::write(&path, &whole[..cut]).unwrap();
            let (mut journal, records) = Journal::<String>::open(&path, Durability::Process).unwrap();
            journal.append(&"three".to_owned()).unwrap();
            let (_, after) = Journal::<String>::open(&path, Durability::Process).unwrap();
            let expected: Vec<String> = records.into_iter().chain(["three".to_owned()]).collect();
            assert_eq!(after, expected, "cut at {cut}");
        }
    }

    #[test]
    fn a_damaged_line_in_the_middle_costs_only_itself() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("j");
        let (mut journal, _) = Journal::<u32>::open(&path, Durability::Process).unwrap();
        for number in 0..3 {
            journal.append(&number).unwrap();
        }
        let mut bytes = std::fs::read(&path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        std::fs::write(&path, bytes).unwrap();
        assert_eq!(Journal::<u32>::open(&path, Durability::Process).unwrap().1, [0, 2]);
    }

    #[test]
    fn a_rewrite_goes_on_where_it_ended() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("j");
        let (mut journal, _) = Journal::<u32>::open(&path, Durability::Process).unwrap();
        for number in 0..9 {
            journal.append(&number).unwrap();
        }
        journal.rewrite([7, 8].iter()).unwrap();
        journal.append(&9).unwrap();
        assert_eq!(Journal::<u32>::open(&path, Durability::Process).unwrap().1, [7, 8, 9]);
    }
}

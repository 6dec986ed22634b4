//! The journal of orders: which ended, how, and whether the server was told. What is here is never carried out again.

use crate::spool::disk::SpoolDisk;
use crate::spool::frame::{self, End, Frames};
use baluardo_model::fleet::OrderOutcome;
use baluardo_model::{OrderId, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{self, BufReader};
use std::path::PathBuf;
use std::sync::Arc;

/// Bytes that the file has at first.
const FIRST_BYTES: u64 = 64 * 1024;

/// Room that must be free before an order is carried out: its outcome, and that it was told.
const ROOM_BYTES: u64 = 8 * 1024;

/// The longest note that is kept, in characters.
const NOTE_CHARS: usize = 500;

/// Ended orders that are always remembered, the newest; beyond them those that are told and expired are forgotten.
const REMEMBERED: usize = 1_000;

/// What an entry is about. An order that was refused is known by its exact bytes and not by its id, which nobody proved:
/// or a forged order could keep the true one from being carried out.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Key {
    /// An order under the server's signature.
    Order(OrderId),
    /// The SHA-256 of something that was refused.
    Refused(String),
}

/// How an order ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ended {
    /// The order, as it is told to the server.
    pub order: OrderId,
    /// How.
    pub outcome: OrderOutcome,
    /// What a person should know.
    pub note: String,
    /// When the order ended or will end to be valid.
    pub expires_at: Timestamp,
    /// The spool's own number of the event that told it.
    pub told: Option<u64>,
}

/// One record of the file.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Record {
    Ended { key: Key, ended: Ended },
    Told { key: Key, seq: u64 },
}

/// The journal.
pub struct Journal {
    path: PathBuf,
    disk: Arc<dyn SpoolDisk>,
    file: File,
    len: u64,
    room: u64,
    /// A write failed: the file must be made anew before more is written.
    broken: bool,
    entries: BTreeMap<Key, Ended>,
}

impl Journal {
    /// Opens the journal at `path`, or makes it. A record that a crash tore was never acted on and is dropped.
    ///
    /// # Errors
    /// What the disk says.
    pub fn open(path: PathBuf, disk: Arc<dyn SpoolDisk>) -> io::Result<Self> {
        let mut entries = BTreeMap::new();
        let old = match OpenOptions::new().read(true).write(true).open(&path) {
            Ok(old) => old,
            Err(e) if e.kind() == io::ErrorKind::NotFound => {
                let (file, len, room) = rewrite(&path, &*disk, &entries)?;
                return Ok(Self { path, disk, file, len, room, broken: false, entries });
            }
            Err(e) => return Err(e),
        };
        let mut frames = Frames::new(BufReader::new(&old));
        while let Some(payload) = frames.next_payload()? {
            let record = serde_json::from_slice(&payload).map_err(|e| io::Error::new(io::ErrorKind::InvalidData, e))?;
            apply(&mut entries, record);
        }
        let (len, broken) = (frames.good_bytes(), frames.end() == Some(End::Torn));
        let room = old.metadata()?.len();
        // Made anew only when the next order comes: a full disk must not keep the agent from starting.
        Ok(Self { path, disk, file: old, len, room, broken, entries })
    }

    /// How the order of `key` ended, if it did.
    #[must_use]
    pub fn get(&self, key: &Key) -> Option<&Ended> {
        self.entries.get(key)
    }

    /// Orders that ended and of which the server was not told.
    pub fn untold(&self) -> impl Iterator<Item = (&Key, &Ended)> {
        self.entries.iter().filter(|(_, ended)| ended.told.is_none())
    }

    /// Makes sure that the outcome of one more order can be kept. Without this, no order may be carried out.
    ///
    /// # Errors
    /// What the disk says.
    pub fn make_room(&mut self, now: Timestamp) -> io::Result<()> {
        if !self.broken && self.len + ROOM_BYTES <= self.room {
            return Ok(());
        }
        forget_old(&mut self.entries, now);
        (self.file, self.len, self.room) = rewrite(&self.path, &*self.disk, &self.entries)?;
        self.broken = false;
        Ok(())
    }

    /// Keeps how an order ended; it is not carried out again once this returned.
    ///
    /// # Errors
    /// What the disk says.
    pub fn ended(&mut self, key: Key, mut ended: Ended) -> io::Result<()> {
        if ended.note.chars().count() > NOTE_CHARS {
            ended.note = ended.note.chars().take(NOTE_CHARS).chain(['…']).collect();
        }
        self.keep(Record::Ended { key, ended })
    }

    /// Keeps that the event `seq` of the spool tells how the order of `key` ended.
    ///
    /// # Errors
    /// What the disk says.
    pub fn told(&mut self, key: Key, seq: u64) -> io::Result<()> {
        self.keep(Record::Told { key, seq })
    }

    /// What happened is known to this run even if the disk fails; [`Journal::make_room`] then writes it all anew.
    fn keep(&mut self, record: Record) -> io::Result<()> {
        let mut bytes = Vec::new();
        frame::push(&mut bytes, &serde_json::to_vec(&record)?)?;
        apply(&mut self.entries, record);
        if self.broken {
            return Err(io::Error::other("an earlier write failed; the journal is made anew first"));
        }
        let written = self.disk.write(&self.file, self.len, &bytes).and_then(|()| self.disk.sync(&self.file));
        self.broken = written.is_err();
        written?;
        self.len += bytes.len() as u64;
        Ok(())
    }
}

fn apply(entries: &mut BTreeMap<Key, Ended>, record: Record) {
    match record {
        Record::Ended { key, ended } => {
            entries.insert(key, ended);
        }
        Record::Told { key, seq } => {
            if let Some(ended) = entries.get_mut(&key) {
                ended.told = Some(seq);
            }
        }
    }
}

/// Forgets the oldest entries (ids sort by birth) that were told and can no longer be replayed.
fn forget_old(entries: &mut BTreeMap<Key, Ended>, now: Timestamp) {
    let mut spare = entries.len().saturating_sub(REMEMBERED);
    entries.retain(|_, ended| {
        let old = spare > 0 && ended.told.is_some() && ended.expires_at < now;
        spare -= usize::from(old);
        !old
    });
}

/// Writes all entries to a fresh file and puts it in the old one's place. Gives the file, its length and its room.
fn rewrite(
    path: &std::path::Path,
    disk: &dyn SpoolDisk,
    entries: &BTreeMap<Key, Ended>,
) -> io::Result<(File, u64, u64)> {
    let mut bytes = Vec::new();
    for (key, ended) in entries {
        let record = Record::Ended { key: key.clone(), ended: ended.clone() };
        frame::push(&mut bytes, &serde_json::to_vec(&record)?)?;
    }
    let len = bytes.len() as u64;
    let room = FIRST_BYTES.max((len + ROOM_BYTES).saturating_mul(2));
    let aside = path.with_extension("new");
    let file = disk.prepare(&aside, room)?;
    disk.write(&file, 0, &bytes)?;
    disk.sync(&file)?;
    disk.rename(&aside, path)?;
    Ok((file, len, room))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spool::disk::RealDisk;

    fn order(n: u64) -> OrderId {
        format!("00000000-0000-7000-8000-{n:012}").parse().unwrap()
    }

    fn ended(n: u64) -> Ended {
        let expires_at = Timestamp::from_micros(100);
        Ended { order: order(n), outcome: OrderOutcome::Done, note: "n".repeat(1_000), expires_at, told: None }
    }

    #[test]
    fn what_ended_and_what_was_told_is_remembered_by_the_next_start() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("orders");
        let mut journal = Journal::open(path.clone(), Arc::new(RealDisk)).unwrap();
        journal.ended(Key::Order(order(1)), ended(1)).unwrap();
        journal.ended(Key::Order(order(2)), ended(2)).unwrap();
        journal.told(Key::Order(order(1)), 9).unwrap();
        let journal = Journal::open(path, Arc::new(RealDisk)).unwrap();
        assert_eq!(journal.get(&Key::Order(order(1))).unwrap().told, Some(9));
        assert_eq!(journal.untold().map(|(_, ended)| ended.order).collect::<Vec<_>>(), [order(2)]);
        assert_eq!(journal.get(&Key::Order(order(2))).unwrap().note.chars().count(), NOTE_CHARS + 1);
    }
}

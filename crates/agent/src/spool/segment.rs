//! Segments: files of events whose room was taken when they were made, named by the number of their first event.

use super::disk::SpoolDisk;
use super::{SpoolError, SpoolSettings, frame};
use baluardo_model::Timestamp;
use baluardo_wire::exchange::Event;
use std::fs::File;
use std::path::{Path, PathBuf};

/// What is known of a segment.
#[derive(Clone, Debug)]
pub(super) struct SegmentInfo {
    /// The own number of its first event.
    pub(super) first: u64,
    pub(super) path: PathBuf,
}

/// The file name of the segment that begins with event `first`.
pub(super) fn path_of(dir: &Path, first: u64) -> PathBuf {
    dir.join(format!("{first:020}.events"))
}

/// The number in a segment's file name.
pub(super) fn first_of(path: &Path) -> Option<u64> {
    path.file_name()?.to_str()?.strip_suffix(".events")?.parse().ok()
}

/// The segment in reserve: room for what matters most when there is no other.
pub(super) fn reserve_path(dir: &Path) -> PathBuf {
    dir.join("reserve")
}

/// The bytes of one event on disk, without the frame.
pub(super) fn encode(seq: u64, at: Timestamp, body_json: &[u8]) -> Vec<u8> {
    [&seq.to_le_bytes()[..], &at.micros().to_le_bytes()[..], body_json].concat()
}

/// The event in a frame's payload.
pub(super) fn decode(payload: &[u8]) -> Option<Event> {
    let (seq, rest) = payload.split_first_chunk::<8>()?;
    let (at, json) = rest.split_first_chunk::<8>()?;
    let body = serde_json::from_slice(json).ok()?;
    Some(Event { seq: u64::from_le_bytes(*seq), at: Timestamp::from_micros(i64::from_le_bytes(*at)), body })
}

/// The number in a frame's payload.
pub(super) fn seq_of(payload: &[u8]) -> Option<u64> {
    payload.first_chunk::<8>().map(|seq| u64::from_le_bytes(*seq))
}

/// The segment that is written to.
struct Active {
    file: File,
    path: PathBuf,
    first: u64,
    /// Bytes of whole events.
    len: u64,
    /// Whether it was the one in reserve: then it takes only what matters most.
    reserve: bool,
}

/// One event, framed and ready; its number is set by [`Writer::write`].
pub(super) struct Ready<'a> {
    pub(super) at: Timestamp,
    pub(super) json: &'a [u8],
    pub(super) matters_most: bool,
}

impl Ready<'_> {
    /// Bytes that it takes in a segment.
    pub(super) fn bytes(&self) -> u64 {
        (frame::HEAD_BYTES + 16 + self.json.len()) as u64
    }
}

/// The writing end.
pub(super) struct Writer {
    active: Option<Active>,
}

impl Writer {
    /// A writer that begins a new segment with its first event.
    pub(super) fn new() -> Self {
        Self { active: None }
    }

    /// The first number of the segment that is written to.
    pub(super) fn active_first(&self) -> Option<u64> {
        self.active.as_ref().map(|active| active.first)
    }

    /// Whether `event` fits into the segment at hand, after `before` bytes more.
    pub(super) fn takes(&self, event: &Ready<'_>, before: u64, settings: &SpoolSettings) -> bool {
        self.active.as_ref().is_some_and(|active| {
            (event.matters_most || !active.reserve) && active.len + before + event.bytes() <= settings.segment_bytes
        })
    }

    /// Begins a new segment with event number `first`. `segments` counts those that exist.
    ///
    /// # Errors
    /// [`SpoolError::Full`], [`SpoolError::DiskFull`] or [`SpoolError::Disk`]; the segment at hand stays.
    pub(super) fn roll(
        &mut self,
        first: u64,
        segments: usize,
        matters_most: bool,
        settings: &SpoolSettings,
        disk: &dyn SpoolDisk,
    ) -> Result<SegmentInfo, SpoolError> {
        let path = path_of(&settings.dir, first);
        // The segment in reserve counts as one.
        let taken = settings.segment_bytes.saturating_mul(segments as u64 + 2);
        let made = if taken > settings.max_bytes {
            Err(SpoolError::Full { dir: settings.dir.clone(), bytes: settings.max_bytes })
        } else {
            disk.prepare(&path, settings.segment_bytes).map_err(|e| SpoolError::of(&path, &settings.dir, e))
        };
        let (file, reserve) = match made {
            Ok(file) => (file, false),
            Err(error) if matters_most => (take_reserve(&path, settings, disk).ok_or(error)?, true),
            Err(error) => return Err(error),
        };
        self.active = Some(Active { file, path: path.clone(), first, len: 0, reserve });
        Ok(SegmentInfo { first, path })
    }

    /// Writes events with the numbers from `first` on and returns when they outlive a loss of power.
    ///
    /// # Errors
    /// [`SpoolError::DiskFull`] or [`SpoolError::Disk`]: none of them is kept, and the next event begins a new segment.
    pub(super) fn write(
        &mut self,
        first: u64,
        events: &[Ready<'_>],
        settings: &SpoolSettings,
        disk: &dyn SpoolDisk,
    ) -> Result<(), SpoolError> {
        let Some(active) = self.active.as_mut() else {
            return Err(SpoolError::Unwritable("no segment is open".to_owned()));
        };
        let mut bytes = Vec::new();
        for (seq, event) in (first..).zip(events) {
            frame::push(&mut bytes, &encode(seq, event.at, event.json))
                .map_err(|e| SpoolError::of(&active.path, &settings.dir, e))?;
        }
        let kept = disk.write(&active.file, active.len, &bytes).and_then(|()| disk.sync(&active.file));
        match kept {
            Ok(()) => {
                active.len += bytes.len() as u64;
                Ok(())
            }
            Err(error) => {
                let error = SpoolError::of(&active.path, &settings.dir, error);
                // What a failed write left behind must not be read as an event one day. If even this fails, the number
                // in the next segment's name says where this one ends.
                if let Err(cut) = disk.cut(&active.file, active.len) {
                    tracing::warn!(file = %active.path.display(), "a failed write could not be taken back: {cut}");
                }
                self.active = None;
                Err(error)
            }
        }
    }
}

/// The segment in reserve under its new name, if there is one.
fn take_reserve(path: &Path, settings: &SpoolSettings, disk: &dyn SpoolDisk) -> Option<File> {
    let reserve = reserve_path(&settings.dir);
    let file = std::fs::OpenOptions::new().read(true).write(true).open(&reserve).ok()?;
    disk.rename(&reserve, path).ok()?;
    tracing::warn!("no room for more events: from now on only the gravest are kept, in the room in reserve");
    Some(file)
}

/// Makes the segment in reserve if it is missing. Not having one is bearable, so nothing fails.
pub(super) fn make_reserve(settings: &SpoolSettings, disk: &dyn SpoolDisk) {
    let path = reserve_path(&settings.dir);
    if !path.exists() && disk.prepare(&path, settings.segment_bytes).is_err() {
        tracing::warn!("no room to keep in reserve for grave events in {}", settings.dir.display());
    }
}

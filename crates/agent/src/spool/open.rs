//! Opening the spool after whatever happened to it.

use super::disk::SpoolDisk;
use super::frame::{End, Frames};
use super::mark::{Mark, MarkFile};
use super::segment::{Ready, SegmentInfo, Writer, first_of, make_reserve, path_of, seq_of};
use super::{Spool, SpoolError, SpoolSettings, State};
use baluardo_model::protection::{Finding, FindingKind, Severity};
use baluardo_model::{Chance, Clock, FindingId};
use baluardo_wire::exchange::EventBody;
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, BufReader};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex};
use tokio::sync::Notify;

/// What a look through a segment showed.
struct Look {
    /// Whole events in it, in order from its first.
    events: u64,
    good_bytes: u64,
    torn: bool,
}

impl Spool {
    /// Opens the spool, or makes it. Cuts what a crash tore, and goes on with the number after the newest whole event.
    ///
    /// # Errors
    /// [`SpoolError`] when the folder cannot be made, read or written.
    pub fn open(
        settings: SpoolSettings,
        disk: Arc<dyn SpoolDisk>,
        clock: Arc<dyn Clock>,
        chance: &dyn Chance,
    ) -> Result<Self, SpoolError> {
        let failed = |e| SpoolError::of(&settings.dir, &settings.dir, e);
        DirBuilder::new().recursive(true).mode(0o700).create(&settings.dir).map_err(failed)?;
        let mark_path = settings.dir.join("mark");
        let (mut mark_file, mark) =
            MarkFile::open(&mark_path, &*disk).map_err(|e| SpoolError::of(&mark_path, &settings.dir, e))?;
        let mut segments = list(&settings.dir).map_err(failed)?;
        let known = mark
            .unwrap_or(Mark { acked: segments.first().map_or(0, |segment| segment.first.saturating_sub(1)), shift: 0 });
        let last = mend(&settings, &*disk, &*clock, chance, &mut segments)?;
        let next = last.max(known.acked).saturating_add(1);
        if mark.is_none() {
            mark_file.keep(known, &*disk).map_err(|e| SpoolError::of(&mark_path, &settings.dir, e))?;
        }
        make_reserve(&settings, &*disk);
        let state = State { writer: Some(Writer::new()), queue: Vec::new(), segments, next, mark: known, mark_file };
        let spool = Self {
            settings,
            disk,
            clock,
            state: Mutex::new(state),
            written: Condvar::new(),
            news: Arc::new(Notify::new()),
        };
        spool.forget_known();
        Ok(spool)
    }

    /// Removes the segments that a crash kept from being removed.
    fn forget_known(&self) {
        let mut state = self.lock();
        self.forget(&mut state);
    }
}

/// The segments in the folder, oldest first.
fn list(dir: &Path) -> io::Result<Vec<SegmentInfo>> {
    let mut segments = Vec::new();
    for entry in std::fs::read_dir(dir)? {
        let path = entry?.path();
        if let Some(first) = first_of(&path) {
            segments.push(SegmentInfo { first, path });
        }
    }
    segments.sort_by_key(|segment| segment.first);
    Ok(segments)
}

/// Cuts the newest segment after its last whole event, removes empty ones and fills holes of older ones. Gives the number
/// of the newest event, 0 when there is none.
fn mend(
    settings: &SpoolSettings,
    disk: &dyn SpoolDisk,
    clock: &dyn Clock,
    chance: &dyn Chance,
    segments: &mut Vec<SegmentInfo>,
) -> Result<u64, SpoolError> {
    let mut newest = 0;
    let mut mended = Vec::new();
    let mut following = segments.iter().skip(1).map(|segment| segment.first);
    for segment in segments.iter() {
        let failed = |e| SpoolError::of(&segment.path, &settings.dir, e);
        let look = look(segment).map_err(failed)?;
        if let Some(next_first) = following.next() {
            let expected = next_first.saturating_sub(segment.first);
            mended.push(segment.clone());
            if look.events < expected {
                let hole = (segment.first + look.events)..next_first;
                mended.extend(fill_hole(settings, disk, clock, chance, segment, look.events, hole)?);
            }
            newest = next_first.saturating_sub(1);
        } else if look.events == 0 {
            disk.remove(&segment.path).map_err(failed)?;
        } else {
            if look.torn {
                tracing::warn!(file = %segment.path.display(), "cut a record that a crash tore");
            }
            let file = OpenOptions::new().write(true).open(&segment.path).map_err(failed)?;
            disk.cut(&file, look.good_bytes).map_err(failed)?;
            newest = segment.first + look.events - 1;
            mended.push(segment.clone());
        }
    }
    *segments = mended;
    Ok(newest)
}

fn look(segment: &SegmentInfo) -> io::Result<Look> {
    let mut frames = Frames::new(BufReader::new(File::open(&segment.path)?));
    let mut look = Look { events: 0, good_bytes: 0, torn: false };
    while let Some(payload) = frames.next_payload()? {
        if seq_of(&payload) != Some(segment.first + look.events) {
            look.torn = true;
            return Ok(look);
        }
        look.events += 1;
        look.good_bytes = frames.good_bytes();
    }
    look.torn = frames.end() == Some(End::Torn);
    Ok(look)
}

/// A segment in the middle lost events, which a crash cannot do, only a failing disk. Their numbers are given to findings
/// that say so, because the server takes no gap; what is left of the file is put aside.
fn fill_hole(
    settings: &SpoolSettings,
    disk: &dyn SpoolDisk,
    clock: &dyn Clock,
    chance: &dyn Chance,
    segment: &SegmentInfo,
    whole: u64,
    hole: std::ops::Range<u64>,
) -> Result<Option<SegmentInfo>, SpoolError> {
    let failed = |e| SpoolError::of(&segment.path, &settings.dir, e);
    tracing::error!(file = %segment.path.display(), ?hole, "the disk lost events; they are told as lost");
    let kept = segment.path.with_extension("damaged");
    std::fs::copy(&segment.path, &kept).map_err(failed)?;
    let at = clock.now();
    let mut lines = Vec::new();
    for seq in hole.clone() {
        let finding = Finding {
            id: FindingId::new(at, chance),
            kind: FindingKind::AgentTrouble,
            severity: Severity::Medium,
            detected_at: at,
            path: kept.display().to_string(),
            sha256: None,
            reasons: vec![baluardo_model::protection::Reason {
                engine: "spool".to_owned(),
                rule: "event_lost".to_owned(),
                detail: format!("event {seq} could not be read from the disk any more; check the disk"),
            }],
            processes: Vec::new(),
            techniques: Vec::new(),
            files_touched: 0,
            files_lost: 0,
            steps: Vec::new(),
            intrusion: None,
        };
        let body = EventBody::Finding { finding: Box::new(finding) };
        lines.push(serde_json::to_vec(&body).map_err(|e| SpoolError::Unwritable(e.to_string()))?);
    }
    let ready: Vec<Ready<'_>> = lines.iter().map(|json| Ready { at, json, matters_most: true }).collect();
    let size = ready.iter().map(Ready::bytes).sum::<u64>().max(settings.segment_bytes);
    let roomy = SpoolSettings { segment_bytes: size, max_bytes: u64::MAX, ..settings.clone() };
    // Written aside and named last, so that a crash meanwhile leaves the hole to be found again.
    let mut writer = Writer::new();
    let aside = SpoolSettings { dir: settings.dir.join("mending"), ..roomy };
    std::fs::create_dir_all(&aside.dir).map_err(failed)?;
    let made = writer.roll(hole.start, 0, false, &aside, disk)?;
    writer.write(hole.start, &ready, &aside, disk)?;
    let path = path_of(&settings.dir, hole.start);
    disk.rename(&made.path, &path).map_err(failed)?;
    let info = SegmentInfo { first: hole.start, path };
    // With no whole event left, the file of the findings has replaced the damaged one under the same name.
    Ok((whole > 0).then_some(info))
}

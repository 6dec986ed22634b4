//! Reading what waits, for the next message to the server.

use super::frame::Frames;
use super::segment::{SegmentInfo, decode, seq_of};
use super::{Spool, SpoolError};
use baluardo_wire::exchange::{Event, EventBody};
use std::fs::File;
use std::io::BufReader;
use std::ops::ControlFlow;

/// How much of a segment is read at once: small, because the agent's memory counts.
const READ_BYTES: usize = 16 * 1024;

/// Room that an event's number, time and braces take in a message beside its body.
const EVENT_FRAME_BYTES: usize = 80;

impl Spool {
    /// The oldest events that the server does not have, with the numbers that it knows: at most `max_events`, at most
    /// `max_bytes` of JSON, but always one if any waits.
    ///
    /// # Errors
    /// [`SpoolError::Disk`].
    pub fn batch(&self, max_events: usize, max_bytes: usize) -> Result<Vec<Event>, SpoolError> {
        let mark = self.lock().mark;
        let mut events = Vec::new();
        let mut bytes = 0;
        self.each_waiting(|payload| {
            bytes += payload.len() + EVENT_FRAME_BYTES;
            if events.len() >= max_events || (bytes > max_bytes && !events.is_empty()) {
                return ControlFlow::Break(());
            }
            match decode(payload) {
                Some(mut event) => {
                    event.seq = mark.to_wire(event.seq);
                    events.push(event);
                    ControlFlow::Continue(())
                }
                // A whole record that is no event of ours was written by another version; what follows must wait for
                // a version that can read it, because numbers go up without a gap.
                None => {
                    tracing::error!("an event in the spool cannot be read by this version of the agent: update it");
                    ControlFlow::Break(())
                }
            }
        })?;
        Ok(events)
    }

    /// The own numbers of waiting events for which `wanted` gives something, with what it gave.
    ///
    /// # Errors
    /// [`SpoolError::Disk`].
    pub fn find_waiting<T>(
        &self,
        mut wanted: impl FnMut(&EventBody) -> Option<T>,
    ) -> Result<Vec<(u64, T)>, SpoolError> {
        let mut found = Vec::new();
        self.each_waiting(|payload| {
            if let Some(event) = decode(payload)
                && let Some(what) = wanted(&event.body)
            {
                found.push((event.seq, what));
            }
            ControlFlow::Continue(())
        })?;
        Ok(found)
    }

    /// Hands each waiting event's record to `visit`, oldest first.
    fn each_waiting(&self, mut visit: impl FnMut(&[u8]) -> ControlFlow<()>) -> Result<(), SpoolError> {
        let (segments, acked, newest) = {
            let state = self.lock();
            (state.segments.clone(), state.mark.acked, state.next.saturating_sub(1))
        };
        let mut ends = segments.iter().skip(1).map(|next| next.first.saturating_sub(1));
        for segment in &segments {
            let last = ends.next().unwrap_or(newest).min(newest);
            if last > acked && self.visit_segment(segment, acked, last, &mut visit)?.is_break() {
                break;
            }
        }
        Ok(())
    }

    fn visit_segment(
        &self,
        segment: &SegmentInfo,
        acked: u64,
        last: u64,
        visit: &mut impl FnMut(&[u8]) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>, SpoolError> {
        let failed = |e| SpoolError::of(&segment.path, &self.settings.dir, e);
        let file = File::open(&segment.path).map_err(failed)?;
        let mut frames = Frames::new(BufReader::with_capacity(READ_BYTES, file));
        while let Some(payload) = frames.next_payload().map_err(failed)? {
            match seq_of(&payload) {
                Some(seq) if seq > last => break,
                Some(seq) if seq > acked && visit(&payload).is_break() => return Ok(ControlFlow::Break(())),
                _ => {}
            }
        }
        Ok(ControlFlow::Continue(()))
    }
}

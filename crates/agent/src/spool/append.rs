//! Keeping events: one reporter writes for all that came meanwhile.

use super::segment::{Ready, Writer};
use super::{MAX_EVENT_BYTES, Spool, SpoolError, State, matters_most};
use baluardo_model::Timestamp;
use baluardo_wire::exchange::EventBody;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// An event on its way to the disk.
pub(super) struct Pending {
    at: Timestamp,
    json: Vec<u8>,
    matters_most: bool,
    /// Its number or why it was not kept, once known.
    end: Mutex<Option<Result<u64, SpoolError>>>,
}

impl Pending {
    fn ready(&self) -> Ready<'_> {
        Ready { at: self.at, json: &self.json, matters_most: self.matters_most }
    }

    fn set(&self, end: Result<u64, SpoolError>) {
        *self.end.lock().unwrap_or_else(PoisonError::into_inner) = Some(end);
    }

    fn take(&self) -> Option<Result<u64, SpoolError>> {
        self.end.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl Spool {
    /// Keeps an event and gives its own number. When this returns, the event outlives a crash.
    ///
    /// # Errors
    /// See [`SpoolError`]; the event is then not kept and its number goes to the next.
    pub fn append(&self, body: &EventBody) -> Result<u64, SpoolError> {
        let json = serde_json::to_vec(body).map_err(|e| SpoolError::Unwritable(e.to_string()))?;
        if json.len() > MAX_EVENT_BYTES.min(self.largest_in_segment()) {
            return Err(SpoolError::TooLarge { bytes: json.len() });
        }
        let mine =
            Arc::new(Pending { at: self.clock.now(), json, matters_most: matters_most(body), end: Mutex::new(None) });
        let mut state = self.lock();
        state.queue.push(Arc::clone(&mine));
        loop {
            if let Some(end) = mine.take() {
                return end;
            }
            state = match state.writer.take() {
                Some(writer) => self.write_all(state, writer),
                None => self.written.wait(state).unwrap_or_else(PoisonError::into_inner),
            };
        }
    }

    /// The longest event that one segment holds, in bytes of JSON.
    fn largest_in_segment(&self) -> usize {
        usize::try_from(self.settings.segment_bytes).unwrap_or(usize::MAX).saturating_sub(64)
    }

    /// Writes the whole queue with the lock given back meanwhile, then tells everybody how it ended.
    fn write_all<'a>(&'a self, mut state: MutexGuard<'a, State>, mut writer: Writer) -> MutexGuard<'a, State> {
        let queue = std::mem::take(&mut state.queue);
        let mut next = state.next;
        let mut rest: &[Arc<Pending>] = &queue;
        let mut failed_once = false;
        drop(state);
        while let Some(head) = rest.first() {
            let count = self.prefix(&writer, rest);
            if count == 0 {
                if let Err(error) = self.roll(&mut writer, next, head.matters_most) {
                    head.set(Err(error));
                    rest = rest.get(1..).unwrap_or_default();
                }
                continue;
            }
            let (batch, after) = rest.split_at(count);
            let ready: Vec<Ready<'_>> = batch.iter().map(|pending| pending.ready()).collect();
            match writer.write(next, &ready, &self.settings, &*self.disk) {
                Ok(()) => {
                    for pending in batch {
                        pending.set(Ok(next));
                        next += 1;
                    }
                    self.lock().next = next;
                    self.news.notify_one();
                    rest = after;
                }
                // A new segment may lie on good blocks, or be the one in reserve: one more try is worth it.
                Err(_) if !failed_once => failed_once = true,
                Err(error) => {
                    for pending in batch {
                        pending.set(Err(error.clone()));
                    }
                    rest = after;
                }
            }
        }
        let mut state = self.lock();
        state.writer = Some(writer);
        self.written.notify_all();
        state
    }

    /// How many events from the front of `queue` the segment at hand takes.
    fn prefix(&self, writer: &Writer, queue: &[Arc<Pending>]) -> usize {
        let mut before = 0;
        queue
            .iter()
            .take_while(|pending| {
                let fits = writer.takes(&pending.ready(), before, &self.settings);
                before += pending.ready().bytes();
                fits
            })
            .count()
    }

    fn roll(&self, writer: &mut Writer, first: u64, matters_most: bool) -> Result<(), SpoolError> {
        let segments = {
            let mut state = self.lock();
            // A segment that got no event makes way for the one that begins with the same number.
            state.segments.retain(|segment| segment.first != first);
            state.segments.len()
        };
        let made = writer.roll(first, segments, matters_most, &self.settings, &*self.disk)?;
        self.lock().segments.push(made);
        Ok(())
    }
}

//! Forgetting what the server has, and going back when it says that it has less.

use super::mark::Mark;
use super::segment::make_reserve;
use super::{Spool, SpoolError, State};
use baluardo_wire::exchange::Gone;

impl Spool {
    /// The server has every event up to `wire` (in the numbers that it knows) for good. A number that lies behind what
    /// was known, or ahead of all events, changes nothing.
    ///
    /// # Errors
    /// [`SpoolError::Disk`]: the acknowledgement could not be kept; the events stay and are not forgotten.
    pub fn ack(&self, wire: u64) -> Result<(), SpoolError> {
        let mut state = self.lock();
        let own = state.mark.to_own(wire);
        if own <= state.mark.acked || own >= state.next {
            return Ok(());
        }
        let mark = Mark { acked: own, ..state.mark };
        self.keep_mark(&mut state, mark)?;
        self.forget(&mut state);
        drop(state);
        make_reserve(&self.settings, &*self.disk);
        Ok(())
    }

    /// The server knows events of this device up to `wire`, which is more than this device sent: this computer was put back
    /// to an older state. The events that wait get the numbers after `wire`.
    ///
    /// # Errors
    /// [`SpoolError::Disk`].
    pub fn go_on_after(&self, wire: u64) -> Result<(), SpoolError> {
        let mut state = self.lock();
        let acked = state.mark.acked;
        let shift = i64::try_from(i128::from(wire) - i128::from(acked)).unwrap_or(0);
        self.keep_mark(&mut state, Mark { acked, shift })
    }

    /// The server, which once had more, knows events of this device only up to `wire`: it was put back to an older state.
    /// What is still on disk is sent again, under the numbers that it had; the numbers that are gone for good come back.
    ///
    /// # Errors
    /// [`SpoolError::Disk`].
    pub fn send_again_after(&self, wire: u64) -> Result<Option<Gone>, SpoolError> {
        let mut state = self.lock();
        let oldest = state.segments.first().map_or(state.next, |segment| segment.first);
        let lowest = oldest.saturating_sub(1).min(state.mark.acked);
        let acked = state.mark.to_own(wire).clamp(lowest, state.mark.acked);
        let mark = Mark { acked, shift: state.mark.shift };
        if mark != state.mark {
            self.keep_mark(&mut state, mark)?;
        }
        let until = mark.to_wire(acked);
        Ok((until > wire).then_some(Gone { after: wire, until }))
    }

    fn keep_mark(&self, state: &mut State, mark: Mark) -> Result<(), SpoolError> {
        state
            .mark_file
            .keep(mark, &*self.disk)
            .map_err(|e| SpoolError::of(&self.settings.dir, &self.settings.dir, e))?;
        state.mark = mark;
        Ok(())
    }

    /// Removes the segments whose every event the server has; never the one that is written to.
    pub(super) fn forget(&self, state: &mut State) {
        // While a reporter writes, the newest segment is the one that is written to.
        let active = match &state.writer {
            Some(writer) => writer.active_first(),
            None => state.segments.last().map(|segment| segment.first),
        };
        while let Some(oldest) = state.segments.first() {
            let last = state.segments.get(1).map_or(state.next, |next| next.first).saturating_sub(1);
            if last > state.mark.acked || active == Some(oldest.first) {
                break;
            }
            if let Err(error) = self.disk.remove(&oldest.path) {
                tracing::warn!(file = %oldest.path.display(), "an old segment could not be removed: {error}");
                break;
            }
            state.segments.remove(0);
        }
    }
}

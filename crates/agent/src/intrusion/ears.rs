//! Between those who listen and the one who judges: two bounded queues and a bell. A log that is flooded fills its own queue,
//! and then waits on its disk; what starts meanwhile is heard all the same.

use super::sources::Heard;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::time::Duration;

/// Lines of logs that wait to be judged.
const LINES: usize = 1_024;
/// Starts of programs that wait to be judged.
const STARTS: usize = 2_048;
/// Lines that are judged before it is looked whether something started.
const AT_ONCE: usize = 32;

/// What listeners speak into. The judge ends when all of them are gone.
#[derive(Clone)]
pub(super) struct Ears {
    lines: SyncSender<Heard>,
    starts: SyncSender<Heard>,
    bell: SyncSender<()>,
}

/// What the judge hears.
pub(super) struct Hearing {
    lines: Receiver<Heard>,
    starts: Receiver<Heard>,
    bell: Receiver<()>,
    /// Whether lines may wait for which the bell rang already.
    more: bool,
}

/// Both ends.
pub(super) fn ears() -> (Ears, Hearing) {
    let (lines, lines_in) = sync_channel(LINES);
    let (starts, starts_in) = sync_channel(STARTS);
    let (bell, bell_in) = sync_channel(1);
    (Ears { lines, starts, bell }, Hearing { lines: lines_in, starts: starts_in, bell: bell_in, more: false })
}

impl Ears {
    /// Hands on something of a log, and waits while there is no room. False when nobody listens any more.
    pub(super) fn of_log(&self, heard: Heard) -> bool {
        let sent = self.lines.send(heard).is_ok();
        self.ring();
        sent
    }

    /// Hands on a start, if there is room: the kernel waits for nobody.
    pub(super) fn of_start(&self, heard: Heard) -> bool {
        let lost = matches!(self.starts.try_send(heard), Err(TrySendError::Full(_)));
        self.ring();
        !lost
    }

    fn ring(&self) {
        // A bell that rings already is as good.
        let _ = self.bell.try_send(());
    }
}

impl Hearing {
    /// What was heard, all starts first, once there is something; nothing after `patience`, and none when all listeners are
    /// gone.
    pub(super) fn next(&mut self, patience: Option<Duration>) -> Option<Vec<Heard>> {
        if !self.more {
            let rang = match patience {
                Some(patience) => self.bell.recv_timeout(patience),
                None => self.bell.recv().map_err(|_| RecvTimeoutError::Disconnected),
            };
            match rang {
                Ok(()) => {}
                Err(RecvTimeoutError::Timeout) => return Some(Vec::new()),
                Err(RecvTimeoutError::Disconnected) => return None,
            }
        }
        let mut heard: Vec<Heard> = self.starts.try_iter().collect();
        let starts = heard.len();
        heard.extend(self.lines.try_iter().take(AT_ONCE));
        self.more = heard.len() - starts == AT_ONCE;
        Some(heard)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_log_keeps_no_start_from_being_heard() {
        let (ears, mut hearing) = ears();
        for _ in 0..LINES {
            assert!(ears.of_log(Heard::Entry(Vec::new())));
        }
        assert!(ears.of_start(Heard::Lost(7)));
        let first = hearing.next(None).unwrap();
        assert!(matches!(first[0], Heard::Lost(7)) && first.len() == AT_ONCE + 1);
        let mut lines = AT_ONCE;
        while lines < LINES {
            lines += hearing.next(Some(Duration::ZERO)).unwrap().len();
        }
        assert_eq!(hearing.next(Some(Duration::ZERO)).map(|heard| heard.len()), Some(0));
    }

    #[test]
    fn what_finds_no_room_is_said_and_the_end_is_heard() {
        let (ears, mut hearing) = ears();
        assert!((0..STARTS).all(|_| ears.of_start(Heard::Lost(1))));
        assert!(!ears.of_start(Heard::Lost(1)));
        assert_eq!(hearing.next(None).unwrap().len(), STARTS);
        drop(ears);
        assert!(hearing.next(None).is_none());
    }
}

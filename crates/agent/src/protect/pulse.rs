//! Whether the threads that protect are alive. Each says when it takes up a piece of work and when it is done with it: one that waits for
//! work is well, one that has been at the same piece for too long hangs. The service manager is told of it (`integrity/watch.rs`).

use crate::vault::locked;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// What is not at work.
const AT_REST: u64 = u64::MAX;

/// All threads that say how they are.
pub(crate) struct Pulse {
    born: Instant,
    beats: Mutex<Vec<Arc<Beat>>>,
}

/// One of them.
pub(crate) struct Beat {
    name: String,
    born: Instant,
    /// The longest that one piece of work may take.
    most: Duration,
    /// Since when it is at its piece of work, in milliseconds after `born`.
    since: AtomicU64,
}

impl Pulse {
    pub(crate) fn new() -> Self {
        Self { born: Instant::now(), beats: Mutex::default() }
    }

    /// A thread of this name, at rest, no piece of whose work takes longer than `most`.
    pub(crate) fn beat(&self, name: &str, most: Duration) -> Arc<Beat> {
        let beat = Arc::new(Beat { name: name.to_owned(), born: self.born, most, since: AtomicU64::new(AT_REST) });
        locked(&self.beats).push(Arc::clone(&beat));
        beat
    }

    /// The threads that hang at `now`, in words.
    pub(crate) fn hanging(&self, now: Instant) -> Vec<String> {
        locked(&self.beats).iter().filter_map(|beat| beat.hangs(now)).collect()
    }
}

impl Beat {
    /// Does a piece of work.
    pub(crate) fn at<T>(&self, work: impl FnOnce() -> T) -> T {
        self.begins();
        let done = work();
        self.rests();
        done
    }

    /// It begins with a piece of work, or with the next one.
    pub(crate) fn begins(&self) {
        self.since.store(millis(self.born.elapsed()), Ordering::Relaxed);
    }

    /// It waits for work.
    pub(crate) fn rests(&self) {
        self.since.store(AT_REST, Ordering::Relaxed);
    }

    fn hangs(&self, now: Instant) -> Option<String> {
        let since = self.since.load(Ordering::Relaxed);
        let now = millis(now.saturating_duration_since(self.born));
        let hangs = since != AT_REST && now.saturating_sub(since) > millis(self.most);
        hangs.then(|| {
            format!("the thread {:?} has been at one piece of work for {} seconds", self.name, (now - since) / 1_000)
        })
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_waits_is_well_and_who_is_at_one_thing_for_too_long_hangs() {
        let pulse = Pulse::new();
        let beat = pulse.beat("answer-0", Duration::from_secs(60));
        let later = Instant::now() + Duration::from_secs(3_600);
        assert_eq!(pulse.hanging(later), Vec::<String>::new(), "it waits");
        beat.begins();
        assert_eq!(pulse.hanging(Instant::now()), Vec::<String>::new(), "it has only begun");
        let hanging = pulse.hanging(later);
        assert!(hanging.len() == 1 && hanging[0].contains("answer-0"), "{hanging:?}");
        beat.rests();
        assert!(pulse.hanging(later).is_empty());
        assert_eq!(beat.at(|| pulse.hanging(later).len()), 1);
        assert!(pulse.hanging(later).is_empty());
    }
}

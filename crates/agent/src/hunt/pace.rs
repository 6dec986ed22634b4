//! What a hunt may cost: it works for a moment and rests for a longer one, and ends when its limits are reached.

use baluardo_model::hunt::{MAX_BYTES, MAX_FILES, MAX_SECONDS};
use std::time::{Duration, Instant};

/// It works for so long at a stretch.
const WORK: Duration = Duration::from_millis(30);
/// Then it rests for so long: two fifths of one core at most.
const REST: Duration = Duration::from_millis(45);

/// What was spent so far.
#[derive(Debug)]
pub(super) struct Pace {
    begun: Instant,
    stretch: Instant,
    pub(super) files: u64,
    pub(super) bytes: u64,
}

impl Pace {
    pub(super) fn begin() -> Self {
        let now = Instant::now();
        Self { begun: now, stretch: now, files: 0, bytes: 0 }
    }

    /// Which limit was reached, in words for a person; none while none was.
    pub(super) fn spent(&self) -> Option<String> {
        if self.files >= MAX_FILES {
            return Some(format!("the limit of {MAX_FILES} files was reached: not everything was looked at"));
        }
        if self.bytes >= MAX_BYTES {
            return Some(format!("the limit of {MAX_BYTES} bytes was reached: not everything was looked at"));
        }
        let late = self.begun.elapsed() >= Duration::from_secs(MAX_SECONDS);
        late.then(|| format!("the limit of {MAX_SECONDS} seconds was reached: not everything was looked at"))
    }

    pub(super) fn rest(&mut self) {
        if self.stretch.elapsed() >= WORK {
            std::thread::sleep(REST);
            self.stretch = Instant::now();
        }
    }
}

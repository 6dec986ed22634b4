//! The real clock and the real chance: the one file of this binary that asks the operating system for them.

use baluardo_model::{Chance, Clock, Timestamp};
use ring::rand::{SecureRandom as _, SystemRandom};

/// The machine's clock.
#[derive(Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the machine's clock")]
    fn now(&self) -> Timestamp {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
    }
}

/// The operating system's source of random bytes.
#[derive(Debug)]
pub struct SystemChance(SystemRandom);

impl Default for SystemChance {
    #[expect(clippy::disallowed_methods, reason = "this is the one place that asks the machine for chance")]
    fn default() -> Self {
        Self(SystemRandom::new())
    }
}

impl Chance for SystemChance {
    fn fill(&self, buffer: &mut [u8]) {
        // Without random bytes no secret can be made: stopping is the only honest answer.
        self.0.fill(buffer).expect("the operating system gives random bytes");
    }
}

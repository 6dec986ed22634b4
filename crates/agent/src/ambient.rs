//! The one place of the agent that asks the operating system for the time and for chance.

use baluardo_model::{Chance, Clock, Timestamp};
use ring::rand::SecureRandom;
use rustls_pki_types::UnixTime;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The computer's own clock.
#[derive(Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the agent's one real clock")]
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
    }
}

/// Chance from the operating system.
#[derive(Debug)]
pub struct SystemChance(ring::rand::SystemRandom);

impl SystemChance {
    /// Asks the operating system from now on.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the agent's one real source of chance")]
    pub fn new() -> Self {
        Self(ring::rand::SystemRandom::new())
    }
}

impl Default for SystemChance {
    fn default() -> Self {
        Self::new()
    }
}

impl Chance for SystemChance {
    fn fill(&self, buffer: &mut [u8]) {
        // The kernel's generator does not fail once it is seeded, and it is seeded before services start; until then
        // waiting is the only safe answer, because a guessable key would be worse than a late start.
        while self.0.fill(buffer).is_err() {
            std::thread::yield_now();
        }
    }
}

/// A [`Clock`] as rustls asks for it, so that certificates are judged by the same time as everything else.
pub struct TlsTime(pub Arc<dyn Clock>);

impl std::fmt::Debug for TlsTime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TlsTime")
    }
}

impl rustls::time_provider::TimeProvider for TlsTime {
    fn current_time(&self) -> Option<UnixTime> {
        let micros = u64::try_from(self.0.now().micros()).unwrap_or(0);
        Some(UnixTime::since_unix_epoch(Duration::from_micros(micros)))
    }
}

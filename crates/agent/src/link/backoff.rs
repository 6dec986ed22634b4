//! How long to wait before the next try: longer each time, and never in step with other agents.

use baluardo_model::Chance;
use std::time::Duration;

/// Exponential backoff with full jitter: a wait is anywhere between nothing and a bound that doubles.
#[derive(Debug)]
pub struct Backoff {
    first: Duration,
    most: Duration,
    tries: u32,
}

impl Backoff {
    /// Bounds begin at `first` and end at `most`.
    #[must_use]
    pub fn new(first: Duration, most: Duration) -> Self {
        Self { first, most, tries: 0 }
    }

    /// The wait after one more failure.
    pub fn next(&mut self, chance: &dyn Chance) -> Duration {
        let bound = self.first.saturating_mul(2_u32.saturating_pow(self.tries.min(20))).min(self.most);
        self.tries = self.tries.saturating_add(1);
        // Never shorter than a tenth of the first bound, so that a failing server is not asked in a tight loop.
        bound.mul_f64(fraction(chance)).max(self.first / 10)
    }

    /// It worked: the next failure starts from the first bound.
    pub fn reset(&mut self) {
        self.tries = 0;
    }
}

/// `wait` shortened by up to a fifth, so that agents that were told the same number do not come together.
#[must_use]
pub fn jitter(wait: Duration, chance: &dyn Chance) -> Duration {
    wait.mul_f64(0.2f64.mul_add(-fraction(chance), 1.0))
}

/// A number from 0 up to but not including 1.
fn fraction(chance: &dyn Chance) -> f64 {
    let mut bytes = [0; 4];
    chance.fill(&mut bytes);
    f64::from(u32::from_le_bytes(bytes)) / (f64::from(u32::MAX) + 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fixed(u8);

    impl Chance for Fixed {
        fn fill(&self, buffer: &mut [u8]) {
            buffer.fill(self.0);
        }
    }

    #[test]
    fn waits_double_up_to_the_bound_and_start_over_after_success() {
        let mut backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(300));
        let most = Fixed(0xff);
        let waits: Vec<u64> = (0..12).map(|_| backoff.next(&most).as_secs_f64().round() as u64).collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]);
        backoff.reset();
        assert!(backoff.next(&most) <= Duration::from_secs(1));
    }

    #[test]
    fn a_wait_is_never_nothing() {
        let mut backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(300));
        assert_eq!(backoff.next(&Fixed(0)), Duration::from_millis(100));
    }

    #[test]
    fn jitter_shortens_by_a_fifth_at_most() {
        assert_eq!(jitter(Duration::from_secs(10), &Fixed(0)), Duration::from_secs(10));
        let least = jitter(Duration::from_secs(10), &Fixed(0xff));
        assert!(least >= Duration::from_secs(8) && least < Duration::from_millis(8_001), "{least:?}");
    }
}

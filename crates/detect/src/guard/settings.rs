//! How sensitive the guard is and how much it remembers.

use std::time::Duration;

/// Settings of the guard. The defaults are what the stories in the tests were tuned on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GuardSettings {
    /// How long changed paths are remembered, for pairing and for the list in the alarm. Default one hour.
    pub window: Duration,
    /// Time in which points fade to half. Default 30 minutes: one file every ten minutes still adds up to an alarm.
    pub half_life: Duration,
    /// Points at which the alarm falls. Default 100; one destroyed document gives at most [`super::FILE_POINTS`].
    pub threshold: u32,
    /// How many actors are remembered; the one that was silent longest is forgotten first. Default 128.
    pub max_actors: usize,
    /// How many paths of each actor are remembered; the oldest is forgotten first. Default 2,048.
    pub max_paths: usize,
}

impl Default for GuardSettings {
    fn default() -> Self {
        Self {
            window: Duration::from_secs(60 * 60),
            half_life: Duration::from_secs(30 * 60),
            threshold: 100,
            max_actors: 128,
            max_paths: 2_048,
        }
    }
}

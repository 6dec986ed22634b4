//! The wake-up channel: a response that stays open, one line at a time.
//!
//! The server writes [`WAKE`] when an order waits and [`BEAT`] every [`BEAT_SECS`] seconds otherwise, so that both ends
//! notice a dead line. The channel carries no content: what is to be done comes by the exchange, under a signature.

/// Path of the call.
pub const PATH: &str = "/agent/v1/wake";

/// The line that says: exchange now.
pub const WAKE: &str = "wake\n";

/// The line that says: still here.
pub const BEAT: &str = "beat\n";

/// Seconds between two signs of life.
pub const BEAT_SECS: u64 = 30;

//! The messages between agent and server, both ends, versioned.
//!
//! The agent calls out only. Three calls exist: [`enrol`] once, without a client certificate; [`exchange`] again and
//! again over mutual TLS, events up and orders down; and [`wake`], a response that stays open and tells when to
//! exchange at once. Bodies are JSON, at most [`MAX_BODY_BYTES`]. The server takes tenant and device from the
//! certificate and believes nothing of the kind in a message, so no message carries them.

pub mod enrol;
pub mod exchange;
pub mod order;
pub mod problem;
pub mod token;
pub mod wake;

/// The version both ends speak. A server refuses a message of another version with `wire.version`.
pub const PROTOCOL: u32 = 1;

/// The largest body that either end reads, in bytes.
pub const MAX_BODY_BYTES: usize = 1024 * 1024;

/// The most events in one exchange.
pub const MAX_EVENTS: usize = 256;

//! The messages between agent and server, both ends, versioned.
//!
//! The agent calls out only. Six calls exist: [`enrol`] once, without a client certificate; then over mutual TLS
//! [`exchange`] again and again, events up and orders down; [`wake`], a response that stays open and tells when to
//! exchange at once; [`evidence`], a package that was ordered, piece by piece; and [`renew`], a fresh certificate before the
//! old one ends; [`pack`] fetches rules and indicators in pieces of bytes. Bodies are JSON, at most [`MAX_BODY_BYTES`]. The server takes tenant and device from the
//! certificate and believes nothing of the kind in a message, so no message carries them.
#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::unreachable)
)]

pub mod enrol;
pub mod evidence;
pub mod exchange;
pub mod order;
pub mod pack;
pub mod packed;
pub mod problem;
pub mod renew;
pub mod token;
pub mod wake;

/// The version both ends speak. A server refuses a message of another version with `wire.version`.
pub const PROTOCOL: u32 = 1;

/// The largest body that either end reads, in bytes.
pub const MAX_BODY_BYTES: usize = 1024 * 1024;

/// The most events in one exchange.
pub const MAX_EVENTS: usize = 256;

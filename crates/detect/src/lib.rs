//! Engines: bytes and events in, findings out. Pure: no IO, no async, fuzzed.
//!
//! [`content`] measures what a file's bytes look like, [`scan`] says whether a file is malware, [`indicators`] knows bad
//! files by their digests, [`nature`] by what they look like, [`unpack`] opens archives and documents, [`inspect`] puts these together, [`inventory`] reads what a system writes of itself, [`advisories`] what is known of vulnerabilities, [`guard`] watches a
//! stream of file events for a program that destroys documents, and [`sigma`] holds events of logs against rules. None of them reads a file, a clock or the network: the
//! caller brings bytes, events and their time, so that every verdict can be made again in a test.
#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::unreachable)
)]

pub mod advisories;
pub mod clamd;
pub mod content;
pub mod evtx;
pub mod guard;
pub mod indicators;
pub mod inspect;
pub mod inventory;
pub mod nature;
pub mod packs;
pub mod scan;
pub mod sigma;
pub mod unpack;

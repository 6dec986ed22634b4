//! Mail: one message in, one verdict out, with reasons that a clerk understands. Pure: no IO, no network, no clock, fuzzed.
//!
//! [`Letter::read`] takes a message apart within fixed bounds, [`Facts::of`] looks at how it is made (sender, links,
//! HTML, attachments, words), [`learn`] turns letter and facts into numbers for the trained model, and [`judge`] weighs
//! everything into a [`Verdict`].
#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::unreachable)
)]

pub mod imap;
pub mod learn;
mod look;
pub mod milter;
mod picture;
mod read;
mod verdict;

pub use look::{Fact, Facts, Found, Strength, organisation};
pub use read::pec;
pub use read::{Attachment, Delivered, Letter, Link, MOST_BYTES, Pec, split_mbox};
pub use verdict::{Action, Arrival, Class, Language, Reason, Verdict, judge, judge_arriving, judge_with, may_be_held};

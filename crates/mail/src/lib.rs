//! Mail: one message in, one verdict out, with reasons that a clerk understands. Pure: no IO, no network, no clock, fuzzed.
//!
//! [`Letter::read`] takes a message apart within fixed bounds, [`Facts::of`] looks at how it is made (sender, links,
//! HTML, attachments, words), [`learn`] turns letter and facts into numbers for the trained model, and [`judge`] weighs
//! everything into a [`Verdict`], to which [`Local`] adds what the comune knows beside the message.
#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::unreachable)
)]

mod alike;
mod authentic;
pub mod dmarc;
pub mod health;
pub mod imap;
pub mod learn;
mod look;
pub mod milter;
mod picture;
mod read;
mod verdict;

pub use alike::{Fingerprint, Unreadable};
pub use authentic::{AuthResults, Authentic, Finding, Proof, Property, Signed, Wish, authors, is_sound_spf, is_spf};
pub use look::{Fact, Facts, Found, Strength, appearance, is_free, organisation};
pub use read::pec;
pub use read::{Attachment, Delivered, Forwarded, Letter, Link, MOST_BYTES, Pec, forwarded, split_mbox};
pub use verdict::{
    Acquaintance, Action, Arrival, Class, Considered, Language, Local, Reason, Verdict, judge, judge_arriving,
    judge_with, may_be_held,
};

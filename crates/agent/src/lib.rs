//! The agent as a library: sensors, responders, vault and quarantine on one side, spool and link to the server on the
//! other. [`report::Report`] and [`duty::Duty`] are the seam between the two.
#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::unreachable)
)]

pub mod ambient;
pub mod cli;
pub mod command;
pub mod config;
mod content;
pub mod desk;
pub mod duties;
pub mod duty;
pub mod evidence;
pub mod guard;
pub mod hunt;
pub mod identity;
pub mod integrity;
pub mod intrusion;
pub mod inventory;
pub mod isolation;
pub mod life;
pub mod link;
mod lock;
pub mod packs;
pub mod platform;
pub mod protect;
pub mod quarantine;
pub mod report;
pub mod run;
pub mod spool;
pub mod stop;
mod tampering;
pub mod vault;
pub mod words;

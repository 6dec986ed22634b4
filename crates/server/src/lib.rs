//! The server: configuration, wiring, doors, background jobs, command line and demo. The only floor that knows all.

pub mod admin;
pub mod agent_process;
pub mod ambient;
mod beside;
pub mod check_domain;
pub mod check_mail;
pub mod cli;
pub mod command;
pub mod crowd;
pub mod demo;
pub mod door;
mod fetch;
pub mod mail;
mod mailbox;
pub mod milter;
mod names;
mod pack_file;
pub mod run;
pub mod scan;
pub mod sigma;
pub mod simulate;
pub mod state;
pub mod tls;

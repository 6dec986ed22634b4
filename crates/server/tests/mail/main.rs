//! `baluardo mail milter` as a program: by the protocol alone, with a house behind it, and between a real Postfix and Dovecot.

mod authentic;
mod door;
mod guarded;
mod health;
mod house;
mod kills;
mod locally;
mod passage;
mod protocol;
mod recipients;
mod releases;
mod secured;
mod stage;
mod tokens;

//! Faults of the whole product: the real server and the real agent, killed, filled, and fed with what no client sends.

mod bad_input;
mod full_disk;
mod intruders;
mod kills;
mod knowing;
mod outsiders;
mod packs;
mod restore;
mod stage;
mod tampered;
mod unacknowledged;

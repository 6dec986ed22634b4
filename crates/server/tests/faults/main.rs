//! Faults of the whole product: the real server and the real agent, killed, filled, and fed with what no client sends.

mod kills;
mod stage;
mod unacknowledged;

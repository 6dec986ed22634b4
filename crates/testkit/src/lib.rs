//! A whole house in memory for tests: a clock that tests move, seeded chance, a store in memory or on PostgreSQL.

mod agent;
mod ambient;
pub mod clamd;
mod house;
pub mod mail;
mod names;
pub mod people;
mod postgres;

pub use agent::{TestAgent, TestFinding};
pub use ambient::{SeededChance, TestClock};
pub use house::TestHouse;
pub use names::TestNames;
pub use postgres::{fresh_postgres_address, postgres_address};

//! A whole house in memory for tests: a clock that tests move, seeded chance, a store in memory or on PostgreSQL.

mod ambient;
mod house;
mod postgres;

pub use ambient::{SeededChance, TestClock};
pub use house::TestHouse;
pub use postgres::{fresh_postgres_address, postgres_address};

//! A whole house in memory for tests.

//! Requests and their logs.

crate::statements! {}

//! Authorities, enrolment tokens, devices, policies, orders, refusals.

pub mod authority;
pub mod devices;
pub mod members;
pub mod orders;
pub mod policy;
pub mod refusals;
pub mod rollbacks;
pub mod tokens;

//! Authorities, enrolment tokens, devices, policies, orders, refusals, inventories and known vulnerabilities.

pub mod advisories;
pub mod authority;
pub mod devices;
pub mod hunt_rounds;
pub mod hunts;
pub mod inventory;
pub mod members;
pub mod orders;
pub mod pack_sources;
pub mod packs;
pub mod policy;
pub mod refusals;
pub mod rollbacks;
pub mod tokens;

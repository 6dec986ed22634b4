//! Findings, their steps, and quarantine.

pub mod counts;
pub mod findings;
pub mod quarantine;

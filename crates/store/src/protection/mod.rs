//! Findings, their steps, the campaigns that they belong to, and quarantine.

pub mod campaigns;
pub mod counts;
pub mod evidence;
pub mod findings;
pub mod quarantine;

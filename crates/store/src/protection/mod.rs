//! Findings, their steps, the campaigns that they belong to, what people said of files, and quarantine.

pub mod campaigns;
pub mod counts;
pub mod evidence;
pub mod findings;
pub mod labels;
pub mod quarantine;

//! Findings and quarantine.

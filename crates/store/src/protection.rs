//! Findings, their steps, quarantine.

crate::statements! {}

//! Rows of mail: domains, held messages, those that leave again, rules for senders and what is known of them, reports, counts.

pub mod counts;
pub mod domains;
pub mod held;
pub mod keeping;
pub mod leaving;
pub mod reports;
pub mod rules;
pub mod seen;

//! Rows of mail: domains, held messages, those that leave again, rules for senders and what is known of them, reports, counts, what
//! other receivers say, and how the domains stand.

pub mod counts;
pub mod dmarc;
pub mod domains;
pub mod health;
pub mod held;
pub mod keeping;
pub mod leaving;
pub mod mailboxes;
pub mod pec;
pub mod places;
pub mod reports;
pub mod rules;
pub mod seen;

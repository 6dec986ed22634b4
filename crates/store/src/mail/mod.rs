//! Rows of mail: domains and how they stand, held messages, those that leave again, for all or for one recipient, letters about
//! them, rules for senders and what is known of them, reports, counts, and what other receivers say.

pub mod counts;
pub mod digests;
pub mod dmarc;
pub mod domains;
pub mod health;
pub mod held;
pub mod keeping;
pub mod leaving;
pub mod mailboxes;
pub mod parts;
pub mod pec;
pub mod places;
pub mod reports;
pub mod rules;
pub mod seen;

//! Rows of mail: domains, held messages, those that leave again, counts.

pub mod counts;
pub mod domains;
pub mod held;
pub mod leaving;
pub mod mailboxes;
pub mod pec;
pub mod places;

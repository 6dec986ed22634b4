//! Rows of mail: domains, held messages, those that leave again, counts, reports of other receivers.

pub mod counts;
pub mod dmarc;
pub mod domains;
pub mod held;
pub mod leaving;

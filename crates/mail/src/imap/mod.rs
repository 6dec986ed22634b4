//! What a mail server says by IMAP (RFC 3501 and 9051): bytes in, answers out, within bounds. Whoever holds the connection reads
//! and writes.
//!
//! It is a codec of our own, of the dozen answers that guarding a mailbox needs: what comes from a server that anybody may name
//! is bounded before it is read, to the byte, and nothing of it is believed to be short.

mod gather;
mod read;
mod words;

pub use gather::{Gather, TooLong};
pub use read::{Fetched, Response, Status};
pub use words::{argument, code_number, code_words, month_day, quoted};

//! The milter protocol, version 6: packets between a mail server (Postfix, Sendmail) and a filter. Bytes in, bytes out; whoever
//! holds the connection reads and writes.
//!
//! A packet is a length of four bytes, most significant first, and that many bytes: a letter and what belongs to it. The
//! protocol is written down in Sendmail's `include/libmilter/mfdef.h` and in Postfix's `MILTER_README`.

mod command;
mod reply;

pub use command::{Command, Macros};
pub use reply::{Header, Reply, offer};

/// The largest packet that is read, in bytes. Mail servers send bodies in pieces of 64 KiB, and no header is longer than
/// their own limits, which are some 100 KiB.
pub const MOST_PACKET: usize = 1 << 20;

/// Names and meanings of the bits that both sides agree upon.
pub mod bits {
    /// The filter may add headers.
    pub const ADD_HEADERS: u32 = 0x01;
    /// The filter may remove recipients.
    pub const REMOVE_RECIPIENTS: u32 = 0x08;
    /// The filter may change headers.
    pub const CHANGE_HEADERS: u32 = 0x10;
    /// The filter may ask the server to hold a message.
    pub const QUARANTINE: u32 = 0x20;
    /// Commands that the server does not know are not sent.
    pub const NO_UNKNOWN: u32 = 0x100;
    /// The command DATA is not sent.
    pub const NO_DATA: u32 = 0x200;
    /// The filter may ask to be spared the rest of a body.
    pub const SKIP: u32 = 0x400;
    /// No answer to a connection is waited for.
    pub const SILENT_CONNECT: u32 = 0x1000;
    /// Nor to the name that a client gives itself.
    pub const SILENT_HELO: u32 = 0x2000;
    /// Nor to a header.
    pub const SILENT_HEADER: u32 = 0x80;
    /// Nor to the end of headers.
    pub const SILENT_END_OF_HEADERS: u32 = 0x4_0000;
    /// Spaces before the value of a header are sent as they stand, in both directions.
    pub const LEADING_SPACE: u32 = 0x10_0000;
}

/// Why a packet was not understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// Nothing in it.
    Empty,
    /// A letter that no version of the protocol has.
    Unknown(u8),
    /// The command with this letter lacks something that belongs to it.
    Short(u8),
}

impl std::fmt::Display for Unreadable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Empty => f.write_str("an empty packet"),
            Self::Unknown(letter) => write!(f, "a packet of the unknown kind {:?}", char::from(*letter)),
            Self::Short(letter) => write!(f, "a packet of the kind {:?} that is too short", char::from(*letter)),
        }
    }
}

impl std::error::Error for Unreadable {}

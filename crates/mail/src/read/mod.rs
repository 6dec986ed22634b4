//! Takes a message apart within fixed bounds, whatever its sender meant it to do to the reader.

mod address;
mod codes;
mod decode;
mod delivered;
mod forward;
mod header;
mod html;
mod letter;
mod mbox;
mod mime;
pub mod pec;

pub(crate) use address::{author_domains, is_address};
pub(crate) use decode::percent;
pub use delivered::Delivered;
pub use forward::{Forwarded, forwarded};
pub(crate) use letter::domain_of;
pub use letter::{Attachment, Letter, Link, Pec};
pub use mbox::split_mbox;

/// Bytes of a message that are looked at; the rest is left unread, and the letter says so. Mail servers of comuni take 25 to 50 MB.
pub const MOST_BYTES: usize = 32 << 20;
/// Bytes of one header block.
const MOST_HEADER_BYTES: usize = 256 << 10;
/// Headers of one block.
const MOST_HEADERS: usize = 400;
/// Parts of a message, nested ones included.
const MOST_PARTS: usize = 200;
/// How deep parts may stand in parts.
const MOST_DEPTH: usize = 10;
/// Bytes of text, taken together, that are decoded.
const MOST_TEXT: usize = 512 << 10;
/// Bytes of an attachment's head that are decoded.
const ATTACHMENT_HEAD: usize = 256 << 10;
/// Bytes of an attachment's tail that are decoded, where archives keep their directory.
const ATTACHMENT_TAIL: usize = 32 << 10;
/// Bytes of all attachments, taken together, that are decoded.
const MOST_ATTACHED: usize = 2 << 20;
/// Bytes of a picture that are decoded, and of all together; codes are small pictures.
const MOST_PICTURE: usize = 192 << 10;
const MOST_PICTURES: usize = 512 << 10;
/// Pixels that are searched for codes.
const MOST_CODE_PIXELS: usize = 2_000_000;
/// Links that are looked at.
const MOST_LINKS: usize = 200;

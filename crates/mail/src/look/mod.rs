//! Looks at how a message is made: its sender, links, page, attachments and words.

mod attached;
mod bait;
mod brand;
mod codes;
mod fact;
mod host;
mod inside;
mod links;
mod manner;
mod page;
mod phrases;
mod places;
mod sender;
mod ties;
mod tongue;

pub use fact::{Fact, Facts, Found, Strength};
pub(crate) use host::Url;
pub use host::{appearance, organisation};
pub use sender::is_free;

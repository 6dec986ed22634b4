//! Looks at how a message is made: its sender, links, page, attachments and words.

mod attached;
mod brand;
mod fact;
mod host;
mod links;
mod manner;
mod page;
mod phrases;
mod places;
mod sender;

pub use fact::{Fact, Facts, Found, Strength};
pub(crate) use host::Url;
pub use host::organisation;

//! Looks at how a message is made: its sender, links, page, attachments and words.

mod attached;
mod brand;
mod fact;
mod host;
mod links;
mod page;
mod phrases;
mod sender;

pub use fact::{Fact, Facts, Found};
pub(crate) use host::Url;
pub use host::organisation;

//! The letter that tells people once a day which of their mail is held, and what they may do with its links: have a message
//! released to themselves, or ask the RTD for it.
//!
//! [`send_digests()`] writes the letters; [`open_held_link()`], [`release_by_link()`] and [`ask_by_link()`] stand behind their links. Whoever holds a
//! link acts as the one recipient whom it names, and as nobody else: there is no sign-in, so a link does little and ends soon.

mod act_by_link;
mod followed;
mod letter;
mod may_release;
mod open_link;
mod send_digests;
mod token;
mod turn;

pub use act_by_link::{ask_by_link, release_by_link};
pub use letter::HELD_LINK_PATH;
pub use open_link::{HeldLanding, open_held_link};
pub use send_digests::send_digests;
pub(super) use turn::begin_anew;

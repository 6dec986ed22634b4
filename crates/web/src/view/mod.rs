//! What each page shows: plain structs that a handler fills and that a template, or the JSON twin, renders.
//!
//! Every text in them may be foreign; the templates escape all of it.

pub mod access;
pub mod activation;
pub mod audit;
pub mod chrome;
pub mod clock;
pub mod dmarc;
pub mod evidence;
pub mod flash;
pub mod fleet;
pub mod form;
pub mod health;
pub mod held_link;
pub mod home;
pub mod hunts;
pub mod identity;
pub mod inbox;
pub mod intrusion;
pub mod inventory;
pub mod mail;
pub mod mailboxes;
pub mod members;
pub mod overview;
pub mod packs;
pub mod parts;
pub mod people;
pub mod protection;
pub mod quarantine;
pub mod reports;
pub mod rollback;
#[cfg(any(test, feature = "samples"))]
pub mod sample;
pub mod senders;
pub mod stop;
pub mod story;

pub use chrome::{Chrome, Who};
pub use flash::{Flash, FlashKind};
pub use form::{FieldError, FieldErrors, Paging};

#[cfg(test)]
mod tests;

//! Mail that must leave: taken from the outbox by a job of the server, sent at least once, told in the request's log.

mod deliver_due_mail;
mod list_local_mail;
mod transport;

pub use baluardo_store::outbox::LocalMail;
pub use deliver_due_mail::{Delivered, deliver_due_mail};
pub use list_local_mail::{MailState, list_local_mail, mail_state};
pub use transport::{Leaving, MailTransport, SendError, Sending};

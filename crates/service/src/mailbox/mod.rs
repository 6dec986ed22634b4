//! Mailboxes of a comune at its providers: described here, guarded by a job of the server.
//!
//! [`add_mailbox()`], [`change_mailbox()`], [`remove_mailbox()`] and [`list_mailboxes()`] are what the RTD does, [`test_mailbox()`]
//! tells in plain words what is wrong. The job asks [`guarded()`] and [`open_mailbox()`], and tells [`hold_in_mailbox()`],
//! [`note_read()`], [`tasks()`] and [`note_pec()`]; certified mail (PEC) is only noted, and [`list_pec()`] shows it.

mod add_mailbox;
mod change_mailbox;
mod door;
mod forget_pec;
mod guarding;
mod hold_in_mailbox;
mod letters;
mod list_mailboxes;
mod list_pec;
mod note_pec;
mod remove_mailbox;
mod secret;
mod settings;
mod tasks;
mod test_mailbox;

pub use add_mailbox::add_mailbox;
pub use baluardo_store::mail::mailboxes::{Guarded, MailboxRow};
pub use baluardo_store::mail::pec::PecNote;
pub use baluardo_store::mail::places::PlaceTask;
pub use change_mailbox::change_mailbox;
pub use door::{Checked, Checking, MailboxDoor, Trouble};
pub use forget_pec::forget_pec;
pub use guarding::{Opened, guarded, note_checked, note_read, open_mailbox, renew_token};
pub use hold_in_mailbox::{Lying, hold_in_mailbox};
pub use list_mailboxes::{get_mailbox, held_place, list_mailboxes};
pub use list_pec::{list_pec, mark_pec_seen};
pub use note_pec::{SeenPec, note_pec};
pub use remove_mailbox::remove_mailbox;
pub use secret::Credential;
pub use settings::{Connection, NewMailbox};
pub use tasks::{content_of, end_task, note_place, task_later, tasks, waiting};
pub use test_mailbox::test_mailbox;

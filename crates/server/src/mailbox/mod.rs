//! Mailboxes at providers: kept under guard by IMAP, so that a comune whose mail lies with somebody else is defended too.
//!
//! `guard` keeps one watch for each mailbox, `watch` lives with one connection, `take` deals with one new message, `undo` brings
//! back or throws away what was decided in the console, and `certified` reads PEC without touching it. `reach`, `line`, `session`,
//! `token` and `provider` are the way there; what the server says is read by [`baluardo_mail::imap`].

mod certified;
mod check;
mod guard;
mod judge;
mod line;
mod provider;
mod reach;
mod session;
mod sign_in;
mod take;
mod token;
mod undo;
mod watch;

pub(crate) use check::Door;
pub(crate) use guard::keep_watch;
pub(crate) use reach::Reach;

//! Use cases: one public function for each thing that a person, an agent or a peer can ask for.
//!
//! Every function takes the [`House`] and the [`Actor`](baluardo_model::identity::Actor) who asks. It begins a
//! transaction, asks [`rights`] for a scope, does the act, writes the audit line and the outbox in the same
//! transaction, commits, and then tells [`live`] listeners. Faces (`web`) parse and render; they decide nothing.

pub mod activation;
pub mod audit;
pub mod error;
pub mod fleet;
pub mod house;
pub mod identity;
pub mod live;
pub mod mail;
pub mod mailbox;
pub mod outbox;
pub mod protection;
pub mod rights;
pub mod seal;
pub mod secret;

/// Stands over every act: its answer comes from behind a pointer (`Pin<Box<dyn Future + Send>>`). Rust compiles the body of an
/// `async fn` again in each crate above that awaits it, and proves again that it may move between threads; with two
/// hundred acts that was half of what building the faces cost.
pub(crate) use async_recursion::async_recursion as act;
pub use error::{Error, WrongField};
pub use house::{House, Settings};

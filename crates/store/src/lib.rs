//! SQL, migrations, transactions and tenant scopes; SQLite and PostgreSQL from one text.
//!
//! Open a [`Store`], begin a [`Tx`], and reach rows only through a scope: [`Tx::tenant`] for the rows of one tenant,
//! [`Tx::consortium`] for what a consortium may see of its members, [`Tx::platform`] for what happens before anybody is
//! known (sign-in, enrolment) and for background jobs. Every statement is written once, in a `statements!` table, and
//! a test prepares each of them on both engines.

mod dialect;
mod engine;
mod error;
mod like;
mod migrations;
mod scope;
mod statements;
mod tx;

pub mod activation;
pub mod audit;
pub mod fleet;
pub mod identity;
pub mod mail;
pub mod outbox;
pub mod protection;
pub mod tenants;

pub use engine::Store;
pub use error::StoreError;
pub use scope::{ConsortiumScope, ConsortiumTx, PlatformTx, TenantScope, TenantTx};
pub use statements::every_statement;
pub(crate) use statements::statements;
pub use tx::{Answer, Tx};

//! The audit log: writing a line with every act, reading it, checking its chain.

mod check;
mod read;
mod record;

pub use baluardo_store::audit::{AuditEntry, AuditLine};
pub(crate) use check::Checks;
pub use check::{ChainCheck, Extent, check_chain, check_log};
pub use read::{AuditFound, AuditQuery, export_audit, list_audit};
pub(crate) use record::{record, record_at};

//! The audit log: writing a line with every act, reading it, checking its chain.

mod read;
mod record;

pub use baluardo_store::audit::{AuditEntry, AuditLine};
pub use read::{AuditFound, AuditQuery, check_chain, export_audit, list_audit};
pub(crate) use record::{record, record_at};

//! Evidence: one package of what a device knows about a moment, with the digest of each part.

use crate::id::{EvidenceId, FindingId};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// The largest package, in bytes.
pub const MAX_PACKAGE: u64 = 64 * 1024 * 1024;

/// The longest reason, in characters.
pub const MAX_REASON: usize = 500;

/// A package as its device made it. Every text in it is foreign.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// Which.
    pub id: EvidenceId,
    /// The finding it is about, where it is about one.
    pub finding: Option<FindingId>,
    /// Who ordered it, as the order said; empty for the device's own policy.
    pub by: String,
    /// Why.
    pub reason: String,
    /// When it was made.
    pub collected_at: Timestamp,
    /// Bytes of the package.
    pub size: u64,
    /// SHA-256 of the package, lower-case hexadecimal.
    pub sha256: String,
    /// How many parts it has.
    pub members: u64,
}

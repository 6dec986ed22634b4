//! How a package of evidence comes up: piece by piece over mutual TLS. The answer says how much is kept, so that either side may die
//! at any point and go on from there.

use baluardo_model::EvidenceId;
use serde::{Deserialize, Serialize};

/// Path of the call.
pub const PATH: &str = "/agent/v1/evidence";

/// The most bytes of one piece, before base64.
pub const MAX_PIECE: usize = 384 * 1024;

/// One piece. An empty one asks how much is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EvidencePiece {
    /// [`crate::PROTOCOL`].
    pub protocol: u32,
    /// Which package.
    pub evidence: EvidenceId,
    /// Where the piece begins in it.
    pub offset: u64,
    /// Its bytes, base64 without padding.
    pub bytes: String,
}

/// What the server answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EvidenceKept {
    /// How many bytes are kept for good, from the first on: the next piece begins there.
    pub received: u64,
    /// Whether the package is whole, or no longer wanted: the device may remove its own.
    pub done: bool,
}

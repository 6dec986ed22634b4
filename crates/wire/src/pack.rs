//! Packs of rules and indicators: fetched in pieces, so that a line that breaks costs one piece. What the pieces make together
//! is proved by the digest that stands in the signed policy.

/// Bytes of every piece but the last, which has at most so many.
pub const PIECE: usize = 512 * 1024;

/// The route, as the server knows it.
pub const ROUTE: &str = "/agent/v1/packs/{sha256}/{piece}";

/// Path of one piece, counted from 0.
#[must_use]
pub fn path(sha256: &str, piece: u64) -> String {
    format!("/agent/v1/packs/{sha256}/{piece}")
}

/// How many pieces a pack of so many bytes has.
#[must_use]
pub const fn pieces(bytes: u64) -> u64 {
    bytes.div_ceil(PIECE as u64)
}

//! How a device gets a fresh certificate before its own ends: a fresh key, a CSR, over mutual TLS with the old one.
//!
//! The old certificate is accepted until the new one was used once, or until its end.

use baluardo_model::Timestamp;
use serde::{Deserialize, Serialize};

/// Path of the call.
pub const PATH: &str = "/agent/v1/renew";

/// A certificate is renewed when this part of its life is left: the third.
pub const WHEN_LEFT: u32 = 3;

/// What the agent sends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RenewRequest {
    /// [`crate::PROTOCOL`].
    pub protocol: u32,
    /// PKCS#10 request in PEM, with a fresh public key of the device. Its names are ignored.
    pub csr: String,
}

/// What the server answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Renewed {
    /// PEM: the device's certificate, then the tenant's intermediate.
    pub certificate_chain: String,
    /// When the certificate ends.
    pub expires_at: Timestamp,
}

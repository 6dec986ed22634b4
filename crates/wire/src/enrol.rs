//! How a device becomes known: its key never leaves it, it sends a CSR and gets a certificate.

use baluardo_model::fleet::{Coverage, Policy};
use baluardo_model::{DeviceId, TenantId, Timestamp};
use serde::{Deserialize, Serialize};

/// Path of the call.
pub const PATH: &str = "/agent/v1/enrol";

/// Sent once, over TLS that is pinned to the authority named in the enrolment token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnrolRequest {
    /// [`crate::PROTOCOL`].
    pub protocol: u32,
    /// The secret part of the one-time token.
    pub secret: String,
    /// PKCS#10 request in PEM, with the device's own public key. Its names are ignored.
    pub csr: String,
    /// The device's name on its network.
    pub hostname: String,
    /// Operating system and version.
    pub os: String,
    /// Version of the agent.
    pub agent_version: String,
    /// What the agent can do here.
    pub coverage: Coverage,
    /// Why it cannot do more; empty when it can do all.
    pub coverage_note: String,
}

/// The answer to a good token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enrolled {
    /// The tenant that the device now belongs to.
    pub tenant: TenantId,
    /// The device's id.
    pub device: DeviceId,
    /// PEM: the device's certificate, then the tenant's intermediate.
    pub certificate_chain: String,
    /// PEM: the root that the server's certificate hangs from.
    pub root: String,
    /// Ed25519 public key that orders are signed with, base64 without padding.
    pub order_key: String,
    /// When the certificate ends.
    pub expires_at: Timestamp,
    /// The policy to follow.
    pub policy: Policy,
}

//! Keys that the installation signs with: the root, the intermediate of each tenant, the key of orders.

use crate::error::StoreError;
use crate::scope::PlatformTx;
use crate::tx::{Row, args};
use baluardo_model::{TenantId, Timestamp};

crate::statements! {
    KEEP = "INSERT INTO authority (tenant, kind, certificate, sealed_key, created_at) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (tenant, kind) DO NOTHING";
    GET = "SELECT certificate, sealed_key, created_at FROM authority WHERE tenant = $1 AND kind = $2";
}

/// What a key of the installation is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AuthorityKind {
    /// Signs intermediates and the server's own certificates; kept under the consortium.
    Root,
    /// Signs the devices of one tenant.
    Intermediate,
    /// Signs orders (Ed25519); kept under the consortium.
    Orders,
}

impl AuthorityKind {
    /// The stable word.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Root => "root",
            Self::Intermediate => "intermediate",
            Self::Orders => "orders",
        }
    }
}

/// A key of the installation with its public face.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authority {
    /// PEM certificate; for the key of orders its public key in base64.
    pub certificate: String,
    /// The private key, sealed.
    pub sealed_key: String,
    /// Since when.
    pub created_at: Timestamp,
}

fn authority(row: &Row) -> Result<Authority, StoreError> {
    Ok(Authority { certificate: row.text(0)?, sealed_key: row.text(1)?, created_at: row.time(2)? })
}

impl PlatformTx<'_> {
    /// Keeps a key; when another transaction was first, its key stays. Read it again afterwards.
    ///
    /// # Errors
    /// What the database says.
    pub async fn keep_authority(
        &mut self,
        tenant: TenantId,
        kind: AuthorityKind,
        new: &Authority,
    ) -> Result<(), StoreError> {
        let values = args![tenant, kind.code(), new.certificate.as_str(), new.sealed_key.as_str(), new.created_at];
        self.tx.execute(KEEP, values).await.map(drop)
    }

    /// A key, if it was made already.
    ///
    /// # Errors
    /// What the database says.
    pub async fn authority(&mut self, tenant: TenantId, kind: AuthorityKind) -> Result<Option<Authority>, StoreError> {
        self.tx.optional(GET, args![tenant, kind.code()]).await?.as_ref().map(authority).transpose()
    }
}

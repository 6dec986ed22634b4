//! Whose rows: the tenant is in the type.
//!
//! A scope is made by the rights table of the service floor from an authenticated actor, and nowhere else: clippy's
//! disallowed methods name the constructors. Repositories are `impl` blocks on the three `…Tx` types below, one file
//! for each column of the house.

use crate::tx::Tx;
use baluardo_model::TenantId;

/// The right to the rows of one tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TenantScope(TenantId);

impl TenantScope {
    /// Only the rights table calls this, after it said yes.
    #[must_use]
    pub const fn granted(tenant: TenantId) -> Self {
        Self(tenant)
    }

    /// Whose rows.
    #[must_use]
    pub const fn tenant(self) -> TenantId {
        self.0
    }
}

/// The right to what a consortium may see of its members: counts, requests, names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConsortiumScope(TenantId);

impl ConsortiumScope {
    /// Only the rights table calls this, after it said yes.
    #[must_use]
    pub const fn granted(consortium: TenantId) -> Self {
        Self(consortium)
    }

    /// Which consortium.
    #[must_use]
    pub const fn consortium(self) -> TenantId {
        self.0
    }
}

/// A transaction narrowed to one tenant.
#[derive(Debug)]
pub struct TenantTx<'t> {
    pub(crate) tx: &'t mut Tx,
    pub(crate) tenant: TenantId,
}

/// A transaction narrowed to a consortium and its members.
#[derive(Debug)]
pub struct ConsortiumTx<'t> {
    pub(crate) tx: &'t mut Tx,
    pub(crate) consortium: TenantId,
}

/// A transaction for what the platform does before anybody is known, and for its own jobs.
#[derive(Debug)]
pub struct PlatformTx<'t> {
    pub(crate) tx: &'t mut Tx,
}

impl Tx {
    /// The rows of one tenant.
    pub const fn tenant(&mut self, scope: TenantScope) -> TenantTx<'_> {
        TenantTx { tx: self, tenant: scope.0 }
    }

    /// What a consortium may see of its members.
    pub const fn consortium(&mut self, scope: ConsortiumScope) -> ConsortiumTx<'_> {
        ConsortiumTx { tx: self, consortium: scope.0 }
    }

    /// What happens before anybody is known, and background jobs. Statements here look a row up by a secret or by an
    /// address, and hand back the tenant that it belongs to.
    pub const fn platform(&mut self) -> PlatformTx<'_> {
        PlatformTx { tx: self }
    }
}

//! The policy of a tenant: every version is kept.

use crate::error::StoreError;
use crate::scope::{PlatformTx, TenantTx};
use crate::tx::{args, to_json};
use baluardo_model::fleet::Policy;
use baluardo_model::{TenantId, Timestamp};

crate::statements! {
    INSERT = "INSERT INTO policy (tenant, version, body, created_at) VALUES ($1, $2, $3, $4)
        ON CONFLICT (tenant, version) DO NOTHING";
    NEWEST = "SELECT body FROM policy WHERE tenant = $1 ORDER BY version DESC LIMIT 1";
    NEWEST_OF_ALL = "SELECT tenant, MAX(version) FROM policy GROUP BY tenant";
}

impl TenantTx<'_> {
    /// Keeps a new version; false when that version exists already.
    ///
    /// # Errors
    /// What the database says.
    pub async fn insert_policy(&mut self, policy: &Policy, now: Timestamp) -> Result<bool, StoreError> {
        Ok(self.tx.execute(INSERT, args![self.tenant, policy.version, to_json(policy), now]).await? == 1)
    }

    /// The newest version, if the tenant has a policy.
    ///
    /// # Errors
    /// What the database says.
    pub async fn newest_policy(&mut self) -> Result<Option<Policy>, StoreError> {
        self.tx.optional(NEWEST, args![self.tenant]).await?.map(|row| row.json(0, "policy", "body")).transpose()
    }
}

impl PlatformTx<'_> {
    /// The number of the newest policy of each tenant.
    ///
    /// # Errors
    /// What the database says.
    pub async fn newest_policies(&mut self) -> Result<Vec<(TenantId, u64)>, StoreError> {
        let rows = self.tx.all(NEWEST_OF_ALL, args![]).await?;
        rows.iter().map(|row| Ok((row.parsed(0, "policy", "tenant")?, row.count(1)?))).collect()
    }
}

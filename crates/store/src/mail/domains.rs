//! For which mail domains a tenant answers.

use crate::error::StoreError;
use crate::scope::{ConsortiumTx, PlatformTx, TenantTx};
use crate::tx::{Row, args};
use baluardo_model::mail::DomainState;
use baluardo_model::{TenantId, Timestamp};
use serde::Serialize;

crate::statements! {
    CLAIM = "INSERT INTO mail_domain (tenant, domain, state, claimed_by, claimed_at, decided_by, decided_at)
        VALUES ($1, $2, 'claimed', $3, $4, '', NULL)
        ON CONFLICT (tenant, domain) DO UPDATE SET state = 'claimed', claimed_by = excluded.claimed_by,
            claimed_at = excluded.claimed_at, decided_by = '', decided_at = NULL WHERE mail_domain.state = 'refused'";
    DECIDE = "UPDATE mail_domain SET state = $3, decided_by = $4, decided_at = $5
        WHERE tenant = $1 AND domain = $2 AND state = 'claimed'";
    GIVE_UP = "DELETE FROM mail_domain WHERE tenant = $1 AND domain = $2";
    OWN = "SELECT d.tenant, d.domain, d.state, d.claimed_by, d.claimed_at, d.decided_by, d.decided_at, t.name
        FROM mail_domain d JOIN tenant t ON t.tenant = d.tenant WHERE d.tenant = $1 ORDER BY d.domain";
    OF_MEMBERS = "SELECT d.tenant, d.domain, d.state, d.claimed_by, d.claimed_at, d.decided_by, d.decided_at, t.name
        FROM mail_domain d JOIN tenant t ON t.tenant = d.tenant WHERE t.consortium = $1
        ORDER BY CASE d.state WHEN 'claimed' THEN 0 ELSE 1 END, d.claimed_at, d.domain, d.tenant";
    OWNER = "SELECT tenant FROM mail_domain WHERE domain = $1 AND state = 'approved'";
}

/// A domain and the tenant that says it is its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MailDomain {
    /// Who says so.
    pub tenant: TenantId,
    /// The domain, in lower case.
    pub domain: String,
    /// Where the claim stands.
    pub state: DomainState,
    /// Who made it.
    pub claimed_by: String,
    /// When.
    pub claimed_at: Timestamp,
    /// Who decided; empty while nobody did.
    pub decided_by: String,
    /// When.
    pub decided_at: Option<Timestamp>,
    /// The tenant's name.
    pub tenant_name: String,
}

fn domain(row: &Row) -> Result<MailDomain, StoreError> {
    Ok(MailDomain {
        tenant: row.parsed(0, "mail_domain", "tenant")?,
        domain: row.text(1)?,
        state: row.coded(2, DomainState::from_code, "mail_domain", "state")?,
        claimed_by: row.text(3)?,
        claimed_at: row.time(4)?,
        decided_by: row.text(5)?,
        decided_at: row.time_or_null(6)?,
        tenant_name: row.text(7)?,
    })
}

impl TenantTx<'_> {
    /// Writes a claim; false when one stands already. One that was refused may be made again.
    ///
    /// # Errors
    /// What the database says.
    pub async fn claim_domain(&mut self, domain: &str, by: &str, now: Timestamp) -> Result<bool, StoreError> {
        Ok(self.tx.execute(CLAIM, args![self.tenant, domain, by, now]).await? == 1)
    }

    /// Decides a claim that waits; false when none does.
    ///
    /// # Errors
    /// [`StoreError::Exists`] when another tenant answers for this domain.
    pub async fn decide_domain(
        &mut self,
        domain: &str,
        state: DomainState,
        by: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        Ok(self.tx.execute(DECIDE, args![self.tenant, domain, state.code(), by, now]).await? == 1)
    }

    /// Takes a claim back; false when there is none.
    ///
    /// # Errors
    /// What the database says.
    pub async fn give_up_domain(&mut self, domain: &str) -> Result<bool, StoreError> {
        Ok(self.tx.execute(GIVE_UP, args![self.tenant, domain]).await? == 1)
    }

    /// The tenant's claims.
    ///
    /// # Errors
    /// What the database says.
    pub async fn mail_domains(&mut self) -> Result<Vec<MailDomain>, StoreError> {
        self.tx.all(OWN, args![self.tenant]).await?.iter().map(domain).collect()
    }
}

impl ConsortiumTx<'_> {
    /// The claims of all members, those that wait for a decision first.
    ///
    /// # Errors
    /// What the database says.
    pub async fn mail_domains(&mut self) -> Result<Vec<MailDomain>, StoreError> {
        self.tx.all(OF_MEMBERS, args![self.consortium]).await?.iter().map(domain).collect()
    }
}

impl PlatformTx<'_> {
    /// Who answers for a domain.
    ///
    /// # Errors
    /// What the database says.
    pub async fn domain_owner(&mut self, domain: &str) -> Result<Option<TenantId>, StoreError> {
        self.tx.optional(OWNER, args![domain]).await?.map(|row| row.parsed(0, "mail_domain", "tenant")).transpose()
    }
}

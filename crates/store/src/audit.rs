//! The audit log of each tenant: it only grows, and each line carries the digest of the line before.

use crate::error::StoreError;
use crate::like::holding;
use crate::scope::TenantTx;
use crate::tx::{Row, args};
use baluardo_model::Timestamp;
use serde::{Deserialize, Serialize};

crate::statements! {
    LAST = "SELECT seq, digest FROM audit WHERE tenant = $1 ORDER BY seq DESC LIMIT 1";
    APPEND = "INSERT INTO audit (tenant, seq, at, actor_kind, actor, actor_name, actor_role, actor_tenant, act, target,
        detail, previous, digest) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";
    PAGE = "SELECT seq, at, actor_kind, actor, actor_name, actor_role, actor_tenant, act, target, detail, previous,
        digest FROM audit WHERE tenant = $1 AND seq < $2 AND ($3 = '' OR act = $3)
        AND ($4 = '' OR lower(actor_name) LIKE $4 ESCAPE '!' OR lower(target) LIKE $4 ESCAPE '!'
        OR lower(detail) LIKE $4 ESCAPE '!') ORDER BY seq DESC LIMIT $5";
    FOUND = "SELECT COUNT(*) FROM audit WHERE tenant = $1 AND ($2 = '' OR act = $2)
        AND ($3 = '' OR lower(actor_name) LIKE $3 ESCAPE '!' OR lower(target) LIKE $3 ESCAPE '!'
        OR lower(detail) LIKE $3 ESCAPE '!')";
    ACTS = "SELECT DISTINCT act FROM audit WHERE tenant = $1 ORDER BY act";
    AFTER = "SELECT seq, at, actor_kind, actor, actor_name, actor_role, actor_tenant, act, target, detail, previous,
        digest FROM audit WHERE tenant = $1 AND seq >= $2 ORDER BY seq LIMIT $3";
    ALL = "SELECT seq, at, actor_kind, actor, actor_name, actor_role, actor_tenant, act, target, detail, previous,
        digest FROM audit WHERE tenant = $1 ORDER BY seq";
}

/// What is to be logged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEntry {
    /// When.
    pub at: Timestamp,
    /// `person`, `token`, `device`, `platform` or `public`.
    pub actor_kind: String,
    /// Id of the actor; empty for platform and public.
    pub actor: String,
    /// Name of the actor at that time.
    pub actor_name: String,
    /// Role of the actor at that time; empty where there is none.
    pub actor_role: String,
    /// Tenant of the actor: a line with another tenant than the log's own shows the consortium's hand.
    pub actor_tenant: String,
    /// What was done, by the stable word of the act.
    pub act: String,
    /// On what: a kind and an id.
    pub target: String,
    /// Details as JSON text or plain words; never a secret.
    pub detail: String,
}

/// A line of the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditLine {
    /// Its place, from 1, without gaps.
    pub seq: u64,
    /// What was logged.
    #[serde(flatten)]
    pub entry: AuditEntry,
    /// Digest of the line before; empty for the first.
    pub previous: String,
    /// Digest of this line over `previous`, `seq` and the entry.
    pub digest: String,
}

fn line(row: &Row) -> Result<AuditLine, StoreError> {
    Ok(AuditLine {
        seq: row.count(0)?,
        entry: AuditEntry {
            at: row.time(1)?,
            actor_kind: row.text(2)?,
            actor: row.text(3)?,
            actor_name: row.text(4)?,
            actor_role: row.text(5)?,
            actor_tenant: row.text(6)?,
            act: row.text(7)?,
            target: row.text(8)?,
            detail: row.text(9)?,
        },
        previous: row.text(10)?,
        digest: row.text(11)?,
    })
}

impl TenantTx<'_> {
    /// Adds a line; `digest` makes the line's digest from the previous one, the number and the entry.
    ///
    /// # Errors
    /// What the database says.
    pub async fn append_audit(
        &mut self,
        entry: &AuditEntry,
        digest: impl Fn(&str, u64, &AuditEntry) -> String,
    ) -> Result<u64, StoreError> {
        self.tx.hold_turn(&format!("audit {}", self.tenant)).await?;
        let last = self.tx.optional(LAST, args![self.tenant]).await?;
        let (seq, previous) = match last {
            Some(row) => (row.count(0)? + 1, row.text(1)?),
            None => (1, String::new()),
        };
        let digest = digest(&previous, seq, entry);
        let values = args![
            self.tenant,
            seq,
            entry.at,
            entry.actor_kind.as_str(),
            entry.actor.as_str(),
            entry.actor_name.as_str(),
            entry.actor_role.as_str(),
            entry.actor_tenant.as_str(),
            entry.act.as_str(),
            entry.target.as_str(),
            entry.detail.as_str(),
            previous,
            digest,
        ];
        self.tx.execute(APPEND, values).await?;
        Ok(seq)
    }

    /// Lines below `before`, newest first, at most `limit`; `act` and `text` narrow where they are not empty.
    ///
    /// # Errors
    /// What the database says.
    pub async fn audit_page(
        &mut self,
        before: u64,
        act: &str,
        text: &str,
        limit: u32,
    ) -> Result<Vec<AuditLine>, StoreError> {
        let values = args![self.tenant, before, act, holding(text), i64::from(limit)];
        self.tx.all(PAGE, values).await?.iter().map(line).collect()
    }

    /// How many lines there are; `act` and `text` narrow as in [`TenantTx::audit_page`].
    ///
    /// # Errors
    /// What the database says.
    pub async fn audit_found(&mut self, act: &str, text: &str) -> Result<u64, StoreError> {
        let found = self.tx.number(FOUND, args![self.tenant, act, holding(text)]).await?;
        Ok(u64::try_from(found).unwrap_or(0))
    }

    /// The acts that the log holds, by their stable words.
    ///
    /// # Errors
    /// What the database says.
    pub async fn audit_acts(&mut self) -> Result<Vec<String>, StoreError> {
        self.tx.all(ACTS, args![self.tenant]).await?.iter().map(|row| row.text(0)).collect()
    }

    /// Lines from a number on, oldest first, at most `limit`.
    ///
    /// # Errors
    /// What the database says.
    pub async fn audit_from(&mut self, seq: u64, limit: u32) -> Result<Vec<AuditLine>, StoreError> {
        self.tx.all(AFTER, args![self.tenant, seq, i64::from(limit)]).await?.iter().map(line).collect()
    }

    /// The whole log, oldest first, for export and for checking the chain.
    ///
    /// # Errors
    /// What the database says.
    pub async fn audit_all(&mut self) -> Result<Vec<AuditLine>, StoreError> {
        self.tx.all(ALL, args![self.tenant]).await?.iter().map(line).collect()
    }
}

//! What was refused, counted by code.

use crate::error::StoreError;
use crate::scope::TenantTx;
use crate::tx::args;
use baluardo_model::Timestamp;
use serde::Serialize;

crate::statements! {
    COUNT = "INSERT INTO refusal (tenant, code, count, last_at, last_detail) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (tenant, code) DO UPDATE SET count = refusal.count + excluded.count, last_at = excluded.last_at,
        last_detail = excluded.last_detail";
    ALL = "SELECT code, count, last_at, last_detail FROM refusal WHERE tenant = $1 ORDER BY code";
}

/// How often something was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RefusalRow {
    /// The stable code.
    pub code: String,
    /// How often.
    pub count: u64,
    /// When last.
    pub last_at: Timestamp,
    /// What was said last: may hold foreign text.
    pub last_detail: String,
}

impl TenantTx<'_> {
    /// Adds `count` refusals of one code.
    ///
    /// # Errors
    /// What the database says.
    pub async fn count_refusals(
        &mut self,
        code: &str,
        count: u64,
        at: Timestamp,
        detail: &str,
    ) -> Result<(), StoreError> {
        self.tx.execute(COUNT, args![self.tenant, code, count, at, detail]).await.map(drop)
    }

    /// Every code that was ever refused, with its count.
    ///
    /// # Errors
    /// What the database says.
    pub async fn refusals(&mut self) -> Result<Vec<RefusalRow>, StoreError> {
        let rows = self.tx.all(ALL, args![self.tenant]).await?;
        rows.iter()
            .map(|row| {
                Ok(RefusalRow {
                    code: row.text(0)?,
                    count: row.count(1)?,
                    last_at: row.time(2)?,
                    last_detail: row.text(3)?,
                })
            })
            .collect()
    }
}

//! How many messages came to what end.

use crate::error::StoreError;
use crate::scope::TenantTx;
use crate::tx::args;
use baluardo_model::Timestamp;
use baluardo_model::mail::Outcome;
use serde::Serialize;

crate::statements! {
    COUNT = "INSERT INTO mail_count (tenant, day, outcome, count) VALUES ($1, $2, $3, $4)
        ON CONFLICT (tenant, day, outcome) DO UPDATE SET count = mail_count.count + excluded.count";
    SINCE = "SELECT outcome, CAST(SUM(count) AS BIGINT) FROM mail_count WHERE tenant = $1 AND day >= $2 GROUP BY outcome";
}

/// Microseconds of a day.
const DAY: i64 = 24 * 60 * 60 * 1_000_000;

/// How many messages came to one end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct OutcomeCount {
    /// Which.
    pub outcome: Outcome,
    /// How many.
    pub count: u64,
}

impl TenantTx<'_> {
    /// Counts `many` messages.
    ///
    /// # Errors
    /// What the database says.
    pub async fn count_mail(&mut self, outcome: Outcome, many: u64, now: Timestamp) -> Result<(), StoreError> {
        self.tx.execute(COUNT, args![self.tenant, now.micros().div_euclid(DAY), outcome.code(), many]).await.map(drop)
    }

    /// How the messages ended since the day of `since`.
    ///
    /// # Errors
    /// What the database says.
    pub async fn mail_counts(&mut self, since: Timestamp) -> Result<Vec<OutcomeCount>, StoreError> {
        let rows = self.tx.all(SINCE, args![self.tenant, since.micros().div_euclid(DAY)]).await?;
        rows.iter()
            .map(|row| {
                let outcome = row.coded(0, Outcome::from_code, "mail_count", "outcome")?;
                Ok(OutcomeCount { outcome, count: row.count(1)? })
            })
            .collect()
    }
}

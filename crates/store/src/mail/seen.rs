//! How the mail of senders ended, by day, under keyed digests.

use crate::error::StoreError;
use crate::scope::TenantTx;
use crate::tx::args;
use baluardo_model::Timestamp;
use baluardo_model::mail::senders::SenderSeen;

crate::statements! {
    COUNT = "INSERT INTO mail_sender (tenant, sender, day, seen, count) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (tenant, sender, day, seen) DO UPDATE SET count = mail_sender.count + excluded.count";
    SEEN = "SELECT seen, COUNT(*), CAST(SUM(count) AS BIGINT) FROM mail_sender
        WHERE tenant = $1 AND sender = $2 AND day >= $3 GROUP BY seen";
}

/// Microseconds of a day.
const DAY: i64 = 24 * 60 * 60 * 1_000_000;

/// How often a sender's mail came to one end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Which end.
    pub seen: SenderSeen,
    /// On how many days.
    pub days: u64,
    /// How many messages.
    pub count: u64,
}

impl TenantTx<'_> {
    /// Counts `many` messages of the sender with this digest.
    ///
    /// # Errors
    /// What the database says.
    pub async fn count_sender(
        &mut self,
        sender: &str,
        seen: SenderSeen,
        many: u64,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let values = args![self.tenant, sender, now.micros().div_euclid(DAY), seen.code(), many];
        self.tx.execute(COUNT, values).await.map(drop)
    }

    /// How the mail of the sender with this digest ended since the day of `since`.
    ///
    /// # Errors
    /// What the database says.
    pub async fn sender_seen(&mut self, sender: &str, since: Timestamp) -> Result<Vec<Seen>, StoreError> {
        let rows = self.tx.all(SEEN, args![self.tenant, sender, since.micros().div_euclid(DAY)]).await?;
        rows.iter()
            .map(|row| {
                let seen = row.coded(0, SenderSeen::from_code, "mail_sender", "seen")?;
                Ok(Seen { seen, days: row.count(1)?, count: row.count(2)? })
            })
            .collect()
    }
}

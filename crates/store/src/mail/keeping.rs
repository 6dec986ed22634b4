//! How long anything of mail is kept: what ends it, whichever table it lies in.

use crate::error::StoreError;
use crate::scope::{PlatformTx, TenantTx};
use crate::tx::args;
use baluardo_model::{TenantId, Timestamp};

crate::statements! {
    OLDEST = "SELECT tenant, MIN(at) FROM (SELECT tenant, taken_at AS at FROM held_mail
        UNION ALL SELECT tenant, reported_at FROM mail_report
        UNION ALL SELECT tenant, day * 86400000000 FROM mail_sender
        UNION ALL SELECT tenant, last_at FROM mail_alike
        UNION ALL SELECT tenant, COALESCE(ended_at, ends_at) FROM sender_rule) kept GROUP BY tenant";
    PIECES = "DELETE FROM held_piece WHERE tenant = $1 AND held IN
        (SELECT held FROM held_mail WHERE tenant = $1 AND taken_at <= $2)";
    PARTS = "DELETE FROM held_part WHERE tenant = $1 AND held IN
        (SELECT held FROM held_mail WHERE tenant = $1 AND taken_at <= $2)";
    LETTERS = "DELETE FROM outbox WHERE tenant = $1 AND message IN
        (SELECT message FROM mail_digest WHERE tenant = $1 AND oldest_at <= $2)";
    LOCAL_LETTERS = "DELETE FROM local_mail WHERE tenant = $1 AND message IN
        (SELECT message FROM mail_digest WHERE tenant = $1 AND oldest_at <= $2)";
    DIGESTS = "DELETE FROM mail_digest WHERE tenant = $1 AND oldest_at <= $2";
    HELD = "DELETE FROM held_mail WHERE tenant = $1 AND taken_at <= $2";
    REPORTS = "DELETE FROM mail_report WHERE tenant = $1 AND reported_at <= $2";
    ALIKE = "DELETE FROM mail_alike WHERE tenant = $1 AND (last_at <= $3 OR (state = 'open' AND last_at <= $2))";
    SENDERS = "DELETE FROM mail_sender WHERE tenant = $1 AND day * 86400000000 <= $2";
    RULES = "DELETE FROM sender_rule WHERE tenant = $1 AND COALESCE(ended_at, ends_at) <= $2";
}

impl TenantTx<'_> {
    /// Forgets what came, was reported, was seen or ended at `until` or before: held messages with their content and the letters that
    /// told of them, reports, the history of senders, rules that are over. Labels without anybody in them stay until `labels`. Gives how many held
    /// messages and reports that were.
    ///
    /// # Errors
    /// What the database says.
    pub async fn forget_mail(&mut self, until: Timestamp, labels: Timestamp) -> Result<u64, StoreError> {
        for end in [PIECES, PARTS, LETTERS, LOCAL_LETTERS, DIGESTS] {
            self.tx.execute(end, args![self.tenant, until]).await?;
        }
        let held = self.tx.execute(HELD, args![self.tenant, until]).await?;
        let reports = self.tx.execute(REPORTS, args![self.tenant, until]).await?;
        self.tx.execute(ALIKE, args![self.tenant, until, labels]).await?;
        self.tx.execute(SENDERS, args![self.tenant, until]).await?;
        self.tx.execute(RULES, args![self.tenant, until]).await?;
        Ok(held + reports)
    }
}

impl PlatformTx<'_> {
    /// The tenants of whose mail anything is kept, each with the time of the oldest.
    ///
    /// # Errors
    /// What the database says.
    pub async fn oldest_mail(&mut self) -> Result<Vec<(TenantId, Timestamp)>, StoreError> {
        let rows = self.tx.all(OLDEST, args![]).await?;
        rows.iter().map(|row| Ok((row.parsed(0, "kept", "tenant")?, row.time(1)?))).collect()
    }
}

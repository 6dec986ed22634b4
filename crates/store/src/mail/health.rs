//! How the mail domains of a tenant stand, which marks they had, and under which names they publish DKIM keys.

use crate::error::StoreError;
use crate::scope::{PlatformTx, TenantTx};
use crate::tx::{Row, args};
use baluardo_model::{TenantId, Timestamp};

crate::statements! {
    ALL = "SELECT domain, mark, fallen_from, looked_at, tried_at, due_at, checks FROM domain_health
        WHERE tenant = $1 ORDER BY domain";
    KEEP = "INSERT INTO domain_health (tenant, domain, mark, fallen_from, looked_at, tried_at, due_at, checks)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
        ON CONFLICT (tenant, domain) DO UPDATE SET mark = excluded.mark, fallen_from = excluded.fallen_from,
            looked_at = excluded.looked_at, tried_at = excluded.tried_at, due_at = excluded.due_at,
            checks = excluded.checks";
    SEEN = "UPDATE domain_health SET fallen_from = '' WHERE tenant = $1 AND domain = $2 AND fallen_from <> ''";
    FALLEN = "SELECT COUNT(*) FROM domain_health h JOIN mail_domain d ON d.tenant = h.tenant AND d.domain = h.domain
        WHERE h.tenant = $1 AND h.fallen_from <> '' AND d.state = 'approved'";
    FORGET = "DELETE FROM domain_health WHERE tenant = $1 AND domain = $2";
    FORGET_MARKS = "DELETE FROM domain_mark WHERE tenant = $1 AND domain = $2";
    FORGET_SELECTORS = "DELETE FROM domain_selector WHERE tenant = $1 AND domain = $2";
    MARKS = "SELECT given_at, mark FROM domain_mark WHERE tenant = $1 AND domain = $2 ORDER BY given_at DESC LIMIT $3";
    GIVE = "INSERT INTO domain_mark (tenant, domain, given_at, mark) VALUES ($1, $2, $3, $4)
        ON CONFLICT (tenant, domain, given_at) DO UPDATE SET mark = excluded.mark";
    FEWER = "DELETE FROM domain_mark WHERE tenant = $1 AND domain = $2 AND given_at NOT IN (SELECT given_at FROM domain_mark
        WHERE tenant = $1 AND domain = $2 ORDER BY given_at DESC LIMIT $3)";
    SELECTORS = "SELECT selector, named FROM domain_selector WHERE tenant = $1 AND domain = $2
        ORDER BY named DESC, seen_at DESC, selector LIMIT $3";
    UNNAME = "DELETE FROM domain_selector WHERE tenant = $1 AND domain = $2 AND named";
    NAME = "INSERT INTO domain_selector (tenant, domain, selector, named, seen_at) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (tenant, domain, selector) DO UPDATE SET named = (domain_selector.named OR excluded.named),
            seen_at = excluded.seen_at";
    FEWER_SELECTORS = "DELETE FROM domain_selector WHERE tenant = $1 AND domain = $2 AND NOT named AND selector NOT IN (
        SELECT selector FROM domain_selector WHERE tenant = $1 AND domain = $2 AND NOT named
        ORDER BY seen_at DESC, selector LIMIT $3)";
    DUE = "SELECT d.tenant, d.domain FROM mail_domain d
        LEFT JOIN domain_health h ON h.tenant = d.tenant AND h.domain = d.domain
        WHERE d.state = 'approved' AND (h.due_at IS NULL OR h.due_at <= $1)
        ORDER BY COALESCE(h.due_at, 0), d.tenant, d.domain LIMIT $2";
}

/// How a domain stood when it was last looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DomainHealthRow {
    /// Which.
    pub domain: String,
    /// The mark, a letter; empty while none could be given.
    pub mark: String,
    /// The mark before it got worse, until somebody saw that; empty otherwise.
    pub fallen_from: String,
    /// When this was found; nothing while it never could be.
    pub looked_at: Option<Timestamp>,
    /// When it was last tried.
    pub tried_at: Timestamp,
    /// When it is tried next.
    pub due_at: Timestamp,
    /// What was found, as JSON.
    pub checks: String,
}

fn health(row: &Row) -> Result<DomainHealthRow, StoreError> {
    Ok(DomainHealthRow {
        domain: row.text(0)?,
        mark: row.text(1)?,
        fallen_from: row.text(2)?,
        looked_at: row.time_or_null(3)?,
        tried_at: row.time(4)?,
        due_at: row.time(5)?,
        checks: row.text(6)?,
    })
}

impl TenantTx<'_> {
    /// How the domains stand that were looked at.
    ///
    /// # Errors
    /// What the database says.
    pub async fn domain_healths(&mut self) -> Result<Vec<DomainHealthRow>, StoreError> {
        self.tx.all(ALL, args![self.tenant]).await?.iter().map(health).collect()
    }

    /// Keeps how a domain stands.
    ///
    /// # Errors
    /// What the database says.
    pub async fn keep_domain_health(&mut self, row: &DomainHealthRow) -> Result<(), StoreError> {
        let values = args![
            self.tenant,
            row.domain.as_str(),
            row.mark.as_str(),
            row.fallen_from.as_str(),
            row.looked_at,
            row.tried_at,
            row.due_at,
            row.checks.as_str(),
        ];
        self.tx.execute(KEEP, values).await?;
        Ok(())
    }

    /// Notes that somebody saw that a domain got worse; false when there was nothing to see.
    ///
    /// # Errors
    /// What the database says.
    pub async fn see_domain_fall(&mut self, domain: &str) -> Result<bool, StoreError> {
        Ok(self.tx.execute(SEEN, args![self.tenant, domain]).await? > 0)
    }

    /// How many domains got worse and nobody saw it yet.
    ///
    /// # Errors
    /// What the database says.
    pub async fn fallen_domains(&mut self) -> Result<u64, StoreError> {
        Ok(u64::try_from(self.tx.number(FALLEN, args![self.tenant]).await?).unwrap_or(0))
    }

    /// Forgets all that is known of a domain's health.
    ///
    /// # Errors
    /// What the database says.
    pub async fn forget_domain_health(&mut self, domain: &str) -> Result<(), StoreError> {
        for sql in [FORGET, FORGET_MARKS, FORGET_SELECTORS] {
            self.tx.execute(sql, args![self.tenant, domain]).await?;
        }
        Ok(())
    }

    /// The marks that a domain had and when each was first given, the newest first.
    ///
    /// # Errors
    /// What the database says.
    pub async fn domain_marks(&mut self, domain: &str, most: u32) -> Result<Vec<(Timestamp, String)>, StoreError> {
        let rows = self.tx.all(MARKS, args![self.tenant, domain, i64::from(most)]).await?;
        rows.iter().map(|row| Ok((row.time(0)?, row.text(1)?))).collect()
    }

    /// Writes down a mark, and keeps the newest `most`.
    ///
    /// # Errors
    /// What the database says.
    pub async fn give_domain_mark(
        &mut self,
        domain: &str,
        at: Timestamp,
        mark: &str,
        most: u32,
    ) -> Result<(), StoreError> {
        self.tx.execute(GIVE, args![self.tenant, domain, at, mark]).await?;
        self.tx.execute(FEWER, args![self.tenant, domain, i64::from(most)]).await?;
        Ok(())
    }

    /// The selectors of a domain, at most `most`: those that somebody named first. True stands beside those.
    ///
    /// # Errors
    /// What the database says.
    pub async fn domain_selectors(&mut self, domain: &str, most: u32) -> Result<Vec<(String, bool)>, StoreError> {
        let rows = self.tx.all(SELECTORS, args![self.tenant, domain, i64::from(most)]).await?;
        rows.iter().map(|row| Ok((row.text(0)?, row.flag(1)?))).collect()
    }

    /// Puts `names` in the place of those that somebody named before.
    ///
    /// # Errors
    /// What the database says.
    pub async fn name_selectors(&mut self, domain: &str, names: &[String], now: Timestamp) -> Result<(), StoreError> {
        self.tx.execute(UNNAME, args![self.tenant, domain]).await?;
        for name in names {
            self.tx.execute(NAME, args![self.tenant, domain, name, true, now]).await?;
        }
        Ok(())
    }

    /// Notes selectors with which receivers saw mail signed, and keeps the `most` seen last.
    ///
    /// # Errors
    /// What the database says.
    pub async fn note_selectors(
        &mut self,
        domain: &str,
        names: &[String],
        seen: Timestamp,
        most: u32,
    ) -> Result<(), StoreError> {
        for name in names {
            self.tx.execute(NAME, args![self.tenant, domain, name, false, seen]).await?;
        }
        self.tx.execute(FEWER_SELECTORS, args![self.tenant, domain, i64::from(most)]).await?;
        Ok(())
    }
}

impl PlatformTx<'_> {
    /// Approved domains that are to be looked at by now, at most `most`.
    ///
    /// # Errors
    /// What the database says.
    pub async fn due_domains(&mut self, now: Timestamp, most: u32) -> Result<Vec<(TenantId, String)>, StoreError> {
        let rows = self.tx.all(DUE, args![now, i64::from(most)]).await?;
        rows.iter().map(|row| Ok((row.parsed(0, "mail_domain", "tenant")?, row.text(1)?))).collect()
    }
}

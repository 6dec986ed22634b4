//! DMARC aggregate reports and what they add up to.

use crate::error::StoreError;
use crate::scope::{PlatformTx, TenantTx};
use crate::tx::{Row, args};
use baluardo_model::dmarc::{Disposition, DmarcReport};
use baluardo_model::{TenantId, Timestamp};
use serde::Serialize;

crate::statements! {
    KEEP = "INSERT INTO dmarc_report (tenant, domain, org, report, begin_at, end_at, policy, received_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (tenant, domain, org, report) DO NOTHING";
    ROW = "INSERT INTO dmarc_row (tenant, domain, org, report, seq, end_at, source, count, disposition, dkim, spf,
        header_from, signed_by, envelope) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)";
    HOW_MANY = "SELECT COUNT(*) FROM dmarc_report WHERE tenant = $1 AND domain = $2";
    REPORTS = "SELECT COUNT(*), COUNT(DISTINCT org), COALESCE(MIN(begin_at), 0), COALESCE(MAX(end_at), 0)
        FROM dmarc_report WHERE tenant = $1 AND domain = $2 AND end_at >= $3";
    POLICY = "SELECT policy FROM dmarc_report WHERE tenant = $1 AND domain = $2
        ORDER BY end_at DESC, received_at DESC, org, report LIMIT 1";
    SOURCES = "SELECT source, signed_by, envelope, CAST(SUM(count) AS BIGINT),
        CAST(SUM(CASE WHEN dkim OR spf THEN count ELSE 0 END) AS BIGINT),
        CAST(SUM(CASE WHEN disposition = 'none' THEN 0 ELSE count END) AS BIGINT)
        FROM dmarc_row WHERE tenant = $1 AND domain = $2 AND end_at >= $3
        GROUP BY source, signed_by, envelope
        ORDER BY SUM(CASE WHEN dkim OR spf THEN 0 ELSE count END) DESC, SUM(count) DESC, source, signed_by, envelope
        LIMIT $4";
    SUMS = "SELECT CAST(COALESCE(SUM(count), 0) AS BIGINT),
        CAST(COALESCE(SUM(CASE WHEN dkim OR spf THEN count ELSE 0 END), 0) AS BIGINT),
        CAST(COALESCE(SUM(CASE WHEN disposition = 'none' THEN 0 ELSE count END), 0) AS BIGINT)
        FROM dmarc_row WHERE tenant = $1 AND domain = $2 AND end_at >= $3";
    OLD = "SELECT DISTINCT tenant FROM dmarc_report WHERE end_at < $1";
    FORGET_ROWS = "DELETE FROM dmarc_row WHERE tenant = $1 AND end_at < $2";
    FORGET = "DELETE FROM dmarc_report WHERE tenant = $1 AND end_at < $2";
}

/// Messages that came from one address, by who signed them and whose envelope they had.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DmarcSource {
    /// Address of the server that sent them.
    pub source: String,
    /// Who signed; empty where nobody did or nobody said.
    pub signed_by: String,
    /// Whose envelope it was.
    pub envelope: String,
    /// Messages.
    pub count: u64,
    /// Those that are proved to be the domain's.
    pub proved: u64,
    /// Those that were put aside or refused.
    pub stopped: u64,
}

/// What the reports about a domain add up to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct DmarcSums {
    /// Reports.
    pub reports: u64,
    /// Receivers that reported.
    pub receivers: u64,
    /// The earliest moment that a report speaks of.
    pub since: Option<Timestamp>,
    /// The latest.
    pub until: Option<Timestamp>,
    /// What the domain asked for, as the latest report of all saw it.
    pub policy: Option<Disposition>,
    /// Messages.
    pub count: u64,
    /// Those that are proved to be the domain's.
    pub proved: u64,
    /// Those that were put aside or refused.
    pub stopped: u64,
    /// From where, those that are not proved first.
    pub sources: Vec<DmarcSource>,
}

fn source(row: &Row) -> Result<DmarcSource, StoreError> {
    Ok(DmarcSource {
        source: row.text(0)?,
        signed_by: row.text(1)?,
        envelope: row.text(2)?,
        count: row.count(3)?,
        proved: row.count(4)?,
        stopped: row.count(5)?,
    })
}

impl TenantTx<'_> {
    /// Keeps a report; false when it was kept before.
    ///
    /// # Errors
    /// What the database says.
    pub async fn keep_dmarc(&mut self, report: &DmarcReport, now: Timestamp) -> Result<bool, StoreError> {
        let (domain, org, id) = (report.domain.as_str(), report.org.as_str(), report.id.as_str());
        let values = args![self.tenant, domain, org, id, report.begin, report.end, report.policy.code(), now];
        if self.tx.execute(KEEP, values).await? == 0 {
            return Ok(false);
        }
        for (seq, row) in (0_i64..).zip(&report.rows) {
            let values = args![
                self.tenant,
                domain,
                org,
                id,
                seq,
                report.end,
                row.source.to_string(),
                row.count,
                row.disposition.code(),
                row.dkim,
                row.spf,
                row.header_from.as_str(),
                row.signed_by.as_str(),
                row.envelope.as_str(),
            ];
            self.tx.execute(ROW, values).await?;
        }
        Ok(true)
    }

    /// How many reports about a domain are kept.
    ///
    /// # Errors
    /// What the database says.
    pub async fn dmarc_reports(&mut self, domain: &str) -> Result<u64, StoreError> {
        Ok(u64::try_from(self.tx.number(HOW_MANY, args![self.tenant, domain]).await?).unwrap_or(0))
    }

    /// What the reports about a domain say that reach beyond `since`, with at most `most` sources.
    ///
    /// # Errors
    /// What the database says.
    pub async fn dmarc_sums(&mut self, domain: &str, since: Timestamp, most: u32) -> Result<DmarcSums, StoreError> {
        let mut sums = DmarcSums::default();
        if let Some(row) = self.tx.optional(REPORTS, args![self.tenant, domain, since]).await? {
            (sums.reports, sums.receivers) = (row.count(0)?, row.count(1)?);
            if sums.reports > 0 {
                (sums.since, sums.until) = (Some(row.time(2)?), Some(row.time(3)?));
            }
        }
        if let Some(row) = self.tx.optional(POLICY, args![self.tenant, domain]).await? {
            sums.policy = Some(row.coded(0, Disposition::from_code, "dmarc_report", "policy")?);
        }
        if let Some(row) = self.tx.optional(SUMS, args![self.tenant, domain, since]).await? {
            (sums.count, sums.proved, sums.stopped) = (row.count(0)?, row.count(1)?, row.count(2)?);
        }
        let rows = self.tx.all(SOURCES, args![self.tenant, domain, since, i64::from(most)]).await?;
        sums.sources = rows.iter().map(source).collect::<Result<_, _>>()?;
        Ok(sums)
    }

    /// Forgets reports that end before `until`; how many that were.
    ///
    /// # Errors
    /// What the database says.
    pub async fn forget_dmarc(&mut self, until: Timestamp) -> Result<u64, StoreError> {
        self.tx.execute(FORGET_ROWS, args![self.tenant, until]).await?;
        self.tx.execute(FORGET, args![self.tenant, until]).await
    }
}

impl PlatformTx<'_> {
    /// The tenants with reports that end before `until`.
    ///
    /// # Errors
    /// What the database says.
    pub async fn old_dmarc(&mut self, until: Timestamp) -> Result<Vec<TenantId>, StoreError> {
        self.tx.all(OLD, args![until]).await?.iter().map(|row| row.parsed(0, "dmarc_report", "tenant")).collect()
    }
}

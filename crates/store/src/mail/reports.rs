//! Messages that people reported, and those among them that are alike.

use crate::error::StoreError;
use crate::mail::held::HeldReason;
use crate::scope::TenantTx;
use crate::tx::{Row, args, to_json};
use baluardo_model::mail::reports::{ReportState, ReportWay};
use baluardo_model::{AlikeId, ReportId, Timestamp};
use serde::Serialize;

/// A report with what became of those that are alike, as [`report`] reads it, up to the `AND`.
macro_rules! rows {
    () => {
        "SELECT r.report, r.alike, r.reporter, r.reporter_name, r.way, r.counts, r.author, r.subject, r.action, r.class,
        r.score, r.reasons, r.size, r.content, r.reported_at, a.state, a.holding, a.decided_by, a.decided_at, a.note,
        (SELECT COUNT(DISTINCT o.reporter) FROM mail_report o WHERE o.tenant = r.tenant AND o.alike = r.alike)
        FROM mail_report r JOIN mail_alike a ON a.tenant = r.tenant AND a.alike = r.alike WHERE r.tenant = $1 AND "
    };
}

crate::statements! {
    KEEP = "INSERT INTO mail_report (tenant, report, alike, reporter, reporter_name, way, counts, author, subject, action,
        class, score, reasons, size, content, reported_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)";
    GET = concat!(rows!(), "r.report = $2");
    ONCE = concat!(rows!(), "r.reporter = $2 AND r.content = $3");
    PAGE = concat!(
        rows!(), "($2 = '' OR a.state = $2)
        AND ($3 = '' OR LOWER(r.subject) LIKE $3 ESCAPE '!' OR LOWER(r.author) LIKE $3 ESCAPE '!'
            OR LOWER(r.reporter_name) LIKE $3 ESCAPE '!')
        ORDER BY CASE a.state WHEN 'open' THEN 0 ELSE 1 END, r.reported_at DESC, r.report DESC LIMIT $4"
    );
    WAITING = "SELECT COUNT(*) FROM mail_alike WHERE tenant = $1 AND state = 'open'";
    SINCE = "SELECT COUNT(*) FROM mail_report WHERE tenant = $1 AND ($2 = '' OR reporter = $2) AND reported_at > $3";
    RECORD = "SELECT a.state, COUNT(DISTINCT a.alike) FROM mail_report r
        JOIN mail_alike a ON a.tenant = r.tenant AND a.alike = r.alike
        WHERE r.tenant = $1 AND r.reporter = $2 GROUP BY a.state";
    COUNTED = "SELECT COUNT(DISTINCT reporter) FROM mail_report WHERE tenant = $1 AND alike = $2 AND counts";
    GROUP = "INSERT INTO mail_alike (tenant, alike, fingerprint, class, score, state, holding, shared, first_at, last_at,
        decided_by, decided_at, note) VALUES ($1, $2, $3, $4, $5, 'open', FALSE, FALSE, $6, $6, '', NULL, '')";
    GROUPS = "SELECT alike, fingerprint, class, state, holding FROM mail_alike WHERE tenant = $1 AND last_at > $2
        ORDER BY last_at DESC, alike DESC LIMIT $3";
    TOUCH = "UPDATE mail_alike SET last_at = $3, holding = $4 WHERE tenant = $1 AND alike = $2";
    DECIDE = "UPDATE mail_alike SET state = $3, holding = $4, shared = $5, decided_by = $6, decided_at = $7, note = $8
        WHERE tenant = $1 AND alike = $2";
    HOLDING = "SELECT a.alike, a.fingerprint, a.class, a.state, a.holding FROM mail_alike a
        WHERE a.holding AND a.last_at > $2 AND (a.tenant = $1 OR ($3 AND a.shared AND a.tenant IN
            (SELECT other.tenant FROM tenant other JOIN tenant own ON own.consortium = other.consortium
            WHERE own.tenant = $1)))
        ORDER BY a.last_at DESC, a.alike DESC LIMIT $4";
    UNSHARE = "UPDATE mail_alike SET shared = FALSE WHERE tenant = $1 AND shared";
}

/// A report. Author, subject and name are foreign texts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Which.
    pub id: ReportId,
    /// With which others it is alike.
    pub alike: AlikeId,
    /// Keyed digest of who reported.
    #[serde(skip)]
    pub reporter: String,
    /// Who reported, for people.
    pub reporter_name: String,
    /// How it came.
    pub way: ReportWay,
    /// Whether it counts towards holding messages that are alike.
    pub counts: bool,
    /// Who the message says wrote it.
    pub author: String,
    /// What it says it is about.
    pub subject: String,
    /// What the engine would do with it.
    pub action: String,
    /// The engine's word for it.
    pub class: String,
    /// 0 to 1,000: how sure the engine was.
    pub score: u64,
    /// Why.
    pub reasons: Vec<HeldReason>,
    /// Bytes.
    pub size: u64,
    /// Digest of the content, which is not kept.
    pub content: String,
    /// When.
    pub reported_at: Timestamp,
}

/// A report with what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReportRow {
    /// The report.
    #[serde(flatten)]
    pub report: Report,
    /// What the RTD said.
    pub state: ReportState,
    /// Whether messages that are alike are held.
    pub holding: bool,
    /// Who said it; empty for nobody.
    pub decided_by: String,
    /// When.
    pub decided_at: Option<Timestamp>,
    /// What they wrote.
    pub note: String,
    /// How many people reported messages that are alike.
    pub reporters: u64,
}

/// Reported messages that are alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alike {
    /// Which.
    pub id: AlikeId,
    /// Their fingerprint.
    pub fingerprint: String,
    /// The engine's word for the first of them.
    pub class: String,
    /// What the RTD said.
    pub state: ReportState,
    /// Whether more of them are held.
    pub holding: bool,
}

/// What is said of messages that are alike.
#[derive(Clone, Copy, Debug)]
pub struct Decision<'a> {
    /// What they are.
    pub state: ReportState,
    /// Whether more of them are held.
    pub holding: bool,
    /// Whether for other comuni, too.
    pub shared: bool,
    /// Who says so.
    pub by: &'a str,
    /// What they wrote.
    pub note: &'a str,
}

fn report(row: &Row) -> Result<ReportRow, StoreError> {
    let report = Report {
        id: row.parsed(0, "mail_report", "report")?,
        alike: row.parsed(1, "mail_report", "alike")?,
        reporter: row.text(2)?,
        reporter_name: row.text(3)?,
        way: row.coded(4, ReportWay::from_code, "mail_report", "way")?,
        counts: row.flag(5)?,
        author: row.text(6)?,
        subject: row.text(7)?,
        action: row.text(8)?,
        class: row.text(9)?,
        score: row.count(10)?,
        reasons: row.json(11, "mail_report", "reasons")?,
        size: row.count(12)?,
        content: row.text(13)?,
        reported_at: row.time(14)?,
    };
    Ok(ReportRow {
        report,
        state: row.coded(15, ReportState::from_code, "mail_alike", "state")?,
        holding: row.flag(16)?,
        decided_by: row.text(17)?,
        decided_at: row.time_or_null(18)?,
        note: row.text(19)?,
        reporters: row.count(20)?,
    })
}

fn alike(row: &Row) -> Result<Alike, StoreError> {
    Ok(Alike {
        id: row.parsed(0, "mail_alike", "alike")?,
        fingerprint: row.text(1)?,
        class: row.text(2)?,
        state: row.coded(3, ReportState::from_code, "mail_alike", "state")?,
        holding: row.flag(4)?,
    })
}

impl TenantTx<'_> {
    /// Keeps a report.
    ///
    /// # Errors
    /// [`StoreError::Exists`] when the same person reported the same content before.
    pub async fn keep_report(&mut self, new: &Report) -> Result<(), StoreError> {
        let values = args![
            self.tenant,
            new.id,
            new.alike,
            new.reporter.as_str(),
            new.reporter_name.as_str(),
            new.way.code(),
            new.counts,
            new.author.as_str(),
            new.subject.as_str(),
            new.action.as_str(),
            new.class.as_str(),
            new.score,
            to_json(&new.reasons),
            new.size,
            new.content.as_str(),
            new.reported_at,
        ];
        self.tx.execute(KEEP, values).await.map(drop)
    }

    /// One report.
    ///
    /// # Errors
    /// What the database says.
    pub async fn report(&mut self, id: ReportId) -> Result<Option<ReportRow>, StoreError> {
        self.tx.optional(GET, args![self.tenant, id]).await?.as_ref().map(report).transpose()
    }

    /// The report of this content by this person.
    ///
    /// # Errors
    /// What the database says.
    pub async fn report_of(&mut self, reporter: &str, content: &str) -> Result<Option<ReportRow>, StoreError> {
        self.tx.optional(ONCE, args![self.tenant, reporter, content]).await?.as_ref().map(report).transpose()
    }

    /// Those of which nothing was said first, then the newest.
    ///
    /// # Errors
    /// What the database says.
    pub async fn reports(
        &mut self,
        state: Option<ReportState>,
        text: &str,
        limit: u32,
    ) -> Result<Vec<ReportRow>, StoreError> {
        let state = state.map_or("", ReportState::code);
        let values = args![self.tenant, state, crate::like::holding(text), i64::from(limit)];
        self.tx.all(PAGE, values).await?.iter().map(report).collect()
    }

    /// Of how many kinds of reported messages nothing was said.
    ///
    /// # Errors
    /// What the database says.
    pub async fn reports_waiting(&mut self) -> Result<u64, StoreError> {
        Ok(u64::try_from(self.tx.number(WAITING, args![self.tenant]).await?).unwrap_or(0))
    }

    /// How many messages a person reported after `since`; an empty digest means everybody.
    ///
    /// # Errors
    /// What the database says.
    pub async fn reports_since(&mut self, reporter: &str, since: Timestamp) -> Result<u64, StoreError> {
        let count = self.tx.number(SINCE, args![self.tenant, reporter, since]).await?;
        Ok(u64::try_from(count).unwrap_or(0))
    }

    /// What was said of what a person reported, with how many kinds of messages each.
    ///
    /// # Errors
    /// What the database says.
    pub async fn reporter_record(&mut self, reporter: &str) -> Result<Vec<(ReportState, u64)>, StoreError> {
        let rows = self.tx.all(RECORD, args![self.tenant, reporter]).await?;
        rows.iter()
            .map(|row| Ok((row.coded(0, ReportState::from_code, "mail_alike", "state")?, row.count(1)?)))
            .collect()
    }

    /// How many people's reports of messages that are alike count.
    ///
    /// # Errors
    /// What the database says.
    pub async fn counted_reporters(&mut self, id: AlikeId) -> Result<u64, StoreError> {
        Ok(u64::try_from(self.tx.number(COUNTED, args![self.tenant, id]).await?).unwrap_or(0))
    }

    /// Begins a kind of reported messages.
    ///
    /// # Errors
    /// What the database says.
    pub async fn begin_alike(
        &mut self,
        id: AlikeId,
        fingerprint: &str,
        class: &str,
        score: u64,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.tx.execute(GROUP, args![self.tenant, id, fingerprint, class, score, now]).await.map(drop)
    }

    /// The kinds of messages that were reported after `since`, the newest first.
    ///
    /// # Errors
    /// What the database says.
    pub async fn alikes(&mut self, since: Timestamp, limit: u32) -> Result<Vec<Alike>, StoreError> {
        self.tx.all(GROUPS, args![self.tenant, since, i64::from(limit)]).await?.iter().map(alike).collect()
    }

    /// Notes that one more was reported at `now`, and whether more of them are held.
    ///
    /// # Errors
    /// What the database says.
    pub async fn touch_alike(&mut self, id: AlikeId, now: Timestamp, holding: bool) -> Result<(), StoreError> {
        self.tx.execute(TOUCH, args![self.tenant, id, now, holding]).await.map(drop)
    }

    /// Keeps what somebody says of them.
    ///
    /// # Errors
    /// What the database says.
    pub async fn decide_alike(&mut self, id: AlikeId, said: Decision<'_>, now: Timestamp) -> Result<(), StoreError> {
        let values = args![self.tenant, id, said.state.code(), said.holding, said.shared, said.by, now, said.note];
        self.tx.execute(DECIDE, values).await.map(drop)
    }

    /// The kinds of which more are held, reported after `since`: the tenant's own, and if `others`, what other tenants of its
    /// consortium share.
    ///
    /// # Errors
    /// What the database says.
    pub async fn held_alikes(&mut self, since: Timestamp, others: bool, limit: u32) -> Result<Vec<Alike>, StoreError> {
        self.tx.all(HOLDING, args![self.tenant, since, others, i64::from(limit)]).await?.iter().map(alike).collect()
    }

    /// Shares nothing any more of what was said before.
    ///
    /// # Errors
    /// What the database says.
    pub async fn unshare_alikes(&mut self) -> Result<(), StoreError> {
        self.tx.execute(UNSHARE, args![self.tenant]).await.map(drop)
    }
}

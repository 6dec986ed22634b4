//! Findings and the steps of their stories.

use crate::error::StoreError;
use crate::scope::TenantTx;
use crate::tx::{Row, args, to_json};
use baluardo_model::intrusion::Intrusion;
use baluardo_model::protection::{Finding, FindingKind, Severity, Step, StepKind};
use baluardo_model::{DeviceId, FindingId, Timestamp};
use serde::Serialize;

crate::statements! {
    KEEP = "INSERT INTO finding (tenant, finding, device, kind, severity, path, sha256, files_touched, files_lost,
        detected_at, received_at, handled_at, handled_by, handled_note, document, stopped, quarantined, intrusion)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, NULL, NULL, '', $12, $13, $14, $15)
        ON CONFLICT (tenant, finding) DO UPDATE SET kind = excluded.kind, severity = excluded.severity,
        path = excluded.path, sha256 = excluded.sha256, files_touched = excluded.files_touched,
        files_lost = excluded.files_lost, detected_at = excluded.detected_at, document = excluded.document,
        stopped = finding.stopped OR excluded.stopped, quarantined = finding.quarantined OR excluded.quarantined,
        intrusion = excluded.intrusion
        WHERE finding.device = excluded.device";
    FILES = "UPDATE finding SET files_touched = $4, files_lost = $5, stopped = stopped OR $6,
        quarantined = quarantined OR $7
        WHERE tenant = $1 AND finding = $2 AND device = $3";
    STEP = "INSERT INTO finding_step (tenant, finding, seq, at, kind, detail, files) VALUES ($1, $2, $3, $4, $5, $6, $7)
        ON CONFLICT (tenant, finding, seq) DO NOTHING";
    STEPS = "SELECT at, kind, detail, files FROM finding_step WHERE tenant = $1 AND finding = $2 ORDER BY seq";
    GET = "SELECT f.finding, f.device, COALESCE(d.hostname, ''), f.kind, f.severity, f.path, f.sha256, f.files_touched,
        f.files_lost, f.detected_at, f.received_at, f.handled_at, f.handled_by, f.handled_note, f.stopped, f.quarantined,
        f.intrusion, f.document FROM finding f LEFT JOIN device d ON d.tenant = f.tenant AND d.device = f.device
        WHERE f.tenant = $1 AND f.finding = $2";
    PAGE = "SELECT f.finding, f.device, COALESCE(d.hostname, ''), f.kind, f.severity, f.path, f.sha256, f.files_touched,
        f.files_lost, f.detected_at, f.received_at, f.handled_at, f.handled_by, f.handled_note, f.stopped, f.quarantined,
        f.intrusion FROM finding f LEFT JOIN device d ON d.tenant = f.tenant AND d.device = f.device
        WHERE f.tenant = $1 AND (f.received_at < $2 OR (f.received_at = $2 AND f.finding < $3))
        AND ($4 = '' OR LOWER(f.path) LIKE $4 ESCAPE '!' OR LOWER(COALESCE(d.hostname, '')) LIKE $4 ESCAPE '!'
            OR LOWER(f.document) LIKE $4 ESCAPE '!')
        AND ($5 = '' OR $5 LIKE '%' || f.severity || '%') AND ($6 = '' OR f.kind = $6) AND ($7 = '' OR f.device = $7)
        AND ($8 = '' OR ($8 = 'open' AND f.handled_at IS NULL) OR ($8 = 'handled' AND f.handled_at IS NOT NULL))
        AND ($9 = 0 OR f.files_lost > 0)
        ORDER BY f.received_at DESC, f.finding DESC LIMIT $10";
    COUNT = "SELECT COUNT(*) FROM finding f LEFT JOIN device d ON d.tenant = f.tenant AND d.device = f.device
        WHERE f.tenant = $1
        AND ($2 = '' OR LOWER(f.path) LIKE $2 ESCAPE '!' OR LOWER(COALESCE(d.hostname, '')) LIKE $2 ESCAPE '!'
            OR LOWER(f.document) LIKE $2 ESCAPE '!')
        AND ($3 = '' OR $3 LIKE '%' || f.severity || '%') AND ($4 = '' OR f.kind = $4) AND ($5 = '' OR f.device = $5)
        AND ($6 = '' OR ($6 = 'open' AND f.handled_at IS NULL) OR ($6 = 'handled' AND f.handled_at IS NOT NULL))
        AND ($7 = 0 OR f.files_lost > 0)";
    HANDLE = "UPDATE finding SET handled_at = $3, handled_by = $4, handled_note = $5
        WHERE tenant = $1 AND finding = $2 AND handled_at IS NULL";
    ELSEWHERE = "SELECT COUNT(DISTINCT f.tenant) FROM finding f
        JOIN tenant t ON t.tenant = f.tenant
        JOIN tenant me ON me.tenant = $1 AND me.consortium = t.consortium
        WHERE f.sha256 = $2 AND f.tenant <> $1";
}

/// A finding as a list shows it. Texts that come from the agent are foreign.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FindingRow {
    /// Which.
    pub id: FindingId,
    /// On which device.
    pub device: DeviceId,
    /// The device's name.
    pub hostname: String,
    /// What.
    pub kind: FindingKind,
    /// How bad.
    pub severity: Severity,
    /// The file or folder.
    pub path: String,
    /// SHA-256 of the file, where one is meant.
    pub sha256: Option<String>,
    /// Files that the attack changed.
    pub files_touched: u64,
    /// Files that could not be put back.
    pub files_lost: u64,
    /// Opening was refused or the process was stopped.
    pub stopped: bool,
    /// The file went into quarantine.
    pub quarantined: bool,
    /// When the agent saw it.
    pub detected_at: Timestamp,
    /// When the server learned of it.
    pub received_at: Timestamp,
    /// When somebody marked it as handled.
    pub handled_at: Option<Timestamp>,
    /// Name of who did.
    pub handled_by: Option<String>,
    /// What they wrote; empty when nothing.
    pub handled_note: String,
    /// What a rule saw, for an intrusion.
    pub intrusion: Option<Box<Intrusion>>,
}

/// What part of a tenant's findings to read; empty texts narrow nothing.
#[derive(Clone, Debug, Default)]
pub struct FindingSearch<'a> {
    /// Below this place: time of arrival and id; none for the newest.
    pub before: Option<(Timestamp, FindingId)>,
    /// Holding this text.
    pub text: &'a str,
    /// Stable words of the severities that are wanted, in one text.
    pub severities: &'a str,
    /// Stable word of the kind.
    pub kind: &'a str,
    /// Id of the device.
    pub device: &'a str,
    /// `open`, `handled` or empty.
    pub state: &'a str,
    /// Only those that lost files.
    pub lost: bool,
    /// At most so many.
    pub limit: u32,
}

fn finding(row: &Row) -> Result<FindingRow, StoreError> {
    Ok(FindingRow {
        id: row.parsed(0, "finding", "finding")?,
        device: row.parsed(1, "finding", "device")?,
        hostname: row.text(2)?,
        kind: row.coded(3, FindingKind::from_code, "finding", "kind")?,
        severity: row.coded(4, Severity::from_code, "finding", "severity")?,
        path: row.text(5)?,
        sha256: row.text_or_null(6)?,
        files_touched: row.count(7)?,
        files_lost: row.count(8)?,
        detected_at: row.time(9)?,
        received_at: row.time(10)?,
        handled_at: row.time_or_null(11)?,
        handled_by: row.text_or_null(12)?,
        handled_note: row.text(13)?,
        stopped: row.flag(14)?,
        quarantined: row.flag(15)?,
        intrusion: match row.text_or_null(16)? {
            Some(_) => Some(row.json(16, "finding", "intrusion")?),
            None => None,
        },
    })
}

fn stopped(steps: &[Step]) -> bool {
    steps.iter().any(|step| matches!(step.kind, StepKind::Blocked | StepKind::ProcessStopped))
}

fn quarantined(steps: &[Step]) -> bool {
    steps.iter().any(|step| step.kind == StepKind::Quarantined)
}

impl TenantTx<'_> {
    /// Keeps a finding, or what it grew to; false when another device has a finding with this id.
    ///
    /// # Errors
    /// What the database says.
    pub async fn keep_finding(&mut self, device: DeviceId, new: &Finding, now: Timestamp) -> Result<bool, StoreError> {
        let values = args![
            self.tenant,
            new.id,
            device,
            new.kind.code(),
            new.severity.code(),
            new.path.as_str(),
            new.sha256.clone(),
            new.files_touched,
            new.files_lost,
            new.detected_at,
            now,
            to_json(new),
            stopped(&new.steps),
            quarantined(&new.steps),
            new.intrusion.as_ref().map(to_json),
        ];
        Ok(self.tx.execute(KEEP, values).await? == 1)
    }

    /// Adds a step to a finding of this device, under the event's number; false when the device has no such finding.
    ///
    /// # Errors
    /// What the database says.
    pub async fn keep_step(
        &mut self,
        device: DeviceId,
        finding: FindingId,
        seq: u64,
        step: &Step,
        (touched, lost): (u64, u64),
    ) -> Result<bool, StoreError> {
        let one = std::slice::from_ref(step);
        let values = args![self.tenant, finding, device, touched, lost, stopped(one), quarantined(one)];
        if self.tx.execute(FILES, values).await? != 1 {
            return Ok(false);
        }
        let values = args![self.tenant, finding, seq, step.at, step.kind.code(), step.detail.as_str(), step.files];
        self.tx.execute(STEP, values).await?;
        Ok(true)
    }

    /// Steps that came after the finding itself, in the order in which they came.
    ///
    /// # Errors
    /// What the database says.
    pub async fn later_steps(&mut self, finding: FindingId) -> Result<Vec<Step>, StoreError> {
        let rows = self.tx.all(STEPS, args![self.tenant, finding]).await?;
        rows.iter()
            .map(|row| {
                Ok(Step {
                    at: row.time(0)?,
                    kind: row.coded(1, StepKind::from_code, "finding_step", "kind")?,
                    detail: row.text(2)?,
                    files: row.count(3)?,
                })
            })
            .collect()
    }

    /// One finding: its row and the story as the agent sent it.
    ///
    /// # Errors
    /// What the database says.
    pub async fn finding(&mut self, id: FindingId) -> Result<Option<(FindingRow, Finding)>, StoreError> {
        let row = self.tx.optional(GET, args![self.tenant, id]).await?;
        row.map(|row| Ok((finding(&row)?, row.json(17, "finding", "document")?))).transpose()
    }

    /// A page of findings, newest arrival first.
    ///
    /// # Errors
    /// What the database says.
    pub async fn findings(&mut self, search: &FindingSearch<'_>) -> Result<Vec<FindingRow>, StoreError> {
        let (at, id) = match search.before {
            Some((at, id)) => (at, id.to_string()),
            None => (Timestamp::from_micros(i64::MAX), String::new()),
        };
        let values = args![
            self.tenant,
            at,
            id,
            crate::like::holding(search.text),
            search.severities,
            search.kind,
            search.device,
            search.state,
            i64::from(search.lost),
            i64::from(search.limit),
        ];
        self.tx.all(PAGE, values).await?.iter().map(finding).collect()
    }

    /// How many findings a search finds on all pages.
    ///
    /// # Errors
    /// What the database says.
    pub async fn count_findings(&mut self, search: &FindingSearch<'_>) -> Result<u64, StoreError> {
        let values = args![
            self.tenant,
            crate::like::holding(search.text),
            search.severities,
            search.kind,
            search.device,
            search.state,
            i64::from(search.lost),
        ];
        Ok(u64::try_from(self.tx.number(COUNT, values).await?).unwrap_or(0))
    }

    /// Marks a finding as handled; false when it was already, or does not exist.
    ///
    /// # Errors
    /// What the database says.
    pub async fn handle_finding(
        &mut self,
        id: FindingId,
        by: &str,
        note: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        Ok(self.tx.execute(HANDLE, args![self.tenant, id, now, by, note]).await? == 1)
    }

    /// How many other members of this tenant's consortium saw a file with this digest: a number and nothing else.
    ///
    /// # Errors
    /// What the database says.
    pub async fn seen_elsewhere(&mut self, sha256: &str) -> Result<u64, StoreError> {
        Ok(u64::try_from(self.tx.number(ELSEWHERE, args![self.tenant, sha256]).await?).unwrap_or(0))
    }
}

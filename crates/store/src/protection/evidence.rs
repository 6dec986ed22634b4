//! Packages of evidence and their sealed pieces.

use crate::error::StoreError;
use crate::scope::{PlatformTx, TenantTx};
use crate::tx::{Row, args};
use baluardo_model::evidence::Evidence;
use baluardo_model::{DeviceId, EvidenceId, FindingId, TenantId, Timestamp};
use serde::Serialize;

crate::statements! {
    INSERT = "INSERT INTO evidence (tenant, evidence, device, finding, state, ordered_by, reason, ordered_at, collected_at, size,
        sha256, received, received_at, keep_until) VALUES ($1, $2, $3, $4, 'ordered', $5, $6, $7, 0, 0, '', 0, 0, 0)";
    TOLD = "INSERT INTO evidence (tenant, evidence, device, finding, state, ordered_by, reason, ordered_at, collected_at, size,
        sha256, received, received_at, keep_until) VALUES ($1, $2, $3, $4, 'collected', '', $5, $6, $7, $8, $9, 0, 0, 0)
        ON CONFLICT (tenant, evidence) DO UPDATE SET state = 'collected', collected_at = excluded.collected_at,
        size = excluded.size, sha256 = excluded.sha256
        WHERE evidence.device = excluded.device AND evidence.state = 'ordered'";
    GET = "SELECT evidence, device, finding, state, ordered_by, reason, ordered_at, collected_at, size, sha256, received,
        received_at, keep_until FROM evidence WHERE tenant = $1 AND evidence = $2";
    OF_DEVICE = "SELECT evidence, device, finding, state, ordered_by, reason, ordered_at, collected_at, size, sha256, received,
        received_at, keep_until FROM evidence WHERE tenant = $1 AND device = $2 ORDER BY ordered_at DESC, evidence DESC LIMIT $3";
    PIECE = "INSERT INTO evidence_piece (tenant, evidence, place, sealed) VALUES ($1, $2, $3, $4)";
    MOVE = "UPDATE evidence SET received = $4 WHERE tenant = $1 AND evidence = $2 AND received = $3 AND state = 'collected'";
    END = "UPDATE evidence SET state = $3, received_at = $4, keep_until = $5 WHERE tenant = $1 AND evidence = $2";
    PIECES = "SELECT place, sealed FROM evidence_piece WHERE tenant = $1 AND evidence = $2 AND place >= $3 ORDER BY place LIMIT 8";
    DROP = "DELETE FROM evidence_piece WHERE tenant = $1 AND evidence = $2";
    UNASKED = "SELECT COUNT(*) FROM evidence WHERE tenant = $1 AND device = $2 AND ordered_by = ''
        AND state IN ('collected', 'received')";
    OVER = "SELECT evidence FROM evidence WHERE tenant = $1 AND ((state = 'received' AND keep_until < $2)
        OR (state = 'ordered' AND ordered_at < $3) OR (state = 'collected' AND collected_at < $4))";
    OVER_OF_ALL = "SELECT DISTINCT tenant FROM evidence WHERE (state = 'received' AND keep_until < $1)
        OR (state = 'ordered' AND ordered_at < $2) OR (state = 'collected' AND collected_at < $3)";
    WAITING = "SELECT COUNT(*) FROM evidence WHERE tenant = $1 AND state IN ('ordered', 'collected')";
    WAITING_OF_DEVICE = "SELECT COUNT(*) FROM evidence WHERE tenant = $1 AND device = $2
        AND state IN ('ordered', 'collected')";
}

/// A package as it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EvidenceRow {
    /// Which.
    pub id: EvidenceId,
    /// Of which device.
    pub device: DeviceId,
    /// The finding it is about.
    pub finding: Option<FindingId>,
    /// `ordered`, `collected` (on the device, coming up), `received`, `damaged`, `deleted` or `expired`.
    pub state: String,
    /// Who ordered it; empty for the device's own policy.
    pub ordered_by: String,
    /// Why.
    pub reason: String,
    /// When.
    pub ordered_at: Timestamp,
    /// When the device made it.
    pub collected_at: Option<Timestamp>,
    /// Its bytes.
    pub size: u64,
    /// Its SHA-256; empty until it is made.
    pub sha256: String,
    /// How many of its bytes are here.
    pub received: u64,
    /// Since when it is here whole.
    pub received_at: Option<Timestamp>,
    /// Until when it is kept.
    pub keep_until: Option<Timestamp>,
}

/// What ends packages.
#[derive(Clone, Copy, Debug)]
pub struct EvidenceEnds {
    /// Now: what is kept until earlier is over.
    pub now: Timestamp,
    /// What was ordered before this and never made is over.
    pub ordered: Timestamp,
    /// What was made before this and never came whole is over.
    pub collected: Timestamp,
}

fn evidence(row: &Row) -> Result<EvidenceRow, StoreError> {
    let time = |at: usize| Ok::<_, StoreError>(Some(row.time(at)?).filter(|at| *at > Timestamp::from_micros(0)));
    let finding = row.text(2)?;
    Ok(EvidenceRow {
        id: row.parsed(0, "evidence", "evidence")?,
        device: row.parsed(1, "evidence", "device")?,
        finding: if finding.is_empty() { None } else { Some(row.parsed(2, "evidence", "finding")?) },
        state: row.text(3)?,
        ordered_by: row.text(4)?,
        reason: row.text(5)?,
        ordered_at: row.time(6)?,
        collected_at: time(7)?,
        size: row.count(8)?,
        sha256: row.text(9)?,
        received: row.count(10)?,
        received_at: time(11)?,
        keep_until: time(12)?,
    })
}

fn or_empty(finding: Option<FindingId>) -> String {
    finding.map(|finding| finding.to_string()).unwrap_or_default()
}

impl TenantTx<'_> {
    /// Writes that a package was ordered.
    ///
    /// # Errors
    /// What the database says.
    pub async fn insert_evidence(
        &mut self,
        (id, device): (EvidenceId, DeviceId),
        finding: Option<FindingId>,
        (by, reason): (&str, &str),
        at: Timestamp,
    ) -> Result<(), StoreError> {
        self.tx.execute(INSERT, args![self.tenant, id, device, or_empty(finding), by, reason, at]).await.map(drop)
    }

    /// Keeps what a device says of a package; one that nobody ordered was made by its policy. False when it is another
    /// device's, or was told before.
    ///
    /// # Errors
    /// What the database says.
    pub async fn keep_evidence(
        &mut self,
        device: DeviceId,
        told: &Evidence,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let (reason, sha256) = (told.reason.as_str(), told.sha256.as_str());
        let finding = or_empty(told.finding);
        let values = args![self.tenant, told.id, device, finding, reason, now, told.collected_at, told.size, sha256];
        Ok(self.tx.execute(TOLD, values).await? == 1)
    }

    /// One package.
    ///
    /// # Errors
    /// What the database says.
    pub async fn evidence(&mut self, id: EvidenceId) -> Result<Option<EvidenceRow>, StoreError> {
        self.tx.optional(GET, args![self.tenant, id]).await?.as_ref().map(evidence).transpose()
    }

    /// The newest packages of a device, newest first.
    ///
    /// # Errors
    /// What the database says.
    pub async fn evidence_of_device(&mut self, device: DeviceId, limit: u32) -> Result<Vec<EvidenceRow>, StoreError> {
        self.tx.all(OF_DEVICE, args![self.tenant, device, i64::from(limit)]).await?.iter().map(evidence).collect()
    }

    /// Keeps a sealed piece that begins at `place` and reaches to `until`; false when the package does not stand at `place`.
    ///
    /// # Errors
    /// What the database says.
    pub async fn keep_piece(
        &mut self,
        id: EvidenceId,
        (place, until): (u64, u64),
        sealed: &str,
    ) -> Result<bool, StoreError> {
        if self.tx.execute(MOVE, args![self.tenant, id, place, until]).await? != 1 {
            return Ok(false);
        }
        self.tx.execute(PIECE, args![self.tenant, id, place, sealed]).await?;
        Ok(true)
    }

    /// The next sealed pieces from `place` on, a few at once.
    ///
    /// # Errors
    /// What the database says.
    pub async fn pieces(&mut self, id: EvidenceId, place: u64) -> Result<Vec<(u64, String)>, StoreError> {
        let rows = self.tx.all(PIECES, args![self.tenant, id, place]).await?;
        rows.iter().map(|row| Ok((row.count(0)?, row.text(1)?))).collect()
    }

    /// Notes where a package stands now. One that is not `received` keeps no piece.
    ///
    /// # Errors
    /// What the database says.
    pub async fn end_evidence(
        &mut self,
        id: EvidenceId,
        state: &str,
        received: Option<(Timestamp, Timestamp)>,
    ) -> Result<(), StoreError> {
        let zero = Timestamp::from_micros(0);
        let (at, until) = received.unwrap_or((zero, zero));
        self.tx.execute(END, args![self.tenant, id, state, at, until]).await?;
        if state != "received" {
            self.tx.execute(DROP, args![self.tenant, id]).await?;
        }
        Ok(())
    }

    /// How many packages of a device's own policy are here, or on their way.
    ///
    /// # Errors
    /// What the database says.
    pub async fn evidence_unasked(&mut self, device: DeviceId) -> Result<i64, StoreError> {
        self.tx.number(UNASKED, args![self.tenant, device]).await
    }

    /// How many packages of the tenant, and of this device of it, were ordered and are not here yet.
    ///
    /// # Errors
    /// What the database says.
    pub async fn evidence_waiting(&mut self, device: DeviceId) -> Result<(i64, i64), StoreError> {
        let all = self.tx.number(WAITING, args![self.tenant]).await?;
        Ok((all, self.tx.number(WAITING_OF_DEVICE, args![self.tenant, device]).await?))
    }

    /// Packages whose time is over.
    ///
    /// # Errors
    /// What the database says.
    pub async fn evidence_over(&mut self, ends: EvidenceEnds) -> Result<Vec<EvidenceId>, StoreError> {
        let EvidenceEnds { now, ordered, collected } = ends;
        let rows = self.tx.all(OVER, args![self.tenant, now, ordered, collected]).await?;
        rows.iter().map(|row| row.parsed(0, "evidence", "evidence")).collect()
    }
}

impl PlatformTx<'_> {
    /// Tenants with packages whose time is over.
    ///
    /// # Errors
    /// What the database says.
    pub async fn tenants_with_evidence_over(&mut self, ends: EvidenceEnds) -> Result<Vec<TenantId>, StoreError> {
        let EvidenceEnds { now, ordered, collected } = ends;
        let rows = self.tx.all(OVER_OF_ALL, args![now, ordered, collected]).await?;
        rows.iter().map(|row| row.parsed(0, "evidence", "tenant")).collect()
    }
}

//! Figures of one tenant's protection.

use crate::error::StoreError;
use crate::scope::TenantTx;
use crate::tx::args;
use baluardo_model::protection::{FindingKind, Severity};
use baluardo_model::{DeviceId, FindingId};

crate::statements! {
    OPEN = "SELECT kind, severity, COUNT(*) FROM finding WHERE tenant = $1 AND handled_at IS NULL
        GROUP BY kind, severity";
    OPEN_OF_DEVICES = "SELECT device, COUNT(*) FROM finding WHERE tenant = $1 AND handled_at IS NULL GROUP BY device";
    WORST = "SELECT finding, kind, severity, files_lost FROM finding WHERE tenant = $1 AND handled_at IS NULL
        ORDER BY CASE WHEN files_lost > 0 THEN 0 ELSE 1 END,
        CASE severity WHEN 'critical' THEN 0 WHEN 'high' THEN 1 WHEN 'medium' THEN 2 WHEN 'low' THEN 3 ELSE 4 END,
        received_at DESC, finding DESC LIMIT $2";
    HELD = "SELECT COUNT(*) FROM quarantine WHERE tenant = $1 AND state = 'held'";
}

/// Open findings of one kind and severity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenCount {
    /// What.
    pub kind: FindingKind,
    /// How bad.
    pub severity: Severity,
    /// How many.
    pub count: u64,
}

/// An open finding that waits for a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenFinding {
    /// Which.
    pub id: FindingId,
    /// What.
    pub kind: FindingKind,
    /// How bad.
    pub severity: Severity,
    /// Files that could not be put back.
    pub files_lost: u64,
}

impl TenantTx<'_> {
    /// Open findings by kind and severity.
    ///
    /// # Errors
    /// What the database says.
    pub async fn open_findings(&mut self) -> Result<Vec<OpenCount>, StoreError> {
        let rows = self.tx.all(OPEN, args![self.tenant]).await?;
        rows.iter()
            .map(|row| {
                Ok(OpenCount {
                    kind: row.coded(0, FindingKind::from_code, "finding", "kind")?,
                    severity: row.coded(1, Severity::from_code, "finding", "severity")?,
                    count: row.count(2)?,
                })
            })
            .collect()
    }

    /// Open findings of each device that has any.
    ///
    /// # Errors
    /// What the database says.
    pub async fn open_findings_of_devices(&mut self) -> Result<Vec<(DeviceId, u64)>, StoreError> {
        let rows = self.tx.all(OPEN_OF_DEVICES, args![self.tenant]).await?;
        rows.iter().map(|row| Ok((row.parsed(0, "finding", "device")?, row.count(1)?))).collect()
    }

    /// The worst open findings, those that lost files first.
    ///
    /// # Errors
    /// What the database says.
    pub async fn worst_findings(&mut self, limit: u32) -> Result<Vec<OpenFinding>, StoreError> {
        let rows = self.tx.all(WORST, args![self.tenant, i64::from(limit)]).await?;
        rows.iter()
            .map(|row| {
                Ok(OpenFinding {
                    id: row.parsed(0, "finding", "finding")?,
                    kind: row.coded(1, FindingKind::from_code, "finding", "kind")?,
                    severity: row.coded(2, Severity::from_code, "finding", "severity")?,
                    files_lost: row.count(3)?,
                })
            })
            .collect()
    }

    /// How many files are held in quarantine.
    ///
    /// # Errors
    /// What the database says.
    pub async fn held_count(&mut self) -> Result<u64, StoreError> {
        Ok(u64::try_from(self.tx.number(HELD, args![self.tenant]).await?).unwrap_or(0))
    }
}

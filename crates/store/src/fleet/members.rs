//! What a consortium may count in its members: devices of all, findings only of those who left it the management.

use crate::error::StoreError;
use crate::scope::ConsortiumTx;
use crate::tx::args;
use baluardo_model::protection::{FindingKind, Severity};
use baluardo_model::{TenantId, Timestamp};
use std::time::Duration;

crate::statements! {
    DEVICES = "SELECT d.tenant, COUNT(*),
        SUM(CASE WHEN d.last_seen < $2 OR d.last_seen > $3 THEN 1 ELSE 0 END),
        SUM(CASE WHEN d.coverage = 'none' AND d.last_seen >= $2 AND d.last_seen <= $3 THEN 1 ELSE 0 END)
        FROM device d JOIN tenant t ON t.tenant = d.tenant
        WHERE t.consortium = $1 AND t.kind <> 'consortium' AND d.state = 'active' GROUP BY d.tenant";
    FINDINGS = "SELECT f.tenant, f.kind, f.severity, COUNT(*), SUM(CASE WHEN f.files_lost > 0 THEN 1 ELSE 0 END)
        FROM finding f JOIN tenant t ON t.tenant = f.tenant
        WHERE t.consortium = $1 AND t.kind <> 'consortium' AND t.management = 'central' AND f.handled_at IS NULL
        GROUP BY f.tenant, f.kind, f.severity";
    LAST = "SELECT f.tenant, MAX(f.received_at)
        FROM finding f JOIN tenant t ON t.tenant = f.tenant
        WHERE t.consortium = $1 AND t.kind <> 'consortium' AND t.management = 'central' GROUP BY f.tenant";
}

/// Devices of one member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemberDevices {
    /// Whose.
    pub tenant: TenantId,
    /// Active devices.
    pub devices: u64,
    /// Those that have not spoken for a while.
    pub silent: u64,
    /// Those that speak but watch nothing.
    pub not_covered: u64,
}

/// Open findings of one member, of one kind and severity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemberFindings {
    /// Whose.
    pub tenant: TenantId,
    /// What was found.
    pub kind: FindingKind,
    /// How bad.
    pub severity: Severity,
    /// How many.
    pub open: u64,
    /// How many of them lost files.
    pub with_losses: u64,
}

impl ConsortiumTx<'_> {
    /// Devices of every member that has any; silent are those whose last word lies `silence` or more away from `now`.
    ///
    /// # Errors
    /// What the database says.
    pub async fn member_devices(
        &mut self,
        now: Timestamp,
        silence: Duration,
    ) -> Result<Vec<MemberDevices>, StoreError> {
        let rows = self.tx.all(DEVICES, args![self.consortium, now.minus(silence), now.plus(silence)]).await?;
        rows.iter()
            .map(|row| {
                Ok(MemberDevices {
                    tenant: row.parsed(0, "device", "tenant")?,
                    devices: row.count(1)?,
                    silent: row.count(2)?,
                    not_covered: row.count(3)?,
                })
            })
            .collect()
    }

    /// Open findings of the members under central management.
    ///
    /// # Errors
    /// What the database says.
    pub async fn member_findings(&mut self) -> Result<Vec<MemberFindings>, StoreError> {
        let rows = self.tx.all(FINDINGS, args![self.consortium]).await?;
        rows.iter()
            .map(|row| {
                Ok(MemberFindings {
                    tenant: row.parsed(0, "finding", "tenant")?,
                    kind: row.coded(1, FindingKind::from_code, "finding", "kind")?,
                    severity: row.coded(2, Severity::from_code, "finding", "severity")?,
                    open: row.count(3)?,
                    with_losses: row.count(4)?,
                })
            })
            .collect()
    }

    /// When the newest finding of each member under central management came.
    ///
    /// # Errors
    /// What the database says.
    pub async fn member_last_findings(&mut self) -> Result<Vec<(TenantId, Timestamp)>, StoreError> {
        let rows = self.tx.all(LAST, args![self.consortium]).await?;
        rows.iter().map(|row| Ok((row.parsed(0, "finding", "tenant")?, row.time(1)?))).collect()
    }
}

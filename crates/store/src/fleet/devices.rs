//! Devices.

use crate::error::StoreError;
use crate::scope::TenantTx;
use crate::tx::{Row, args};
use baluardo_model::fleet::{Coverage, Device, DeviceState};
use baluardo_model::{DeviceId, Timestamp};

crate::statements! {
    INSERT = "INSERT INTO device (tenant, device, hostname, os, agent_version, state, coverage, coverage_note,
        enrolled_at, last_seen, acked_seq, policy_version)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
    GET = "SELECT tenant, device, hostname, os, agent_version, state, coverage, coverage_note, enrolled_at, last_seen,
        acked_seq, policy_version, isolated_until FROM device WHERE tenant = $1 AND device = $2";
    ALL = "SELECT tenant, device, hostname, os, agent_version, state, coverage, coverage_note, enrolled_at, last_seen,
        acked_seq, policy_version, isolated_until FROM device WHERE tenant = $1
        AND ($2 = '' OR LOWER(hostname) LIKE $2 ESCAPE '!' OR LOWER(os) LIKE $2 ESCAPE '!' OR device LIKE $2 ESCAPE '!')
        ORDER BY hostname, device";
    REVOKE = "UPDATE device SET state = 'revoked' WHERE tenant = $1 AND device = $2 AND state = 'active'";
    SEEN = "UPDATE device SET last_seen = $3 WHERE tenant = $1 AND device = $2";
    SPOKE = "UPDATE device SET acked_seq = $4, last_seen = $5, agent_version = $6, coverage = $7, coverage_note = $8,
        policy_version = $9 WHERE tenant = $1 AND device = $2 AND acked_seq = $3 AND state = 'active'";
    CERTIFICATE_SINCE = "SELECT certificate_since FROM device WHERE tenant = $1 AND device = $2";
    USES_CERTIFICATE = "UPDATE device SET certificate_since = $3 WHERE tenant = $1 AND device = $2
        AND certificate_since < $3 AND state = 'active'";
    ISOLATED = "UPDATE device SET isolated_until = $3, isolation_code = $4 WHERE tenant = $1 AND device = $2";
    ISOLATION_CODE = "SELECT isolation_code FROM device WHERE tenant = $1 AND device = $2";
    SET_STOP_CODE = "UPDATE device SET stop_code = $3 WHERE tenant = $1 AND device = $2";
    STOP_CODE = "SELECT stop_code FROM device WHERE tenant = $1 AND device = $2";
    PASS_OVER = "UPDATE device SET acked_seq = $4 WHERE tenant = $1 AND device = $2 AND acked_seq = $3
        AND state = 'active'";
}

/// What an agent says of itself in an exchange, bounded.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Spoken {
    /// Version of the agent.
    pub agent_version: String,
    /// What it can do.
    pub coverage: Coverage,
    /// Why not more.
    pub coverage_note: String,
    /// The policy that it follows.
    pub policy_version: u64,
}

fn device(row: &Row) -> Result<Device, StoreError> {
    Ok(Device {
        tenant: row.parsed(0, "device", "tenant")?,
        id: row.parsed(1, "device", "device")?,
        hostname: row.text(2)?,
        os: row.text(3)?,
        agent_version: row.text(4)?,
        state: row.coded(5, DeviceState::from_code, "device", "state")?,
        coverage: row.coded(6, Coverage::from_code, "device", "coverage")?,
        coverage_note: row.text(7)?,
        enrolled_at: row.time(8)?,
        last_seen: row.time(9)?,
        acked_seq: row.count(10)?,
        policy_version: row.count(11)?,
        isolated_until: Some(row.time(12)?).filter(|until| *until > Timestamp::from_micros(0)),
    })
}

impl TenantTx<'_> {
    /// Writes a new device; its tenant is the scope's, whatever the struct says.
    ///
    /// # Errors
    /// What the database says.
    pub async fn insert_device(&mut self, new: &Device) -> Result<(), StoreError> {
        let values = args![
            self.tenant,
            new.id,
            new.hostname.as_str(),
            new.os.as_str(),
            new.agent_version.as_str(),
            new.state.code(),
            new.coverage.code(),
            new.coverage_note.as_str(),
            new.enrolled_at,
            new.last_seen,
            new.acked_seq,
            new.policy_version,
        ];
        self.tx.execute(INSERT, values).await.map(drop)
    }

    /// One device.
    ///
    /// # Errors
    /// What the database says.
    pub async fn device(&mut self, id: DeviceId) -> Result<Option<Device>, StoreError> {
        self.tx.optional(GET, args![self.tenant, id]).await?.as_ref().map(device).transpose()
    }

    /// Every device, by name; `text` narrows to those whose name, system or id holds it.
    ///
    /// # Errors
    /// What the database says.
    pub async fn devices(&mut self, text: &str) -> Result<Vec<Device>, StoreError> {
        self.tx.all(ALL, args![self.tenant, crate::like::holding(text)]).await?.iter().map(device).collect()
    }

    /// Stops trusting a device; false when it was not trusted any more.
    ///
    /// # Errors
    /// What the database says.
    pub async fn revoke_device(&mut self, id: DeviceId) -> Result<bool, StoreError> {
        Ok(self.tx.execute(REVOKE, args![self.tenant, id]).await? == 1)
    }

    /// Notes when a device last spoke.
    ///
    /// # Errors
    /// What the database says.
    pub async fn device_seen(&mut self, id: DeviceId, at: Timestamp) -> Result<(), StoreError> {
        self.tx.execute(SEEN, args![self.tenant, id, at]).await.map(drop)
    }

    /// Notes that a device cut itself off until `until`, with the sealed code that lifts it; or, without both, that it has its
    /// network back. False for no such device.
    ///
    /// # Errors
    /// What the database says.
    pub async fn device_isolated(
        &mut self,
        id: DeviceId,
        isolated: Option<(Timestamp, &str)>,
    ) -> Result<bool, StoreError> {
        let (until, code) = isolated.unwrap_or((Timestamp::from_micros(0), ""));
        Ok(self.tx.execute(ISOLATED, args![self.tenant, id, until, code]).await? == 1)
    }

    /// The sealed code that lifts the isolation of a device; empty while it is not isolated.
    ///
    /// # Errors
    /// What the database says.
    pub async fn isolation_code(&mut self, id: DeviceId) -> Result<String, StoreError> {
        let row = self.tx.optional(ISOLATION_CODE, args![self.tenant, id]).await?;
        Ok(row.map(|row| row.text(0)).transpose()?.unwrap_or_default())
    }

    /// Keeps the sealed code that lets somebody stop the agent of a device. False for no such device.
    ///
    /// # Errors
    /// What the database says.
    pub async fn set_stop_code(&mut self, id: DeviceId, sealed: &str) -> Result<bool, StoreError> {
        Ok(self.tx.execute(SET_STOP_CODE, args![self.tenant, id, sealed]).await? == 1)
    }

    /// The sealed code that lets somebody stop the agent of a device; empty until it told one.
    ///
    /// # Errors
    /// What the database says.
    pub async fn stop_code(&mut self, id: DeviceId) -> Result<String, StoreError> {
        let row = self.tx.optional(STOP_CODE, args![self.tenant, id]).await?;
        Ok(row.map(|row| row.text(0)).transpose()?.unwrap_or_default())
    }

    /// From when the newest certificate is valid that a device was seen to use; none for no such device.
    ///
    /// # Errors
    /// What the database says.
    pub async fn certificate_since(&mut self, id: DeviceId) -> Result<Option<Timestamp>, StoreError> {
        let row = self.tx.optional(CERTIFICATE_SINCE, args![self.tenant, id]).await?;
        row.map(|row| row.time(0)).transpose()
    }

    /// Notes that an active device used a certificate that is valid from `since` on; false when it used one as new
    /// before.
    ///
    /// # Errors
    /// What the database says.
    pub async fn device_uses_certificate(&mut self, id: DeviceId, since: Timestamp) -> Result<bool, StoreError> {
        Ok(self.tx.execute(USES_CERTIFICATE, args![self.tenant, id, since]).await? == 1)
    }

    /// Moves an active device's acknowledged number from `old` to `new`, without events; false when it is not `old` any
    /// more or the device is revoked.
    ///
    /// # Errors
    /// What the database says.
    pub async fn device_passes_over(&mut self, id: DeviceId, old: u64, new: u64) -> Result<bool, StoreError> {
        Ok(self.tx.execute(PASS_OVER, args![self.tenant, id, old, new]).await? == 1)
    }

    /// Moves an active device's acknowledged number from `old` to `new` and keeps what it said of itself.
    ///
    /// False when the number is not `old` any more or the device is revoked: then nothing changed.
    ///
    /// # Errors
    /// What the database says.
    pub async fn device_spoke(
        &mut self,
        id: DeviceId,
        (old, new): (u64, u64),
        at: Timestamp,
        said: &Spoken,
    ) -> Result<bool, StoreError> {
        let values = args![
            self.tenant,
            id,
            old,
            new,
            at,
            said.agent_version.as_str(),
            said.coverage.code(),
            said.coverage_note.as_str(),
            said.policy_version,
        ];
        Ok(self.tx.execute(SPOKE, values).await? == 1)
    }
}

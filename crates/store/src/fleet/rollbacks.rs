//! Folders that are rolled back to a moment.

use crate::error::StoreError;
use crate::scope::TenantTx;
use crate::tx::{Row, args, to_json};
use baluardo_model::rollback::Rollback;
use baluardo_model::{DeviceId, RollbackId, Timestamp};
use serde::Serialize;

crate::statements! {
    INSERT = "INSERT INTO folder_rollback (tenant, rollback_id, device, folder, moment, stage, body, ordered_by, ordered_at, told_at)
        VALUES ($1, $2, $3, $4, $5, $6, '', $7, $8, 0)";
    TOLD = "INSERT INTO folder_rollback (tenant, rollback_id, device, folder, moment, stage, body, ordered_by, ordered_at, told_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, '', $8, $8) ON CONFLICT (tenant, rollback_id) DO UPDATE
        SET stage = excluded.stage, body = excluded.body, told_at = excluded.told_at WHERE folder_rollback.device = excluded.device";
    ORDERED = "UPDATE folder_rollback SET stage = 'ordered', ordered_by = $3, ordered_at = $4 WHERE tenant = $1 AND rollback_id = $2
        AND stage = 'previewed'";
    GET = "SELECT rollback_id, device, folder, moment, stage, body, ordered_by, ordered_at, told_at FROM folder_rollback
        WHERE tenant = $1 AND device = $2 AND rollback_id = $3";
    OF_DEVICE = "SELECT rollback_id, device, folder, moment, stage, body, ordered_by, ordered_at, told_at FROM folder_rollback
        WHERE tenant = $1 AND device = $2 ORDER BY ordered_at DESC, rollback_id DESC LIMIT $3";
}

/// A roll back that was asked for in the console.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRollback {
    /// Which.
    pub id: RollbackId,
    /// On which device.
    pub device: DeviceId,
    /// The folder.
    pub folder: String,
    /// The moment.
    pub moment: Timestamp,
    /// Who asked.
    pub ordered_by: String,
    /// When.
    pub ordered_at: Timestamp,
}

/// A roll back as it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RollbackRow {
    /// Which.
    pub id: RollbackId,
    /// On which device.
    pub device: DeviceId,
    /// The folder.
    pub folder: String,
    /// The moment.
    pub moment: Timestamp,
    /// `asked` until the device looked, `ordered` until it began, or the word of a stage.
    pub stage: String,
    /// What the device told last: foreign text.
    pub told: Option<Rollback>,
    /// Who ordered it; empty when it was begun on the device.
    pub ordered_by: String,
    /// When.
    pub ordered_at: Timestamp,
    /// When the device told last; none while it has not.
    pub told_at: Option<Timestamp>,
}

fn rollback(row: &Row) -> Result<RollbackRow, StoreError> {
    let told = if row.text(5)?.is_empty() { None } else { Some(row.json(5, "folder_rollback", "body")?) };
    Ok(RollbackRow {
        id: row.parsed(0, "folder_rollback", "rollback_id")?,
        device: row.parsed(1, "folder_rollback", "device")?,
        folder: row.text(2)?,
        moment: row.time(3)?,
        stage: row.text(4)?,
        told,
        ordered_by: row.text(6)?,
        ordered_at: row.time(7)?,
        told_at: Some(row.time(8)?).filter(|at| *at > Timestamp::from_micros(0)),
    })
}

impl TenantTx<'_> {
    /// Writes that somebody asked what rolling back would do.
    ///
    /// # Errors
    /// What the database says.
    pub async fn insert_rollback(&mut self, new: &NewRollback) -> Result<(), StoreError> {
        let (folder, by) = (new.folder.as_str(), new.ordered_by.as_str());
        let values = args![self.tenant, new.id, new.device, folder, new.moment, "asked", by, new.ordered_at];
        self.tx.execute(INSERT, values).await.map(drop)
    }

    /// Keeps what a device tells; one that nobody ordered was begun on the device. False when the id is another device's.
    ///
    /// # Errors
    /// What the database says.
    pub async fn keep_rollback(
        &mut self,
        device: DeviceId,
        told: &Rollback,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let (folder, body) = (told.folder.as_str(), to_json(told));
        let values = args![self.tenant, told.id, device, folder, told.to, told.stage.code(), body, now];
        Ok(self.tx.execute(TOLD, values).await? == 1)
    }

    /// Notes that somebody ordered what was looked at; false when it was not looked at, or ordered before.
    ///
    /// # Errors
    /// What the database says.
    pub async fn rollback_ordered(&mut self, id: RollbackId, by: &str, at: Timestamp) -> Result<bool, StoreError> {
        Ok(self.tx.execute(ORDERED, args![self.tenant, id, by, at]).await? == 1)
    }

    /// One roll back of a device.
    ///
    /// # Errors
    /// What the database says.
    pub async fn rollback(&mut self, device: DeviceId, id: RollbackId) -> Result<Option<RollbackRow>, StoreError> {
        self.tx.optional(GET, args![self.tenant, device, id]).await?.as_ref().map(rollback).transpose()
    }

    /// The newest roll backs of a device, newest first.
    ///
    /// # Errors
    /// What the database says.
    pub async fn rollbacks_of_device(&mut self, device: DeviceId, limit: u32) -> Result<Vec<RollbackRow>, StoreError> {
        self.tx.all(OF_DEVICE, args![self.tenant, device, i64::from(limit)]).await?.iter().map(rollback).collect()
    }
}

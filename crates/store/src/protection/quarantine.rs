//! Quarantined files: they lie encrypted on their device, and the server knows of them.

use crate::error::StoreError;
use crate::scope::TenantTx;
use crate::tx::{Row, args};
use baluardo_model::protection::{QuarantineItem, QuarantineState};
use baluardo_model::{DeviceId, FindingId, OrderId, QuarantineId, Timestamp};
use serde::Serialize;

/// The rows of a tenant (`$1`) with what is ordered and has not lost its force (`$2`), as [`item`] reads them, up to the `AND`.
macro_rules! rows {
    () => {
        "SELECT q.item, q.device, COALESCE(d.hostname, ''), q.finding, q.path, q.sha256, q.size, q.taken_at, q.state,
        q.changed_at, o.order_id, o.kind, o.expires_at
        FROM quarantine q LEFT JOIN device d ON d.tenant = q.tenant AND d.device = q.device
        LEFT JOIN device_order o ON o.tenant = q.tenant AND o.device = q.device AND o.order_id = q.pending_order
            AND o.ended_at IS NULL AND o.expires_at > $2
        WHERE q.tenant = $1 AND "
    };
}

crate::statements! {
    KEEP = "INSERT INTO quarantine (tenant, item, device, finding, path, sha256, size, taken_at, state, changed_at,
        pending_order) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'held', $9, NULL)
        ON CONFLICT (tenant, item) DO UPDATE SET size = excluded.size WHERE quarantine.device = excluded.device";
    CHANGE = "UPDATE quarantine SET state = $4, changed_at = $5, pending_order = NULL
        WHERE tenant = $1 AND item = $2 AND device = $3";
    PENDING = "UPDATE quarantine SET pending_order = $3 WHERE tenant = $1 AND item = $2";
    NOT_PENDING = "UPDATE quarantine SET pending_order = NULL WHERE tenant = $1 AND item = $2 AND pending_order = $3";
    GET = concat!(rows!(), "q.item = $3");
    PAGE = concat!(
        rows!(), "($3 = '' OR q.state = $3) AND ($4 = '' OR q.device = $4)
        AND ($5 = '' OR LOWER(q.path) LIKE $5 ESCAPE '!' OR LOWER(COALESCE(d.hostname, '')) LIKE $5 ESCAPE '!'
            OR q.sha256 LIKE $5 ESCAPE '!')
        ORDER BY q.taken_at DESC, q.item DESC LIMIT $6"
    );
    OF_FINDING = concat!(rows!(), "q.finding = $3 AND q.device = $4 ORDER BY q.taken_at, q.item");
}

/// An order about a quarantined file that its device has not carried out yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PendingOrder {
    /// Which.
    pub id: OrderId,
    /// `release_quarantine` or `delete_quarantine`.
    pub kind: String,
    /// When it loses its force; then it can be asked again.
    pub expires_at: Timestamp,
}

/// A quarantined file as people see it. Path and digest are foreign texts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct QuarantineRow {
    /// Which.
    pub id: QuarantineId,
    /// On which device it lies.
    pub device: DeviceId,
    /// The device's name.
    pub hostname: String,
    /// The finding it belongs to.
    pub finding: FindingId,
    /// Where it was.
    pub path: String,
    /// SHA-256.
    pub sha256: String,
    /// Size in bytes.
    pub size: u64,
    /// When it was taken.
    pub taken_at: Timestamp,
    /// Where it stands.
    pub state: QuarantineState,
    /// Since when.
    pub changed_at: Timestamp,
    /// What was ordered and waits for the device.
    pub pending: Option<PendingOrder>,
}

fn item(row: &Row) -> Result<QuarantineRow, StoreError> {
    let pending = match row.text_or_null(10)? {
        Some(_) => Some(PendingOrder {
            id: row.parsed(10, "device_order", "order_id")?,
            kind: row.text(11)?,
            expires_at: row.time(12)?,
        }),
        None => None,
    };
    Ok(QuarantineRow {
        id: row.parsed(0, "quarantine", "item")?,
        device: row.parsed(1, "quarantine", "device")?,
        hostname: row.text(2)?,
        finding: row.parsed(3, "quarantine", "finding")?,
        path: row.text(4)?,
        sha256: row.text(5)?,
        size: row.count(6)?,
        taken_at: row.time(7)?,
        state: row.coded(8, QuarantineState::from_code, "quarantine", "state")?,
        changed_at: row.time(9)?,
        pending,
    })
}

impl TenantTx<'_> {
    /// Keeps a file that went into quarantine; false when another device has an item with this id.
    ///
    /// # Errors
    /// What the database says.
    pub async fn keep_quarantined(
        &mut self,
        device: DeviceId,
        new: &QuarantineItem,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let values = args![
            self.tenant,
            new.id,
            device,
            new.finding,
            new.path.as_str(),
            new.sha256.as_str(),
            new.size,
            new.taken_at,
            now,
        ];
        Ok(self.tx.execute(KEEP, values).await? == 1)
    }

    /// Notes where a file of this device stands now; false when the device has no such item.
    ///
    /// # Errors
    /// What the database says.
    pub async fn change_quarantined(
        &mut self,
        device: DeviceId,
        id: QuarantineId,
        state: QuarantineState,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        Ok(self.tx.execute(CHANGE, args![self.tenant, id, device, state.code(), now]).await? == 1)
    }

    /// Notes that an order about this file waits.
    ///
    /// # Errors
    /// What the database says.
    pub async fn quarantine_ordered(&mut self, id: QuarantineId, order: OrderId) -> Result<(), StoreError> {
        self.tx.execute(PENDING, args![self.tenant, id, order]).await.map(drop)
    }

    /// Notes that an order about this file ended without effect.
    ///
    /// # Errors
    /// What the database says.
    pub async fn quarantine_order_failed(&mut self, id: QuarantineId, order: OrderId) -> Result<(), StoreError> {
        self.tx.execute(NOT_PENDING, args![self.tenant, id, order]).await.map(drop)
    }

    /// One quarantined file; an order about it counts as pending while it has not ended and `now` lies before its end.
    ///
    /// # Errors
    /// What the database says.
    pub async fn quarantined(&mut self, id: QuarantineId, now: Timestamp) -> Result<Option<QuarantineRow>, StoreError> {
        self.tx.optional(GET, args![self.tenant, now, id]).await?.as_ref().map(item).transpose()
    }

    /// Quarantined files, newest first; empty texts narrow nothing.
    ///
    /// # Errors
    /// What the database says.
    pub async fn quarantine(
        &mut self,
        state: Option<QuarantineState>,
        device: &str,
        text: &str,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<QuarantineRow>, StoreError> {
        let state = state.map_or("", QuarantineState::code);
        let values = args![self.tenant, now, state, device, crate::like::holding(text), i64::from(limit)];
        self.tx.all(PAGE, values).await?.iter().map(item).collect()
    }

    /// The files that a finding of this device put into quarantine, oldest first.
    ///
    /// # Errors
    /// What the database says.
    pub async fn quarantine_of_finding(
        &mut self,
        finding: FindingId,
        device: DeviceId,
        now: Timestamp,
    ) -> Result<Vec<QuarantineRow>, StoreError> {
        self.tx.all(OF_FINDING, args![self.tenant, now, finding, device]).await?.iter().map(item).collect()
    }
}

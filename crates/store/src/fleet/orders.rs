//! Orders to devices, signed when they are written.

use crate::error::StoreError;
use crate::scope::TenantTx;
use crate::tx::{Row, args};
use baluardo_model::fleet::OrderOutcome;
use baluardo_model::{DeviceId, OrderId, Timestamp};
use serde::Serialize;

crate::statements! {
    INSERT = "INSERT INTO device_order (tenant, device, order_id, kind, target, body, signature, issued_at, expires_at,
        outcome, note, ended_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, NULL, '', NULL)";
    WAITING = "SELECT body, signature FROM device_order WHERE tenant = $1 AND device = $2 AND ended_at IS NULL
        AND expires_at > $3 ORDER BY issued_at, order_id LIMIT $4";
    WAITING_FOR = "SELECT COUNT(*) FROM device_order WHERE tenant = $1 AND device = $2 AND kind = $3
        AND ended_at IS NULL AND expires_at > $4";
    GIVEN_SINCE = "SELECT COUNT(*) FROM device_order WHERE tenant = $1 AND device = $2 AND kind = $3 AND target = $4
        AND expires_at > $5";
    UNDONE_SINCE = "SELECT COUNT(*) FROM device_order WHERE tenant = $1 AND device = $2 AND kind = $3 AND target = $4
        AND expires_at > $5 AND (outcome IS NULL OR outcome <> 'done')";
    END = "UPDATE device_order SET outcome = $4, note = $5, ended_at = $6
        WHERE tenant = $1 AND device = $2 AND order_id = $3 AND outcome IS NULL";
    REPLACE = "UPDATE device_order SET note = $4, ended_at = $5, body = ''
        WHERE tenant = $1 AND device = $2 AND kind = $3 AND ended_at IS NULL";
    CLOSE = "UPDATE device_order SET note = $3, ended_at = $4 WHERE tenant = $1 AND device = $2 AND ended_at IS NULL";
    GET = "SELECT order_id, device, kind, target, issued_at, expires_at, outcome, note, ended_at FROM device_order
        WHERE tenant = $1 AND device = $2 AND order_id = $3";
    OF_DEVICE = "SELECT order_id, device, kind, target, issued_at, expires_at, outcome, note, ended_at FROM device_order
        WHERE tenant = $1 AND device = $2 ORDER BY issued_at DESC, order_id DESC LIMIT $3";
    OF_TARGET = "SELECT order_id, device, kind, target, issued_at, expires_at, outcome, note, ended_at FROM device_order
        WHERE tenant = $1 AND target = $2 ORDER BY issued_at, order_id";
}

/// An order as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewOrder {
    /// Which.
    pub id: OrderId,
    /// For which device.
    pub device: DeviceId,
    /// The stable word of its kind.
    pub kind: &'static str,
    /// What it is about: a quarantined file, a finding, a policy version; empty where that means nothing.
    pub target: String,
    /// The signed bytes, base64.
    pub body: String,
    /// The signature, base64.
    pub signature: String,
    /// When it is given.
    pub issued_at: Timestamp,
    /// When it loses its force.
    pub expires_at: Timestamp,
}

/// An order as people see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OrderRow {
    /// Which.
    pub id: OrderId,
    /// For which device.
    pub device: DeviceId,
    /// The stable word of its kind.
    pub kind: String,
    /// What it is about.
    pub target: String,
    /// When it was given.
    pub issued_at: Timestamp,
    /// When it loses its force.
    pub expires_at: Timestamp,
    /// How it ended; none while it waits, and none when a newer order took its place.
    pub outcome: Option<OrderOutcome>,
    /// What the agent said, or what took its place: foreign text.
    pub note: String,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
}

fn order(row: &Row) -> Result<OrderRow, StoreError> {
    let outcome = match row.text_or_null(6)? {
        Some(_) => Some(row.coded(6, OrderOutcome::from_code, "device_order", "outcome")?),
        None => None,
    };
    Ok(OrderRow {
        id: row.parsed(0, "device_order", "order_id")?,
        device: row.parsed(1, "device_order", "device")?,
        kind: row.text(2)?,
        target: row.text(3)?,
        issued_at: row.time(4)?,
        expires_at: row.time(5)?,
        outcome,
        note: row.text(7)?,
        ended_at: row.time_or_null(8)?,
    })
}

impl TenantTx<'_> {
    /// Writes a new order.
    ///
    /// # Errors
    /// What the database says.
    pub async fn insert_order(&mut self, new: &NewOrder) -> Result<(), StoreError> {
        let values = args![
            self.tenant,
            new.device,
            new.id,
            new.kind,
            new.target.as_str(),
            new.body.as_str(),
            new.signature.as_str(),
            new.issued_at,
            new.expires_at,
        ];
        self.tx.execute(INSERT, values).await.map(drop)
    }

    /// Body and signature of the orders that wait for a device, oldest first.
    ///
    /// # Errors
    /// What the database says.
    pub async fn waiting_orders(
        &mut self,
        device: DeviceId,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<(String, String)>, StoreError> {
        let rows = self.tx.all(WAITING, args![self.tenant, device, now, i64::from(limit)]).await?;
        rows.iter().map(|row| Ok((row.text(0)?, row.text(1)?))).collect()
    }

    /// Whether an order of this kind waits for the device.
    ///
    /// # Errors
    /// What the database says.
    pub async fn order_waits(&mut self, device: DeviceId, kind: &str, now: Timestamp) -> Result<bool, StoreError> {
        Ok(self.tx.number(WAITING_FOR, args![self.tenant, device, kind, now]).await? > 0)
    }

    /// Whether an order of this kind about `target`, ended or not, is still within its time.
    ///
    /// # Errors
    /// What the database says.
    pub async fn order_given(
        &mut self,
        device: DeviceId,
        kind: &str,
        target: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        Ok(self.tx.number(GIVEN_SINCE, args![self.tenant, device, kind, target, now]).await? > 0)
    }

    /// As [`TenantTx::order_given`], of those that wait or did not end well.
    ///
    /// # Errors
    /// What the database says.
    pub async fn order_undone(
        &mut self,
        device: DeviceId,
        kind: &str,
        target: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        Ok(self.tx.number(UNDONE_SINCE, args![self.tenant, device, kind, target, now]).await? > 0)
    }

    /// Notes how an order ended; false when that was known already or there is no such order.
    ///
    /// # Errors
    /// What the database says.
    pub async fn end_order(
        &mut self,
        device: DeviceId,
        id: OrderId,
        outcome: OrderOutcome,
        note: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        Ok(self.tx.execute(END, args![self.tenant, device, id, outcome.code(), note, now]).await? == 1)
    }

    /// Takes back the waiting orders of one kind because a newer one takes their place; their bytes, which may be many
    /// and will never be sent again, are forgotten.
    ///
    /// # Errors
    /// What the database says.
    pub async fn replace_orders(
        &mut self,
        device: DeviceId,
        kind: &str,
        note: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.tx.execute(REPLACE, args![self.tenant, device, kind, note, now]).await.map(drop)
    }

    /// Takes back every waiting order of a device.
    ///
    /// # Errors
    /// What the database says.
    pub async fn close_orders(&mut self, device: DeviceId, note: &str, now: Timestamp) -> Result<(), StoreError> {
        self.tx.execute(CLOSE, args![self.tenant, device, note, now]).await.map(drop)
    }

    /// One order.
    ///
    /// # Errors
    /// What the database says.
    pub async fn order(&mut self, device: DeviceId, id: OrderId) -> Result<Option<OrderRow>, StoreError> {
        self.tx.optional(GET, args![self.tenant, device, id]).await?.as_ref().map(order).transpose()
    }

    /// The newest orders of a device, newest first.
    ///
    /// # Errors
    /// What the database says.
    pub async fn orders_of_device(&mut self, device: DeviceId, limit: u32) -> Result<Vec<OrderRow>, StoreError> {
        self.tx.all(OF_DEVICE, args![self.tenant, device, i64::from(limit)]).await?.iter().map(order).collect()
    }

    /// The orders about one thing, oldest first.
    ///
    /// # Errors
    /// What the database says.
    pub async fn orders_about(&mut self, target: &str) -> Result<Vec<OrderRow>, StoreError> {
        self.tx.all(OF_TARGET, args![self.tenant, target]).await?.iter().map(order).collect()
    }
}

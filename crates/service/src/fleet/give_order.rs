//! Writes orders: signed, for one device, with an end.

use super::authority::{OrderKey, order_key};
use crate::error::Error;
use crate::house::House;
use baluardo_model::fleet::{Order, OrderKind};
use baluardo_model::{DeviceId, OrderId};
use baluardo_store::fleet::orders::NewOrder;
use baluardo_store::{TenantScope, Tx};
use baluardo_wire::order::SignedOrder;
use std::time::Duration;

/// How long an order about a quarantined file waits for its device.
pub(crate) const QUARANTINE_ORDER_LIFE: Duration = Duration::from_secs(7 * 86_400);

/// How long an order to put files back waits.
pub(crate) const RESTORE_ORDER_LIFE: Duration = Duration::from_secs(7 * 86_400);

/// How long an order to scan waits: a scan of last week's worry helps nobody.
pub(crate) const SCAN_ORDER_LIFE: Duration = Duration::from_secs(86_400);

/// How long a policy waits; a device that stays away longer gets a fresh order when it comes back.
pub(super) const POLICY_ORDER_LIFE: Duration = Duration::from_secs(30 * 86_400);

/// The key of orders, loaded once for all the orders of one act.
pub(crate) struct OrderSigner<'h> {
    house: &'h House,
    key: OrderKey,
}

impl<'h> OrderSigner<'h> {
    pub(crate) async fn load(house: &'h House, tx: &mut Tx) -> Result<Self, Error> {
        Ok(Self { house, key: order_key(house, tx).await? })
    }

    /// Writes one order about `target`. After the commit, [tell the device](super::Fleet::order_given).
    pub(crate) async fn give(
        &self,
        tx: &mut Tx,
        scope: TenantScope,
        device: DeviceId,
        order: OrderKind,
        target: String,
        life: Duration,
    ) -> Result<OrderId, Error> {
        let now = self.house.now();
        let kind = order.code();
        let id = OrderId::new(now, self.house.chance.as_ref());
        let order = Order { id, device, issued_at: now, expires_at: now.plus(life), order };
        let signed = SignedOrder::sign(&order, &self.key.pair).map_err(Error::internal)?;
        let row = NewOrder {
            id,
            device,
            kind,
            target,
            body: signed.body,
            signature: signed.signature,
            issued_at: order.issued_at,
            expires_at: order.expires_at,
        };
        tx.tenant(scope).insert_order(&row).await?;
        Ok(id)
    }
}

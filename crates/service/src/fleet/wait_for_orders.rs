//! Agents that wait: who is to be woken when an order waits.
//!
//! Each waiting agent costs one small shared cell and one entry of a table, less than 200 bytes. A wake is never lost:
//! it raises a counter, and whoever waits compares it with the last one seen.

use crate::fleet::refusal::Refusal;
use crate::house::House;
use crate::rights::device_scope;
use baluardo_model::DeviceId;
use baluardo_model::identity::Actor;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use tokio::sync::Notify;

#[derive(Debug, Default)]
struct Cell {
    notify: Notify,
    wakes: AtomicU32,
    revoked: AtomicBool,
}

impl Cell {
    fn ring(&self) {
        self.wakes.fetch_add(1, Ordering::SeqCst);
        self.notify.notify_waiters();
    }
}

type Table = HashMap<DeviceId, Weak<Cell>>;

/// Everybody who waits.
#[derive(Debug, Default)]
pub(crate) struct Wakes(Arc<Mutex<Table>>);

fn lock(table: &Mutex<Table>) -> MutexGuard<'_, Table> {
    table.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Wakes {
    fn join(&self, device: DeviceId) -> OrderWait {
        let mut table = lock(&self.0);
        let cell = table.get(&device).and_then(Weak::upgrade).unwrap_or_default();
        table.insert(device, Arc::downgrade(&cell));
        let seen = cell.wakes.load(Ordering::SeqCst);
        OrderWait { device, seen, table: self.0.clone(), cell }
    }

    /// Tells a device's agent to exchange now, if it waits.
    pub(crate) fn wake(&self, device: DeviceId) {
        if let Some(cell) = lock(&self.0).get(&device).and_then(Weak::upgrade) {
            cell.ring();
        }
    }

    /// Ends the wait of a device that is no longer trusted.
    pub(crate) fn revoke(&self, device: DeviceId) {
        if let Some(cell) = lock(&self.0).get(&device).and_then(Weak::upgrade) {
            cell.revoked.store(true, Ordering::SeqCst);
            cell.ring();
        }
    }
}

/// One agent's wait; dropped when its line closes.
#[derive(Debug)]
pub struct OrderWait {
    device: DeviceId,
    seen: u32,
    table: Arc<Mutex<Table>>,
    cell: Arc<Cell>,
}

impl OrderWait {
    /// Returns when the agent should exchange; at once when it should have since the last call. Dropping the future
    /// loses no wake.
    ///
    /// # Errors
    /// `device.revoked`: close the line.
    pub async fn woken(&mut self) -> Result<(), Refusal> {
        loop {
            let mut rung = std::pin::pin!(self.cell.notify.notified());
            // Listen first, then look: a wake between the two is heard.
            rung.as_mut().enable();
            if self.cell.revoked.load(Ordering::SeqCst) {
                return Err(Refusal::device_revoked());
            }
            let wakes = self.cell.wakes.load(Ordering::SeqCst);
            if wakes != self.seen {
                self.seen = wakes;
                return Ok(());
            }
            rung.await;
        }
    }
}

impl Drop for OrderWait {
    fn drop(&mut self) {
        let mut table = lock(&self.table);
        // The last one out takes the entry along.
        if Arc::strong_count(&self.cell) == 1 {
            table.remove(&self.device);
        }
    }
}

/// Begins to wait for orders; when some wait already, the first [`OrderWait::woken`] returns at once.
///
/// # Errors
/// `device.no_certificate` for everybody but devices; `device.unknown` and `device.revoked`.
#[crate::act]
pub async fn wait_for_orders(house: &House, actor: &Actor) -> Result<OrderWait, Refusal> {
    let Actor::Device { id, .. } = actor else { return Err(Refusal::no_certificate()) };
    let mut wait = house.fleet.wakes.join(*id);
    let mut tx = house.store.read().await?;
    let mut rows = tx.tenant(device_scope(actor)?);
    let device = rows.device(*id).await?.ok_or_else(Refusal::device_unknown)?;
    if !house.fleet.memory.learn(&device, None, house.now()).active {
        return Err(Refusal::device_revoked());
    }
    if !rows.waiting_orders(*id, house.now(), 1).await?.is_empty() {
        wait.seen = wait.seen.wrapping_sub(1);
    }
    Ok(wait)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn device() -> DeviceId {
        "00000000-0000-7000-8000-0000000000aa".parse().unwrap()
    }

    #[tokio::test]
    async fn a_wake_before_the_wait_is_heard_and_two_are_one() {
        let wakes = Wakes::default();
        let mut wait = wakes.join(device());
        wakes.wake(device());
        wakes.wake(device());
        assert_eq!(wait.woken().await, Ok(()));
        let again = tokio::time::timeout(std::time::Duration::from_millis(20), wait.woken()).await;
        assert!(again.is_err(), "nothing new happened");
    }

    #[tokio::test]
    async fn two_lines_of_one_device_are_both_woken_and_leave_nothing_behind() {
        let wakes = Wakes::default();
        let (mut old, mut new) = (wakes.join(device()), wakes.join(device()));
        wakes.wake(device());
        assert_eq!((old.woken().await, new.woken().await), (Ok(()), Ok(())));
        drop(old);
        wakes.revoke(device());
        assert_eq!(new.woken().await, Err(Refusal::device_revoked()));
        drop(new);
        assert!(lock(&wakes.0).is_empty());
    }

    #[test]
    fn a_waiting_agent_costs_less_than_200_bytes() {
        let entry = size_of::<(DeviceId, Weak<Cell>)>();
        // A hash table keeps at most 8 of 7 slots free after growing, and an Arc holds two counters.
        let cost = size_of::<OrderWait>() + size_of::<Cell>() + 16 + entry * 16 / 7;
        assert!(cost < 200, "{cost}");
    }
}

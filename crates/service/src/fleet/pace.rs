//! How often one device may call: whoever holds its key can send without end, and others must not wait for it.
//!
//! A device has [`BURST`] calls in hand and gets [`PER_SECOND`] more in each second. An agent that brings home a backlog of
//! days needs some hundreds; one with nothing to tell calls once a minute.

use baluardo_model::{DeviceId, Timestamp};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// The most calls in hand.
const BURST: u64 = 2_000;
/// Calls that each second adds.
const PER_SECOND: u64 = 100;
/// One call, in the unit in which time adds them.
const CALL: u64 = 1_000_000;

/// What each device has in hand: an entry for each device that called since the start.
#[derive(Debug, Default)]
pub(crate) struct Pace(Mutex<HashMap<DeviceId, Purse>>);

#[derive(Debug)]
struct Purse {
    left: u64,
    at: Timestamp,
}

impl Pace {
    /// Takes a call out of the device's hand; false when there is none.
    pub(crate) fn take(&self, device: DeviceId, now: Timestamp) -> bool {
        let mut purses = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let purse = purses.entry(device).or_insert(Purse { left: BURST * CALL, at: now });
        let micros = u64::try_from(now.since(purse.at).as_micros()).unwrap_or(u64::MAX);
        // A clock that went back adds nothing, and time goes on from there.
        purse.at = now;
        purse.left = purse.left.saturating_add(micros.saturating_mul(PER_SECOND)).min(BURST * CALL);
        match purse.left.checked_sub(CALL) {
            Some(left) => {
                purse.left = left;
                true
            }
            None => false,
        }
    }
}

//! Devices that spoke since the start: what an exchange without news needs to know, so that it writes nothing.

use baluardo_model::fleet::{Device, DeviceState};
use baluardo_model::{DeviceId, TenantId, Timestamp};
use baluardo_store::fleet::devices::Spoken;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How long a device is believed without reading its row.
const RECHECK: Duration = Duration::from_secs(60);

/// What is known of one device.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Known {
    pub(crate) tenant: TenantId,
    pub(crate) active: bool,
    pub(crate) acked: u64,
    /// Hash of what it last said of itself; only compared, so 64 bits do.
    pub(crate) said: u64,
    pub(crate) last_seen: Timestamp,
    /// Events that wait on its disk.
    pub(crate) backlog: u64,
    /// How far its clock is ahead of ours, in microseconds; none until it spoke.
    pub(crate) clock_ahead: Option<i64>,
    /// When it last said that events are gone for good.
    passed_over_at: Option<Timestamp>,
    /// When it last got a fresh certificate.
    renewed_at: Option<Timestamp>,
    /// From when the newest certificate is valid that it used; none until that was read.
    pub(crate) certificate_since: Option<Timestamp>,
    /// How many orders it was given since the start.
    given: u32,
    /// When the database was last asked for its orders and had none; none since it was given one.
    no_orders_at: Option<Timestamp>,
    /// When its row was last read.
    checked_at: Timestamp,
    /// Whether `last_seen` is newer than in the database.
    dirty: bool,
}

impl Known {
    fn of(device: &Device, now: Timestamp) -> Self {
        let spoken = Spoken {
            agent_version: device.agent_version.clone(),
            coverage: device.coverage,
            coverage_note: device.coverage_note.clone(),
            policy_version: device.policy_version,
        };
        Self {
            tenant: device.tenant,
            active: device.state == DeviceState::Active,
            acked: device.acked_seq,
            said: said_hash(&spoken),
            last_seen: device.last_seen,
            backlog: 0,
            clock_ahead: None,
            passed_over_at: None,
            renewed_at: None,
            certificate_since: None,
            given: 0,
            no_orders_at: None,
            checked_at: now,
            dirty: false,
        }
    }
}

/// The hash by which two sayings are compared.
pub(crate) fn said_hash(spoken: &Spoken) -> u64 {
    let mut hasher = DefaultHasher::new();
    spoken.hash(&mut hasher);
    hasher.finish()
}

/// One exchange's trace in memory.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Trace {
    pub(crate) at: Timestamp,
    pub(crate) backlog: u64,
    pub(crate) clock_ahead: i64,
}

#[derive(Debug, Default)]
pub(crate) struct Memory {
    devices: Mutex<HashMap<DeviceId, Known>>,
    policies: Mutex<HashMap<TenantId, u64>>,
}

impl Memory {
    fn devices(&self) -> MutexGuard<'_, HashMap<DeviceId, Known>> {
        self.devices.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn policies(&self) -> MutexGuard<'_, HashMap<TenantId, u64>> {
        self.policies.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn get(&self, id: DeviceId) -> Option<Known> {
        self.devices().get(&id).copied()
    }

    /// A device whose row was read within the last minute: another process, such as the command line on the server,
    /// may have revoked it meanwhile.
    pub(crate) fn get_fresh(&self, id: DeviceId, now: Timestamp) -> Option<Known> {
        self.get(id).filter(|known| now.since(known.checked_at).max(known.checked_at.since(now)) <= RECHECK)
    }

    /// Remembers a device as the database has it; of one that is remembered already only whether it is trusted, which
    /// never comes back, and its acknowledged number, unless that moved since `before`, when the row was about to be
    /// read: a database that was put back to an older state is noticed so.
    pub(crate) fn learn(&self, device: &Device, before: Option<Known>, now: Timestamp) -> Known {
        let mut devices = self.devices();
        let known = devices.entry(device.id).or_insert_with(|| Known::of(device, now));
        if before.is_some_and(|before| before.acked == known.acked) {
            known.acked = device.acked_seq;
        }
        known.active &= device.state == DeviceState::Active;
        known.checked_at = now;
        *known
    }

    /// Notes that a device spoke; hands back when it had spoken before.
    pub(crate) fn spoke(&self, id: DeviceId, trace: Trace) -> Option<Timestamp> {
        let mut devices = self.devices();
        let known = devices.get_mut(&id)?;
        let before = std::mem::replace(&mut known.last_seen, trace.at);
        known.backlog = trace.backlog;
        known.clock_ahead = Some(trace.clock_ahead);
        known.dirty = true;
        Some(before)
    }

    /// Notes what the database now has of a device.
    pub(crate) fn kept(&self, id: DeviceId, acked: u64, said: u64) {
        if let Some(known) = self.devices().get_mut(&id) {
            known.acked = acked;
            known.said = said;
        }
    }

    /// Notes the acknowledged number that the database was seen to have.
    pub(crate) fn stands_at(&self, id: DeviceId, acked: u64) {
        if let Some(known) = self.devices().get_mut(&id) {
            known.acked = acked;
        }
    }

    /// Whether a device may say now that events are gone: each time costs a finding and a line of the log. A clock that
    /// went back ends the wait.
    pub(crate) fn may_pass_over(&self, id: DeviceId, now: Timestamp) -> bool {
        let last = self.get(id).and_then(|known| known.passed_over_at);
        last.is_none_or(|at| now < at || now.since(at) >= RECHECK)
    }

    /// Notes that a device said so, and that it is written down.
    pub(crate) fn passed_over(&self, id: DeviceId, now: Timestamp) {
        if let Some(known) = self.devices().get_mut(&id) {
            known.passed_over_at = Some(now);
        }
    }

    /// Notes from when the newest certificate is valid that a device used; it never goes back.
    pub(crate) fn uses_certificate(&self, id: DeviceId, since: Timestamp) {
        if let Some(known) = self.devices().get_mut(&id) {
            known.certificate_since = known.certificate_since.max(Some(since));
        }
    }

    /// Whether a device may have a fresh certificate now; saying yes starts the wait for the next. A clock that went back
    /// ends the wait.
    pub(crate) fn may_renew(&self, id: DeviceId, now: Timestamp) -> bool {
        let mut devices = self.devices();
        let Some(known) = devices.get_mut(&id) else { return false };
        let waits = known.renewed_at.is_some_and(|at| at <= now && now.since(at) < RECHECK);
        if !waits {
            known.renewed_at = Some(now);
        }
        !waits
    }

    /// Nothing when surely no order waits for a device: the database said so within the last minute, and none was given
    /// here since. Otherwise how many were given until now, for [`Self::no_orders`].
    pub(crate) fn orders_may_wait(&self, id: DeviceId, now: Timestamp) -> Option<u32> {
        let Some(known) = self.get(id) else { return Some(0) };
        let sure = known.no_orders_at.is_some_and(|at| now.since(at).max(at.since(now)) <= RECHECK);
        (!sure).then_some(known.given)
    }

    /// Notes that the database, asked after `given` orders, had none that waits.
    pub(crate) fn no_orders(&self, id: DeviceId, given: u32, now: Timestamp) {
        if let Some(known) = self.devices().get_mut(&id).filter(|known| known.given == given) {
            known.no_orders_at = Some(now);
        }
    }

    /// Notes that an order was given; called after the commit and before the device is woken.
    pub(crate) fn order_given(&self, id: DeviceId) {
        if let Some(known) = self.devices().get_mut(&id) {
            known.given = known.given.wrapping_add(1);
            known.no_orders_at = None;
        }
    }

    /// Stops trusting a device at once. It is remembered so even when it had not spoken yet, because a call that read
    /// its row before may be about to learn it.
    pub(crate) fn revoked(&self, device: &Device, now: Timestamp) {
        self.devices().entry(device.id).or_insert_with(|| Known::of(device, now)).active = false;
    }

    /// Takes the devices whose last word is not written down yet.
    pub(crate) fn take_dirty(&self) -> Vec<(DeviceId, Known)> {
        let mut devices = self.devices();
        let take = |(id, known): (&DeviceId, &mut Known)| std::mem::take(&mut known.dirty).then_some((*id, *known));
        devices.iter_mut().filter_map(take).collect()
    }

    /// Puts back what could not be written down.
    pub(crate) fn put_back(&self, taken: &[(DeviceId, Known)]) {
        let mut devices = self.devices();
        for (id, _) in taken {
            if let Some(known) = devices.get_mut(id) {
                known.dirty = true;
            }
        }
    }

    /// The policy version of a tenant, if it was asked before.
    pub(crate) fn policy(&self, tenant: TenantId) -> Option<u64> {
        self.policies().get(&tenant).copied()
    }

    /// Remembers the policy version of a tenant; an older one never takes the place of a newer one.
    pub(crate) fn set_policy(&self, tenant: TenantId, version: u64) {
        let mut policies = self.policies();
        let known = policies.entry(tenant).or_default();
        *known = version.max(*known);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use baluardo_model::fleet::Coverage;

    fn known() -> (Memory, DeviceId) {
        let id: DeviceId = "00000000-0000-7000-8000-0000000000aa".parse().unwrap();
        let device = Device {
            id,
            tenant: "00000000-0000-7000-8000-0000000000bb".parse().unwrap(),
            hostname: "pc".to_owned(),
            os: String::new(),
            agent_version: String::new(),
            state: DeviceState::Active,
            coverage: Coverage::Blocking,
            coverage_note: String::new(),
            enrolled_at: at(0),
            last_seen: at(0),
            acked_seq: 0,
            policy_version: 0,
            isolated_until: None,
        };
        let memory = Memory::default();
        memory.learn(&device, None, at(0));
        (memory, id)
    }

    fn at(secs: i64) -> Timestamp {
        Timestamp::from_micros(secs * 1_000_000)
    }

    #[test]
    fn that_no_order_waits_is_believed_for_a_minute() {
        let (memory, id) = known();
        assert_eq!(memory.orders_may_wait(id, at(0)), Some(0));
        memory.no_orders(id, 0, at(0));
        assert_eq!(memory.orders_may_wait(id, at(60)), None);
        assert_eq!(memory.orders_may_wait(id, at(61)), Some(0));
        assert_eq!(memory.orders_may_wait(id, at(-61)), Some(0), "the clock went back");
    }

    #[test]
    fn an_order_that_is_given_while_the_database_is_asked_is_looked_for() {
        let (memory, id) = known();
        let given = memory.orders_may_wait(id, at(0)).unwrap();
        memory.order_given(id);
        memory.no_orders(id, given, at(0));
        assert_eq!(memory.orders_may_wait(id, at(0)), Some(1));
    }

    #[test]
    fn nothing_is_believed_of_a_device_that_is_not_known() {
        let stranger: DeviceId = "00000000-0000-7000-8000-0000000000cc".parse().unwrap();
        assert_eq!(known().0.orders_may_wait(stranger, at(0)), Some(0));
    }
}

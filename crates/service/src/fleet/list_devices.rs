//! The devices of a tenant, with how each is protected.

use crate::error::Error;
use crate::house::House;
use crate::rights::{Act, tenant_scope};
use baluardo_model::fleet::{Coverage, Device, DeviceState};
use baluardo_model::identity::Actor;
use baluardo_model::{TenantId, Timestamp};
use baluardo_store::{TenantScope, Tx};
use serde::Serialize;
use std::collections::HashMap;
use std::time::Duration;

/// A device that has said nothing for so long is silent.
pub const SILENCE: Duration = Duration::from_secs(15 * 60);

/// How a device stands, worst news last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DeviceProtection {
    /// It speaks, and its agent watches.
    Protected,
    /// It speaks, but its agent watches nothing.
    NotCovered,
    /// It has not spoken for a while.
    Silent,
    /// It is no longer trusted.
    Revoked,
}

impl DeviceProtection {
    /// The stable word.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Protected => "protected",
            Self::NotCovered => "not_covered",
            Self::Silent => "silent",
            Self::Revoked => "revoked",
        }
    }

    /// The state of a stable word.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Protected, Self::NotCovered, Self::Silent, Self::Revoked].into_iter().find(|it| it.code() == code)
    }

    fn of(device: &Device, now: Timestamp) -> Self {
        // A last word far in the future was noted by a clock that has been put back since.
        let quiet = now.since(device.last_seen).max(device.last_seen.since(now));
        match (device.state, device.coverage) {
            (DeviceState::Revoked, _) => Self::Revoked,
            (DeviceState::Active, _) if quiet > SILENCE => Self::Silent,
            (DeviceState::Active, Coverage::None) => Self::NotCovered,
            (DeviceState::Active, Coverage::Blocking | Coverage::Detecting) => Self::Protected,
        }
    }
}

/// A device as people see it. Name, system and version are foreign texts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DeviceRow {
    /// The device; when it last spoke is as fresh as memory.
    #[serde(flatten)]
    pub device: Device,
    /// How it stands.
    pub protection: DeviceProtection,
    /// Findings that nobody has handled yet.
    pub open_findings: u64,
    /// Events that wait on its disk; 0 when not known.
    pub backlog: u64,
    /// How far its clock is ahead of the server's in seconds, behind when negative; none until it speaks again.
    pub clock_ahead_secs: Option<i64>,
}

/// What part of the devices to read.
#[derive(Clone, Debug, Default)]
pub struct DeviceFilter {
    /// Only devices whose name, system or id holds this; empty for all.
    pub text: String,
    /// Only devices that stand so; none for all but the revoked.
    pub protection: Option<DeviceProtection>,
}

/// Devices of `tenant` by name.
///
/// # Errors
/// As [`tenant_scope`].
#[crate::act]
pub async fn list_devices(
    house: &House,
    actor: &Actor,
    tenant: TenantId,
    filter: &DeviceFilter,
) -> Result<Vec<DeviceRow>, Error> {
    let mut tx = house.store.read().await?;
    let scope = tenant_scope(&mut tx, actor, Act::SeeDevices, tenant).await?;
    let mut rows = protection_rows(house, &mut tx, scope, &filter.text).await?;
    rows.retain(|row| match filter.protection {
        Some(wanted) => row.protection == wanted,
        None => row.protection != DeviceProtection::Revoked,
    });
    Ok(rows)
}

/// Every device that holds `text`, the revoked included, within a transaction.
pub(crate) async fn protection_rows(
    house: &House,
    tx: &mut Tx,
    scope: TenantScope,
    text: &str,
) -> Result<Vec<DeviceRow>, Error> {
    let devices = tx.tenant(scope).devices(text).await?;
    let open: HashMap<_, _> = tx.tenant(scope).open_findings_of_devices().await?.into_iter().collect();
    let rows = devices.into_iter().map(|device| {
        let findings = open.get(&device.id).copied().unwrap_or(0);
        device_row(house, device, findings)
    });
    Ok(rows.collect())
}

/// A device's row with what memory knows of it.
pub(super) fn device_row(house: &House, mut device: Device, open_findings: u64) -> DeviceRow {
    let known = house.fleet.memory.get(device.id);
    if let Some(known) = known {
        device.last_seen = known.last_seen;
    }
    DeviceRow {
        protection: DeviceProtection::of(&device, house.now()),
        device,
        open_findings,
        backlog: known.map_or(0, |known| known.backlog),
        clock_ahead_secs: known.and_then(|known| known.clock_ahead).map(|micros| micros / 1_000_000),
    }
}

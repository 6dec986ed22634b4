//! Looks for something on devices: checked here first, written down with its reason, and given as an order to each.

use super::actor_name;
use super::give_order::OrderSigner;
use super::path_rules::check_folders;
use crate::audit::record;
use crate::error::Error;
use crate::house::House;
use crate::identity::list_tenants;
use crate::live::Topic;
use crate::rights::{Act, tenant_scope};
use baluardo_detect::scan::HuntRules;
use baluardo_model::fleet::{DeviceState, OrderKind};
use baluardo_model::hunt::{Hunt, MAX_DAYS, Quarry};
use baluardo_model::identity::{Actor, Management};
use baluardo_model::{DeviceId, HuntId, TenantId};
use baluardo_store::fleet::hunts::HuntRow;
use serde::Deserialize;
use std::time::Duration;

/// The most folders of one hunt.
const MAX_FOLDERS: usize = 16;
/// The most bytes of a reason, and of a pattern.
const MAX_WORDS: usize = 500;

/// What a person wants to be looked for.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewHunt {
    /// What.
    pub quarry: Quarry,
    /// For files: where; empty for all local disks.
    #[serde(default)]
    pub folders: Vec<String>,
    /// On which devices; empty for every active device.
    #[serde(default)]
    pub devices: Vec<DeviceId>,
    /// Why. It stands in the log of the comune.
    pub reason: String,
    /// For how many days devices that are away may still take it up.
    #[serde(default = "a_week")]
    pub days: u64,
}

const fn a_week() -> u64 {
    7
}

/// Starts a hunt on devices of `tenant`.
///
/// # Errors
/// [`Error::Invalid`] with the field and the code of what is wrong; [`Error::NotFound`] when a device is none of the
/// tenant's; [`Error::Conflict`] `hunt.no_devices`; as [`tenant_scope`].
#[crate::act]
pub async fn start_hunt(house: &House, actor: &Actor, tenant: TenantId, new: &NewHunt) -> Result<HuntId, Error> {
    start(house, actor, tenant, new, None).await
}

async fn start(
    house: &House,
    actor: &Actor,
    tenant: TenantId,
    new: &NewHunt,
    round: Option<HuntId>,
) -> Result<HuntId, Error> {
    let mut tx = house.store.write().await?;
    let scope = tenant_scope(&mut tx, actor, Act::Hunt, tenant).await?;
    let (quarry, folders) = check(new)?;
    let active: Vec<DeviceId> = tx
        .tenant(scope)
        .devices("")
        .await?
        .into_iter()
        .filter(|device| device.state == DeviceState::Active)
        .map(|device| device.id)
        .collect();
    let devices = if new.devices.is_empty() { active } else { chosen(&new.devices, &active)? };
    if devices.is_empty() {
        return Err(Error::conflict("hunt.no_devices", "there is no active device to look on"));
    }
    let (now, life) = (house.now(), Duration::from_secs(new.days * 86_400));
    let id = HuntId::new(now, house.chance.as_ref());
    let hunt = Hunt { id, quarry, folders, until: now.plus(life) };
    let row = HuntRow {
        id,
        quarry: hunt.quarry.clone(),
        folders: hunt.folders.clone(),
        reason: new.reason.trim().to_owned(),
        asked_by: actor_name(actor),
        asked_at: now,
        until: hunt.until,
        stopped_at: None,
    };
    tx.tenant(scope).insert_hunt(&row, &devices, round).await?;
    let signer = OrderSigner::load(house, &mut tx).await?;
    for device in &devices {
        let order = OrderKind::Hunt { hunt: Box::new(hunt.clone()) };
        signer.give(&mut tx, scope, *device, order, id.to_string(), life).await?;
    }
    let (code, words) = (row.quarry.code(), row.quarry.words());
    let place = if row.folders.is_empty() { String::new() } else { format!(" in {}", row.folders.join(" ")) };
    let detail = format!("{code} {words}{place}; {} devices; reason: {}", devices.len(), row.reason);
    record(house, &mut tx, scope, actor, "hunt.started", format!("hunt {id}"), &detail).await?;
    tx.commit().await?;
    for device in devices {
        house.fleet.order_given(device);
        house.live.tell(tenant, Topic::Device, device);
    }
    Ok(id)
}

/// Hunts that were started together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StartedRound {
    /// By which they are found together.
    pub round: HuntId,
    /// In which comuni, and the hunt of each.
    pub started: Vec<(TenantId, HuntId)>,
}

/// Starts the same hunt in every member comune that leaves its management to the consortium and has a device; each has a hunt
/// of its own, in its own log.
///
/// # Errors
/// As [`start_hunt`] and [`list_tenants`]. What was started before an error stays.
#[crate::act]
pub async fn start_member_hunts(house: &House, actor: &Actor, new: &NewHunt) -> Result<StartedRound, Error> {
    check(new)?;
    let round = HuntId::new(house.now(), house.chance.as_ref());
    let everywhere = NewHunt { devices: Vec::new(), ..new.clone() };
    let mut started = Vec::new();
    for member in list_tenants(house, actor).await? {
        if member.management != Management::Central {
            continue;
        }
        match start(house, actor, member.id, &everywhere, Some(round)).await {
            Ok(hunt) => started.push((member.id, hunt)),
            // A comune without devices, or one that took its management back just now.
            Err(Error::Conflict { code: "hunt.no_devices", .. } | Error::Forbidden) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(StartedRound { round, started })
}

fn chosen(wanted: &[DeviceId], active: &[DeviceId]) -> Result<Vec<DeviceId>, Error> {
    let mut devices = wanted.to_vec();
    devices.sort_unstable();
    devices.dedup();
    if devices.iter().all(|device| active.contains(device)) { Ok(devices) } else { Err(Error::NotFound) }
}

/// What is looked for and where, if a person may ask for it so.
fn check(new: &NewHunt) -> Result<(Quarry, Vec<String>), Error> {
    words("reason", &new.reason)?;
    if !(1..=MAX_DAYS).contains(&new.days) {
        return Err(Error::invalid("days", "hunt.days", format!("give a number of days from 1 to {MAX_DAYS}")));
    }
    let folders = check_folders("folders", &new.folders, MAX_FOLDERS)?;
    let quarry = match &new.quarry {
        Quarry::FileHash { sha256 } => {
            let sha256 = sha256.trim().to_ascii_lowercase();
            if sha256.len() != 64 || !sha256.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                return Err(Error::invalid("sha256", "policy.sha256_bad", "a SHA-256 has 64 hexadecimal digits"));
            }
            Quarry::FileHash { sha256 }
        }
        Quarry::FileName { pattern } => Quarry::FileName { pattern: words("pattern", pattern)? },
        Quarry::FileRule { rule } => {
            HuntRules::compile(rule).map_err(|why| Error::invalid("rule", "hunt.rule_bad", why))?;
            Quarry::FileRule { rule: rule.clone() }
        }
        Quarry::Process { pattern } => Quarry::Process { pattern: words("pattern", pattern)? },
        Quarry::Account { pattern } => Quarry::Account { pattern: words("pattern", pattern)? },
        Quarry::Connection { address: None, port: None } => {
            return Err(Error::invalid("address", "hunt.no_end", "give an address, a port, or both"));
        }
        Quarry::Connection { address, port } => Quarry::Connection { address: *address, port: *port },
        Quarry::Package { name, from, before } => {
            let version = |field, version: &Option<String>| version.as_ref().map(|it| words(field, it)).transpose();
            let (from, before) = (version("from", from)?, version("before", before)?);
            Quarry::Package { name: words("name", name)?, from, before }
        }
    };
    Ok((quarry, folders))
}

/// A short text on one line.
fn words(field: &'static str, text: &str) -> Result<String, Error> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Error::invalid(field, "required", "write something here"));
    }
    if text.len() > MAX_WORDS {
        return Err(Error::invalid(field, "too_long", format!("at most {MAX_WORDS} bytes are taken")));
    }
    if text.chars().any(char::is_control) {
        return Err(Error::invalid(field, "control_chars", "write it on one line, without control characters"));
    }
    Ok(text.to_owned())
}

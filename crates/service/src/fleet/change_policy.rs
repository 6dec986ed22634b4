//! Changes what the agents of a tenant watch, and tells each of them.

use super::give_order::{OrderSigner, POLICY_ORDER_LIFE};
use super::path_rules::check_folders;
use super::start_policy;
use crate::audit::record;
use crate::error::Error;
use crate::house::House;
use crate::live::Topic;
use crate::rights::{Act, tenant_scope};
use baluardo_model::TenantId;
use baluardo_model::fleet::{DeviceState, MAX_ISOLATION_HOURS, MAX_SUPERSEDED_HOURS, OrderKind, Policy};
use baluardo_model::identity::Actor;
use baluardo_model::intrusion::IntrusionPolicy;
use baluardo_model::{DeviceId, OrderId};
use baluardo_store::{TenantScope, Tx};
use serde::{Deserialize, Serialize};

/// The most folders of each kind.
const MAX_FOLDERS: usize = 64;

/// The most indicators of one policy; it travels whole in one order.
pub(crate) const MAX_INDICATORS: usize = 2_000;

/// A policy as a person writes it: everything but the version, which counts by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyChange {
    /// The version that the change was made from; another one by now is a conflict. None overwrites.
    #[serde(default)]
    pub based_on: Option<u64>,
    /// Folders where files are scanned; absolute paths.
    pub scan_folders: Vec<String>,
    /// Folders whose documents are guarded; absolute paths.
    pub guard_folders: Vec<String>,
    /// Bytes of disk for the vault, 16 MiB to 1 TiB.
    pub vault_bytes: u64,
    /// Largest file that is scanned or kept, 64 KiB to 4 GiB.
    pub max_file_bytes: u64,
    /// Longest time that a verdict may hold a file back, 50 to 10,000 milliseconds.
    pub verdict_ms: u64,
    /// Whether what is found is stopped or only told.
    pub respond: bool,
    /// SHA-256 indicators.
    #[serde(default)]
    pub bad_sha256: Vec<String>,
    /// SHA-256 of files of which nothing is said; none leaves them as they are.
    #[serde(default)]
    pub good_sha256: Option<Vec<String>>,
    /// Whether files that only a model finds suspicious are taken into quarantine.
    #[serde(default)]
    pub hold_suspicious: bool,
    /// For how many hours a device cuts itself off once it stopped an attack, 0 to 168; 0 for not at all.
    #[serde(default)]
    pub isolate_hours: u64,
    /// For how many hours the vault keeps versions after newer ones replaced them, 1 to 2160; none leaves it as it is.
    #[serde(default)]
    pub superseded_hours: Option<u64>,
    /// Whether a device gathers evidence by itself after an attack; none leaves it as it is.
    #[serde(default)]
    pub collect_evidence: Option<bool>,
    /// What of log-ins and program starts is watched; none leaves it as it is.
    #[serde(default)]
    pub intrusion: Option<IntrusionPolicy>,
}

impl From<&Policy> for PolicyChange {
    fn from(policy: &Policy) -> Self {
        Self {
            based_on: Some(policy.version),
            scan_folders: policy.scan_folders.clone(),
            guard_folders: policy.guard_folders.clone(),
            vault_bytes: policy.vault_bytes,
            max_file_bytes: policy.max_file_bytes,
            verdict_ms: policy.verdict_ms,
            respond: policy.respond,
            bad_sha256: policy.bad_sha256.clone(),
            good_sha256: Some(policy.good_sha256.clone()),
            hold_suspicious: policy.hold_suspicious,
            isolate_hours: policy.isolate_hours,
            superseded_hours: Some(policy.superseded_hours),
            collect_evidence: Some(policy.collect_evidence),
            intrusion: Some(policy.intrusion),
        }
    }
}

/// Keeps a new version of the tenant's policy and orders every active device to follow it. A change that changes
/// nothing makes no version.
///
/// # Errors
/// [`Error::Invalid`] with the codes of the folders' rules (`policy.path_relative`, `policy.path_root`,
/// `policy.path_kernel`, `policy.path_bad`, `policy.too_many`), `policy.out_of_range` and `policy.sha256_bad`;
/// [`Error::Conflict`] `policy.changed` when somebody else changed it meanwhile; as [`tenant_scope`].
#[crate::act]
pub async fn change_policy(
    house: &House,
    actor: &Actor,
    tenant: TenantId,
    change: &PolicyChange,
) -> Result<Policy, Error> {
    let mut policy = checked(change)?;
    let mut tx = house.store.write().await?;
    let scope = tenant_scope(&mut tx, actor, Act::ChangePolicy, tenant).await?;
    let before = start_policy(house, &mut tx, scope).await?;
    if change.based_on.is_some_and(|version| version != before.version) {
        return Err(changed_meanwhile());
    }
    policy.intrusion = change.intrusion.unwrap_or(before.intrusion);
    policy.superseded_hours = change.superseded_hours.unwrap_or(before.superseded_hours);
    policy.collect_evidence = change.collect_evidence.unwrap_or(before.collect_evidence);
    policy.packs.clone_from(&before.packs);
    if change.good_sha256.is_none() {
        policy.good_sha256.clone_from(&before.good_sha256);
    }
    let Some(replaced) = replace_policy(house, &mut tx, scope, actor, &before, policy).await? else {
        return Ok(before);
    };
    tx.commit().await?;
    replaced.announce(house, tenant);
    Ok(replaced.policy)
}

/// A policy that took another one's place, and whom that concerns.
pub(crate) struct Replaced {
    pub(crate) policy: Policy,
    devices: Vec<DeviceId>,
}

impl Replaced {
    /// To be called when the transaction is committed.
    pub(crate) fn announce(&self, house: &House, tenant: TenantId) {
        house.fleet.memory.set_policy(tenant, self.policy.version);
        for device in &self.devices {
            house.fleet.order_given(*device);
        }
        house.live.tell(tenant, Topic::Device, "policy");
    }
}

/// Keeps `policy` as the version after `before` and orders every active device to follow it; none where nothing changes.
pub(crate) async fn replace_policy(
    house: &House,
    tx: &mut Tx,
    scope: TenantScope,
    actor: &Actor,
    before: &Policy,
    mut policy: Policy,
) -> Result<Option<Replaced>, Error> {
    policy.version = before.version;
    if policy == *before {
        return Ok(None);
    }
    policy.version = before.version.saturating_add(1);
    if !tx.tenant(scope).insert_policy(&policy, house.now()).await? {
        return Err(changed_meanwhile());
    }
    let devices = tell_devices(house, tx, scope, &policy).await?;
    let detail = difference(before, &policy);
    record(house, tx, scope, actor, "policy.changed", format!("policy {}", policy.version), &detail).await?;
    Ok(Some(Replaced { policy, devices }))
}

fn changed_meanwhile() -> Error {
    Error::conflict("policy.changed", "somebody else changed the policy meanwhile: look at it again")
}

/// The policy that a change asks for, with version 0.
fn checked(change: &PolicyChange) -> Result<Policy, Error> {
    let range = |field, value: u64, least: u64, most: u64| {
        if (least..=most).contains(&value) {
            Ok(value)
        } else {
            Err(Error::invalid(field, "policy.out_of_range", format!("give a number from {least} to {most}")))
        }
    };
    Ok(Policy {
        version: 0,
        scan_folders: check_folders("scan_folders", &change.scan_folders, MAX_FOLDERS)?,
        guard_folders: check_folders("guard_folders", &change.guard_folders, MAX_FOLDERS)?,
        vault_bytes: range("vault_bytes", change.vault_bytes, 16 << 20, 1 << 40)?,
        max_file_bytes: range("max_file_bytes", change.max_file_bytes, 64 << 10, 4 << 30)?,
        verdict_ms: range("verdict_ms", change.verdict_ms, 50, 10_000)?,
        respond: change.respond,
        bad_sha256: check_digests("bad_sha256", &change.bad_sha256)?,
        good_sha256: check_digests("good_sha256", change.good_sha256.as_deref().unwrap_or_default())?,
        hold_suspicious: change.hold_suspicious,
        isolate_hours: range("isolate_hours", change.isolate_hours, 0, MAX_ISOLATION_HOURS)?,
        superseded_hours: range("superseded_hours", change.superseded_hours.unwrap_or(1), 1, MAX_SUPERSEDED_HOURS)?,
        collect_evidence: change.collect_evidence.unwrap_or(false),
        intrusion: check_hours(change.intrusion.unwrap_or_default())?,
        packs: Vec::new(),
    })
}

/// Hours of the day are 0 to 23.
fn check_hours(given: IntrusionPolicy) -> Result<IntrusionPolicy, Error> {
    for (field, hour) in [("odd_from", given.odd_from), ("odd_until", given.odd_until)] {
        if hour > 23 {
            return Err(Error::invalid(field, "policy.out_of_range", "give a number from 0 to 23"));
        }
    }
    Ok(given)
}

fn check_digests(field: &'static str, given: &[String]) -> Result<Vec<String>, Error> {
    let mut tidy = Vec::new();
    for text in given.iter().map(|text| text.trim().to_ascii_lowercase()).filter(|text| !text.is_empty()) {
        if text.len() != 64 || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
            let message = format!("{text:?} is no SHA-256: 64 hexadecimal digits, one indicator a line");
            return Err(Error::invalid(field, "policy.sha256_bad", message));
        }
        tidy.push(text);
    }
    tidy.sort_unstable();
    tidy.dedup();
    if tidy.len() > MAX_INDICATORS {
        let message = format!("{} indicators are given, {MAX_INDICATORS} is the most", tidy.len());
        return Err(Error::invalid(field, "policy.too_many", message));
    }
    Ok(tidy)
}

/// Orders every active device to follow `policy`; an older policy that still waits is taken back.
async fn tell_devices(house: &House, tx: &mut Tx, scope: TenantScope, policy: &Policy) -> Result<Vec<DeviceId>, Error> {
    let devices = tx.tenant(scope).devices("").await?;
    let active: Vec<DeviceId> =
        devices.iter().filter(|device| device.state == DeviceState::Active).map(|device| device.id).collect();
    if active.is_empty() {
        return Ok(active);
    }
    let signer = OrderSigner::load(house, tx).await?;
    for device in &active {
        give_policy(&signer, house, tx, scope, *device, policy).await?;
    }
    Ok(active)
}

/// Orders one device to follow `policy`.
pub(super) async fn give_policy(
    signer: &OrderSigner<'_>,
    house: &House,
    tx: &mut Tx,
    scope: TenantScope,
    device: DeviceId,
    policy: &Policy,
) -> Result<OrderId, Error> {
    let order = OrderKind::ApplyPolicy { policy: Box::new(policy.clone()) };
    let note = format!("replaced by policy {}", policy.version);
    tx.tenant(scope).replace_orders(device, order.code(), &note, house.now()).await?;
    signer.give(tx, scope, device, order, policy.version.to_string(), POLICY_ORDER_LIFE).await
}

fn watched(policy: IntrusionPolicy) -> String {
    let IntrusionPolicy { watch, odd_from, odd_until, odd_sundays } = policy;
    let sundays = if odd_sundays { " and Sundays" } else { "" };
    format!("{}, odd hours {odd_from} to {odd_until}{sundays}", if watch { "on" } else { "off" })
}

/// What changed, for the log.
fn difference(before: &Policy, after: &Policy) -> String {
    let mut parts = Vec::new();
    let mut part = |what: &str, old: String, new: String| {
        if old != new {
            parts.push(format!("{what}: {old} -> {new}"));
        }
    };
    part("scan_folders", before.scan_folders.join(" "), after.scan_folders.join(" "));
    part("guard_folders", before.guard_folders.join(" "), after.guard_folders.join(" "));
    part("vault_bytes", before.vault_bytes.to_string(), after.vault_bytes.to_string());
    part("max_file_bytes", before.max_file_bytes.to_string(), after.max_file_bytes.to_string());
    part("verdict_ms", before.verdict_ms.to_string(), after.verdict_ms.to_string());
    part("respond", before.respond.to_string(), after.respond.to_string());
    part("isolate_hours", before.isolate_hours.to_string(), after.isolate_hours.to_string());
    let names = |policy: &Policy| policy.packs.iter().map(|pack| pack.name.as_str()).collect::<Vec<_>>().join(", ");
    part("packs", names(before), names(after));
    part("superseded_hours", before.superseded_hours.to_string(), after.superseded_hours.to_string());
    part("collect_evidence", before.collect_evidence.to_string(), after.collect_evidence.to_string());
    part("intrusion", watched(before.intrusion), watched(after.intrusion));
    part("hold_suspicious", before.hold_suspicious.to_string(), after.hold_suspicious.to_string());
    let mut list = |what: &str, old: &[String], new: &[String]| {
        if old != new {
            part(what, format!("{} of them", old.len()), format!("{} now", new.len()));
        }
    };
    list("bad_sha256", &before.bad_sha256, &after.bad_sha256);
    list("good_sha256", &before.good_sha256, &after.good_sha256);
    parts.join("; ")
}

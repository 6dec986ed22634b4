//! Who calls: the device that a verified certificate names, if it is still trusted.

use super::authority::{DeviceLeaf, read_device_certificate};
use super::memory::Known;
use super::refusal::Refusal;
use crate::audit::record;
use crate::house::House;
use crate::rights::device_scope;
use baluardo_model::Timestamp;
use baluardo_model::identity::Actor;

/// The device of a leaf certificate (DER) whose chain TLS has verified against the root.
///
/// Known devices are remembered for a minute, and refused at once when they are revoked here; only the first call in
/// each minute reads the database. The first call with a renewed certificate is written down, and from then on the one
/// before it is refused.
///
/// # Errors
/// `device.certificate_bad` when the certificate names no device, `device.unknown` when there is no such device,
/// `device.revoked` when it is no longer trusted, `device.certificate_replaced` when it used a newer certificate before,
/// `device.certificate_over` when its time is over, which a TLS session that goes on does not look at again,
/// `device.flood` when it calls too often; each is counted. `busy`, `internal`.
#[crate::act]
pub async fn identify_device(house: &House, leaf_der: &[u8]) -> Result<Actor, Refusal> {
    identify(house, leaf_der).await.map(|(actor, _)| actor)
}

/// As [`identify_device`], with what the certificate says.
pub(super) async fn identify(house: &House, leaf_der: &[u8]) -> Result<(Actor, DeviceLeaf), Refusal> {
    let leaf = read_device_certificate(leaf_der).inspect_err(|refusal| {
        house.fleet.tally.count(None, refusal, house.now());
    })?;
    let actor = Actor::Device { id: leaf.device, tenant: leaf.tenant };
    let remembered = house.fleet.memory.get_fresh(leaf.device, house.now());
    let known = match remembered.filter(|known| known.certificate_since.is_some()) {
        Some(known) => Some(known),
        None => read_again(house, &actor, leaf).await?,
    };
    let refusal = match known.filter(|known| known.tenant == leaf.tenant) {
        Some(known) if known.active && !house.fleet.pace.take(leaf.device, house.now()) => Refusal::flood(leaf.device),
        Some(known) if known.active && leaf.until < house.now() => Refusal::certificate_over(leaf.until),
        Some(known) if known.active => match known.certificate_since.unwrap_or(Timestamp::from_micros(0)) {
            newest if newest == leaf.since => return Ok((actor, leaf)),
            newest if newest < leaf.since => {
                first_use(house, &actor, leaf, newest).await?;
                return Ok((actor, leaf));
            }
            _ => Refusal::certificate_replaced(),
        },
        Some(_) => Refusal::device_revoked(),
        None => Refusal::device_unknown(),
    };
    house.fleet.tally.count(known.map(|known| known.tenant), &refusal, house.now());
    Err(refusal)
}

/// The device as its row has it now.
async fn read_again(house: &House, actor: &Actor, leaf: DeviceLeaf) -> Result<Option<Known>, Refusal> {
    let memory = &house.fleet.memory;
    let before = memory.get(leaf.device);
    let mut tx = house.store.read().await?;
    let mut rows = tx.tenant(device_scope(actor)?);
    let Some(row) = rows.device(leaf.device).await? else { return Ok(None) };
    let since = rows.certificate_since(leaf.device).await?.unwrap_or(Timestamp::from_micros(0));
    memory.learn(&row, before, house.now());
    memory.uses_certificate(leaf.device, since);
    Ok(memory.get(leaf.device))
}

/// Writes down that a device uses a newer certificate; the first one of all, from its enrolment, is told there.
async fn first_use(house: &House, actor: &Actor, leaf: DeviceLeaf, before: Timestamp) -> Result<(), Refusal> {
    let scope = device_scope(actor)?;
    let mut tx = house.store.write().await?;
    let moved = tx.tenant(scope).device_uses_certificate(leaf.device, leaf.since).await?;
    if moved && before.micros() > 0 {
        let target = format!("device {}", leaf.device);
        let detail =
            format!("the certificate until {}; the one before it is refused from now on", leaf.until.rfc3339());
        record(house, &mut tx, scope, actor, "device.certificate_used", target, &detail).await?;
    }
    tx.commit().await?;
    house.fleet.memory.uses_certificate(leaf.device, leaf.since);
    Ok(())
}

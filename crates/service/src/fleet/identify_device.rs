//! Who calls: the device that a verified certificate names, if it is still trusted.

use super::authority::read_device_certificate;
use super::refusal::Refusal;
use crate::house::House;
use crate::rights::device_scope;
use baluardo_model::identity::Actor;

/// The device of a leaf certificate (DER) whose chain TLS has verified against the root.
///
/// Known devices are remembered for a minute, and refused at once when they are revoked here; only the first call in
/// each minute reads the database.
///
/// # Errors
/// `device.certificate_bad` when the certificate names no device, `device.unknown` when there is no such device,
/// `device.revoked` when it is no longer trusted, `device.flood` when it calls too often; each is counted. `busy`, `internal`.
pub async fn identify_device(house: &House, leaf_der: &[u8]) -> Result<Actor, Refusal> {
    let (tenant, device) = read_device_certificate(leaf_der).inspect_err(|refusal| {
        house.fleet.tally.count(None, refusal, house.now());
    })?;
    let actor = Actor::Device { id: device, tenant };
    let known = match house.fleet.memory.get_fresh(device, house.now()) {
        Some(known) => Some(known),
        None => {
            let mut tx = house.store.read().await?;
            let row = tx.tenant(device_scope(&actor)?).device(device).await?;
            row.map(|row| house.fleet.memory.learn(&row, house.now()))
        }
    };
    let refusal = match known.filter(|known| known.tenant == tenant) {
        Some(known) if known.active && house.fleet.pace.take(device, house.now()) => return Ok(actor),
        Some(known) if known.active => Refusal::flood(device),
        Some(_) => Refusal::device_revoked(),
        None => Refusal::device_unknown(),
    };
    house.fleet.tally.count(known.map(|known| known.tenant), &refusal, house.now());
    Err(refusal)
}

//! A device gets a fresh certificate before its own ends.

use super::authority::issue_device_certificate;
use super::enrol_device::checked_csr;
use super::identify_device::identify;
use super::refusal::Refusal;
use crate::audit::record;
use crate::house::House;
use crate::rights::device_scope;
use baluardo_model::fleet::DeviceState;
use baluardo_wire::renew::{RenewRequest, Renewed, WHEN_LEFT};
use std::net::IpAddr;
use std::time::Duration;

/// Clocks may differ by so much: a device that is this early is not refused.
const EARLY: Duration = Duration::from_secs(86_400);

/// Signs the fresh key of the device that calls with `leaf_der`, whose chain TLS has verified; `peer` is the address it
/// called from, for the log. The certificate that it called with is accepted until the new one was used, or its end.
///
/// # Errors
/// As [`identify_device`](super::identify_device()), and `wire.version`, `enrol.too_long`, `enrol.csr_bad`, `renew.early`,
/// `renew.again`; each is counted.
#[crate::act]
pub async fn renew_certificate(
    house: &House,
    leaf_der: &[u8],
    request: &RenewRequest,
    peer: IpAddr,
) -> Result<Renewed, Refusal> {
    let (actor, leaf) = identify(house, leaf_der).await?;
    let outcome = async {
        if request.protocol != baluardo_wire::PROTOCOL {
            return Err(Refusal::version(request.protocol));
        }
        let now = house.now();
        let due = leaf.until.minus(leaf.until.since(leaf.since) / WHEN_LEFT);
        if now.plus(EARLY) < due {
            return Err(Refusal::renew_early(due.since(now).as_secs() / 86_400));
        }
        let key = checked_csr(&request.csr)?;
        let scope = device_scope(&actor)?;
        let mut tx = house.store.write().await?;
        let row = tx.tenant(scope).device(leaf.device).await?.ok_or_else(Refusal::device_unknown)?;
        if row.state == DeviceState::Revoked {
            return Err(Refusal::device_revoked());
        }
        if !house.fleet.memory.may_renew(leaf.device, now) {
            return Err(Refusal::renew_again());
        }
        let whose = (leaf.tenant, leaf.device);
        let certificate = issue_device_certificate(house, &mut tx, whose, &key, Some(leaf.since)).await?;
        let target = format!("device {}", leaf.device);
        let detail = format!(
            "{} from {peer}, until {}; the one until {} is good until this is used",
            row.hostname,
            certificate.expires_at.rfc3339(),
            leaf.until.rfc3339()
        );
        record(house, &mut tx, scope, &actor, "device.certificate_renewed", target, &detail).await?;
        tx.commit().await?;
        Ok(Renewed { certificate_chain: certificate.chain_pem, expires_at: certificate.expires_at })
    }
    .await;
    if let Err(refusal) = &outcome
        && refusal.is_theirs()
    {
        house.fleet.tally.count(Some(leaf.tenant), refusal, house.now());
    }
    outcome
}

//! Hands a device one piece of a pack that is for it.

use super::refusal::Refusal;
use crate::error::Error;
use crate::house::House;
use crate::rights::{device_scope, platform_scope};
use baluardo_model::identity::Actor;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;

/// The bytes of piece `seq` of the pack with this digest: the tenant's own, or its consortium's.
///
/// # Errors
/// A [`Refusal`]: `pack.unknown`, `device.no_certificate`, `internal`.
#[crate::act]
pub async fn pack_piece(house: &House, actor: &Actor, sha256: &str, seq: u64) -> Result<Vec<u8>, Refusal> {
    let Actor::Device { tenant, .. } = *actor else { return Err(Refusal::no_certificate()) };
    let mut tx = house.store.read().await?;
    let found = tx.platform().find_tenant(tenant).await?.ok_or_else(Refusal::device_unknown)?;
    let own = tx.tenant(device_scope(actor)?).pack_piece(sha256, seq).await?;
    let piece = match own {
        Some(piece) => Some(piece),
        None => tx.tenant(platform_scope(found.consortium)).pack_piece(sha256, seq).await?,
    };
    let Some(piece) = piece else {
        let refusal = Refusal::pack_unknown(sha256);
        house.fleet.tally.count(Some(tenant), &refusal, house.now());
        return Err(refusal);
    };
    BASE64.decode(piece).map_err(|error| Error::internal(error).into())
}

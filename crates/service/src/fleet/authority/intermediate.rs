//! The intermediate of one tenant: made when its first device enrols.

use super::certify::{DAY, failed, intermediate_name, issuer, keep, params};
use super::root::root_in;
use crate::error::Error;
use crate::house::House;
use baluardo_model::TenantId;
use baluardo_store::Tx;
use baluardo_store::fleet::authority::{Authority, AuthorityKind};
use rcgen::{BasicConstraints, IsCa, KeyPair, KeyUsagePurpose};

/// How long an intermediate lives: 10 years.
const LIFE_DAYS: u32 = 10 * 365;

/// The tenant's intermediate within a transaction, and the root above it.
pub(super) async fn intermediate_in(
    house: &House,
    tx: &mut Tx,
    tenant: TenantId,
) -> Result<(Authority, Authority), Error> {
    let (home, root) = root_in(house, tx).await?;
    if let Some(kept) = tx.platform().authority(tenant, AuthorityKind::Intermediate).await? {
        return Ok((kept, root));
    }
    let now = house.now();
    let key = KeyPair::generate().map_err(failed)?;
    let times = (now.minus(DAY), now.plus(DAY * LIFE_DAYS));
    let mut params = params(&intermediate_name(tenant), times, house.chance.as_ref())?;
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let signer = issuer(house, (home, AuthorityKind::Root), &root)?;
    let certificate = params.signed_by(&key, &signer).map_err(failed)?.pem();
    let kept = keep(house, tx, (tenant, AuthorityKind::Intermediate), certificate, key.serialized_der()).await?;
    Ok((kept, root))
}

//! Who else has seen this: a number, and nothing by which to know who.

use crate::error::Error;
use crate::house::House;
use crate::rights::{Act, tenant_scope};
use baluardo_model::identity::Actor;
use baluardo_model::{FindingId, TenantId};

/// How many other members of the consortium had a finding about the same file; 0 where the finding is about no single
/// file. It is asked by a finding and not by a digest, so that nobody can probe for files they have not seen.
///
/// # Errors
/// [`Error::NotFound`] when the tenant has no such finding; as [`tenant_scope`].
#[crate::act]
pub async fn who_else(house: &House, actor: &Actor, tenant: TenantId, finding: FindingId) -> Result<u64, Error> {
    let mut tx = house.store.read().await?;
    let scope = tenant_scope(&mut tx, actor, Act::SeeFindings, tenant).await?;
    let mut rows = tx.tenant(scope);
    let (row, _) = rows.finding(finding).await?.ok_or(Error::NotFound)?;
    match row.sha256 {
        Some(sha256) => Ok(rows.seen_elsewhere(&sha256).await?),
        None => Ok(0),
    }
}

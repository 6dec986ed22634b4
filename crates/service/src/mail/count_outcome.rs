//! Counts how messages ended, for the overview; nothing of the messages is kept.

use crate::error::Error;
use crate::house::House;
use crate::rights::platform_scope;
use baluardo_model::TenantId;
use baluardo_model::mail::Outcome;

/// Counts messages by comune and end, in one transaction.
///
/// # Errors
/// What the store says.
#[crate::act]
pub async fn count_outcome(house: &House, ends: &[(TenantId, Outcome, u64)]) -> Result<(), Error> {
    if ends.is_empty() {
        return Ok(());
    }
    let mut tx = house.store.write().await?;
    for (tenant, outcome, many) in ends {
        tx.tenant(platform_scope(*tenant)).count_mail(*outcome, *many, house.now()).await?;
    }
    tx.commit().await?;
    Ok(())
}

//! Ends what was noted of certified mail for long enough. A job of the server, once an hour.

use crate::audit::record;
use crate::error::Error;
use crate::house::House;
use crate::mail::standing_policy;
use crate::rights::platform_scope;
use baluardo_model::identity::Actor;
use std::time::Duration;

/// Forgets, of each comune by its rule for mail: 21 days unless it wrote down the legal basis for more. Gives how much.
///
/// # Errors
/// What the store says.
#[crate::act]
pub async fn forget_pec(house: &House) -> Result<u64, Error> {
    let oldest = house.store.read().await?.platform().oldest_pec().await?;
    let mut all = 0;
    for (tenant, taken_at) in oldest {
        let scope = platform_scope(tenant);
        let mut tx = house.store.write().await?;
        let days = standing_policy(&mut tx, scope).await?.days();
        let until = house.now().minus(Duration::from_secs(24 * 60 * 60).saturating_mul(days));
        if taken_at > until {
            continue;
        }
        let gone = tx.tenant(scope).forget_pec(until).await?;
        let detail = format!("{gone} notes older than {days} days");
        record(house, &mut tx, scope, &Actor::Platform, "pec.forgotten", "pec", &detail).await?;
        tx.commit().await?;
        all += gone;
    }
    Ok(all)
}

//! Ends what was kept of mail for long enough: held messages, reports, how senders' mail ended, rules that are over. A job of the server, once an hour.

use super::standing_policy::standing_policy;
use crate::audit::record;
use crate::error::Error;
use crate::house::House;
use crate::rights::platform_scope;
use baluardo_model::identity::Actor;
use std::time::Duration;

/// One day.
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// For how long it is remembered, in days, what an RTD said of reported messages: digests without anybody in them.
const LABELS: u32 = 365;

/// Forgets, of each comune by its own rule: 21 days unless it wrote down the legal basis for more
/// ([`baluardo_model::mail::MailPolicy::days`]). Gives the number of held and reported messages; the log of the comune tells it too.
///
/// # Errors
/// What the store says.
#[crate::act]
pub async fn forget_mail(house: &House) -> Result<u64, Error> {
    let mut tx = house.store.read().await?;
    let oldest = tx.platform().oldest_mail().await?;
    drop(tx);
    let mut all = 0;
    for (tenant, taken_at) in oldest {
        let scope = platform_scope(tenant);
        let mut tx = house.store.write().await?;
        let days = standing_policy(&mut tx, scope).await?.days();
        let until = house.now().minus(DAY.saturating_mul(days));
        if taken_at > until {
            continue;
        }
        let labels = house.now().minus(DAY.saturating_mul(LABELS));
        let gone = tx.tenant(scope).forget_mail(until, labels).await?;
        tx.tenant(scope).forget_places().await?;
        if gone > 0 {
            let detail = format!("{gone} messages older than {days} days");
            record(house, &mut tx, scope, &Actor::Platform, "mail.forgotten", "mail", &detail).await?;
        }
        tx.commit().await?;
        all += gone;
    }
    Ok(all)
}

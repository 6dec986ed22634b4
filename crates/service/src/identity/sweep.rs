//! Clears away what has ended and serves nobody any more: a job of the server, once an hour.

use crate::error::Error;
use crate::house::House;
use crate::identity::throttle::FORGOTTEN;
use std::time::Duration;

/// How long links and sessions are kept after they expired: lists of people tell from them who was last seen when.
const KEPT: Duration = Duration::from_secs(90 * 24 * 60 * 60);

/// How much was cleared away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Swept {
    /// Links.
    pub links: u64,
    /// Sessions.
    pub sessions: u64,
    /// Passkey ceremonies.
    pub ceremonies: u64,
    /// Counters of tries.
    pub tries: u64,
}

/// Clears away. The audit log keeps what happened.
///
/// # Errors
/// What the store says.
#[crate::act]
pub async fn sweep(house: &House) -> Result<Swept, Error> {
    let now = house.now();
    let mut tx = house.store.write().await?;
    let mut platform = tx.platform();
    let swept = Swept {
        links: platform.sweep_links(now.minus(KEPT)).await?,
        sessions: platform.sweep_sessions(now.minus(KEPT)).await?,
        ceremonies: platform.sweep_ceremonies(now).await?,
        tries: platform.sweep_tries(now.minus(FORGOTTEN)).await?,
    };
    tx.commit().await?;
    Ok(swept)
}

//! Fetches packs again: which are due, and what becomes of what came. Who fetches is the server; nothing here opens a line.

use super::import_pack::{NewPack, import_pack};
use crate::audit::record;
use crate::error::Error;
use crate::house::House;
use crate::rights::platform_scope;
use baluardo_detect::packs::Gathered;
use baluardo_model::identity::Actor;
use baluardo_model::{TenantId, Timestamp};
use baluardo_store::fleet::pack_sources::PackSource;
use std::time::Duration;

/// How long one fetch may take until another server tries.
const CLAIMED: Duration = Duration::from_secs(1_800);
/// After a failure it is tried again so much later, or at its usual time if that comes sooner.
const AGAIN: Duration = Duration::from_secs(3_600);
/// One hour.
const HOUR: Duration = Duration::from_secs(3_600);
/// The most characters of why it failed.
const MAX_FAILURE: usize = 500;

/// A pack to be fetched.
#[derive(Clone, Debug)]
pub struct DuePack {
    /// Whose it is.
    pub tenant: TenantId,
    /// Where it comes from, and how that went before.
    pub source: PackSource,
}

/// What came.
#[derive(Debug)]
pub struct Fetched {
    /// SHA-256 of the bytes as they came.
    pub content: String,
    /// What they hold.
    pub gathered: Gathered,
}

/// What became of a try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Renewal {
    /// The pack is another one now.
    Changed,
    /// It is the same as before.
    Same,
    /// Nothing came that can be used: the pack that was there stays.
    Failed,
}

/// When a pack is fetched next.
pub(super) fn next(every_hours: u64, now: Timestamp) -> Option<Timestamp> {
    let wait = u32::try_from(every_hours).unwrap_or(u32::MAX);
    (wait > 0).then(|| now.plus(HOUR.saturating_mul(wait)))
}

/// Takes up the packs that are due, so that no other server fetches them too.
///
/// # Errors
/// What the store says.
#[crate::act]
pub async fn take_due_packs(house: &House) -> Result<Vec<DuePack>, Error> {
    let now = house.now();
    let due = house.store.read().await?.platform().due_pack_sources(now).await?;
    let mut taken = Vec::new();
    for (tenant, name, since) in due {
        let mut tx = house.store.write().await?;
        let mut rows = tx.tenant(platform_scope(tenant));
        if rows.claim_pack_source(&name, since, now.plus(CLAIMED), now).await? {
            taken.extend(
                rows.pack_sources()
                    .await?
                    .into_iter()
                    .find(|source| source.name == name)
                    .map(|source| DuePack { tenant, source }),
            );
            tx.commit().await?;
        }
    }
    Ok(taken)
}

/// Takes in what came, if it is another thing than before; where it failed, or cannot be used, the pack that was there stays, and the
/// page and the log say why.
///
/// # Errors
/// What the store says.
#[crate::act]
pub async fn renew_pack(house: &House, due: &DuePack, came: Result<Fetched, String>) -> Result<Renewal, Error> {
    let DuePack { tenant, source } = due;
    let (now, mut after) = (house.now(), source.clone());
    let outcome = match came {
        Ok(came) if came.content == source.content => Ok((Renewal::Same, came.content)),
        Ok(came) => {
            let new = NewPack { name: source.name.clone(), content: came.gathered };
            match import_pack(house, &Actor::Platform, *tenant, new).await {
                Ok(_) => Ok((Renewal::Changed, came.content)),
                Err(error @ (Error::Invalid { .. } | Error::Conflict { .. })) => Err(error.to_string()),
                Err(error) => return Err(error),
            }
        }
        Err(why) => Err(why),
    };
    let renewal = match outcome {
        Ok((renewal, content)) => {
            after.due_at = next(source.every_hours, now);
            (after.content, after.fetched_at) = (content, Some(now));
            after.failure.clear();
            renewal
        }
        Err(why) => {
            let usual = next(source.every_hours, now);
            after.due_at = usual.map(|usual| usual.min(now.plus(AGAIN)));
            after.failure = why.chars().filter(|c| !c.is_control()).take(MAX_FAILURE).collect();
            Renewal::Failed
        }
    };
    let mut tx = house.store.write().await?;
    let scope = platform_scope(*tenant);
    tx.tenant(scope).note_pack_source(&after).await?;
    // The same failure again is no news for the log.
    if renewal == Renewal::Failed && after.failure != source.failure {
        let detail = format!("{}: {}", source.address, after.failure);
        record(house, &mut tx, scope, &Actor::Platform, "pack.not_fetched", format!("pack {}", source.name), &detail)
            .await?;
    }
    tx.commit().await?;
    Ok(renewal)
}

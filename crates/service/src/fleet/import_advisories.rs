//! Takes in what is publicly known of vulnerabilities, in place of what the same feed said before.

use crate::error::Error;
use crate::house::House;
use baluardo_model::identity::Actor;
use baluardo_model::vulnerability::Advisory;
use baluardo_store::fleet::advisories::{AdvisoryRow, FeedRow};
use std::collections::BTreeMap;

/// What a feed says, read and ready to be kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// By release (`debian:12`) and source package.
    pub known: BTreeMap<(String, String), Vec<Advisory>>,
    /// What each vulnerability is, by its name.
    pub words: BTreeMap<String, String>,
}

/// Keeps what `feed` says, read from `origin`, in place of what it said before: all of it or nothing. Only the platform itself
/// may, on its own machine.
///
/// # Errors
/// [`Error::Forbidden`] for everybody but the platform; what the database says.
#[crate::act]
pub async fn import_advisories(
    house: &House,
    actor: &Actor,
    feed: &str,
    origin: &str,
    imported: Imported,
) -> Result<FeedRow, Error> {
    if *actor != Actor::Platform {
        return Err(Error::Forbidden);
    }
    let row = FeedRow {
        feed: feed.to_owned(),
        origin: origin.to_owned(),
        imported_at: house.now(),
        sources: imported.known.len() as u64,
        vulnerabilities: imported.words.len() as u64,
    };
    let mut tx = house.store.write().await?;
    let mut rows = tx.platform();
    rows.clear_feed(feed).await?;
    for ((release, source), advisories) in imported.known {
        rows.insert_advisories(feed, &AdvisoryRow { release, source, advisories }).await?;
    }
    for (id, words) in imported.words {
        rows.insert_advisory_text(feed, &id, &words).await?;
    }
    rows.insert_feed(&row).await?;
    tx.commit().await?;
    Ok(row)
}

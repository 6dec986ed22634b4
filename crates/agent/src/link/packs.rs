//! Fetches the packs that a policy names and this device lacks, piece by piece; what has come stays when the line breaks.

use super::call::{CallError, Door};
use crate::duty::Duty;
use crate::packs::Packs;
use baluardo_model::fleet::PackRef;
use baluardo_wire::pack::{PIECE, path};
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::sleep;

/// After a failure the next try comes so much later.
const AGAIN: Duration = Duration::from_secs(60);

/// Why a pack did not come.
#[derive(Debug, thiserror::Error)]
enum FetchError {
    #[error(transparent)]
    Call(#[from] CallError),
    #[error(transparent)]
    Disk(#[from] io::Error),
    #[error("the server has no more of it")]
    Short,
}

/// Fetches packs.
pub(super) struct Fetch {
    pub(super) door: Arc<Door>,
    pub(super) packs: Packs,
    pub(super) duty: Arc<dyn Duty>,
    /// Told when a policy may name packs that are not here.
    pub(super) due: Arc<Notify>,
}

impl Fetch {
    /// Fetches for ever.
    pub(super) async fn live(self) {
        loop {
            let missing = self.duty.missing_packs();
            if missing.is_empty() {
                self.due.notified().await;
                continue;
            }
            let mut came = false;
            for pack in &missing {
                match self.fetch(pack).await {
                    Ok(()) => came = true,
                    Err(error) => tracing::warn!("the pack {:?} did not come: {error}", pack.name),
                }
            }
            if came {
                self.take().await;
            }
            if !self.duty.missing_packs().is_empty() {
                sleep(AGAIN).await;
            }
        }
    }

    async fn fetch(&self, pack: &PackRef) -> Result<(), FetchError> {
        let mut line = self.door.connect().await?;
        loop {
            // A piece that came in part is fetched again.
            let piece = self.packs.come(pack) / PIECE as u64;
            let at = piece * PIECE as u64;
            if self.packs.come(pack) >= pack.bytes {
                return Ok(self.packs.finish(pack)?);
            }
            let bytes = self.door.get(&mut line, &path(&pack.sha256, piece)).await?;
            let expected = (pack.bytes - at).min(PIECE as u64);
            if bytes.len() as u64 != expected {
                return Err(FetchError::Short);
            }
            self.packs.add(pack, at, &bytes)?;
        }
    }

    /// Compiling takes seconds: it must not hold the link up.
    async fn take(&self) {
        let duty = Arc::clone(&self.duty);
        match tokio::task::spawn_blocking(move || duty.take_packs()).await {
            Ok(Ok(())) => tracing::info!("packs of rules came and are in force"),
            Ok(Err(error)) => tracing::warn!("packs of rules came but cannot be used: {error}"),
            Err(error) => tracing::warn!("packs of rules came but cannot be used: {error}"),
        }
    }
}

//! Sends packages of evidence up, piece by piece. How much the server keeps, it says itself at each piece, so that a death of either
//! side costs one piece at most. It goes on its own line beside the exchanges.

use super::call::{CallError, Door, Line};
use super::drive::{LinkWaits, is_revoked};
use crate::evidence::{forget, package, waiting};
use crate::identity::state_dir::StateDir;
use baluardo_model::EvidenceId;
use baluardo_wire::PROTOCOL;
use baluardo_wire::evidence::{EvidenceKept, EvidencePiece, MAX_PIECE, PATH};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::sleep;

/// Between two looks whether a package waits.
const LOOK: Duration = Duration::from_secs(2);
/// After a piece that did not arrive.
const REST: Duration = Duration::from_secs(20);

/// Why a package did not come up; it is tried again.
#[derive(Debug, thiserror::Error)]
pub enum UploadError {
    /// The server could not be asked, or said no.
    #[error(transparent)]
    Call(#[from] CallError),
    /// The package cannot be read.
    #[error("a package of evidence cannot be read: {0}")]
    Package(#[from] io::Error),
    /// A piece makes no message.
    #[error("a piece of evidence makes no message: {0}")]
    Piece(#[from] serde_json::Error),
}

/// Sends what waits, for ever.
pub async fn upload(door: Arc<Door>, state: StateDir, waits: LinkWaits) {
    loop {
        let mut rest = LOOK;
        for evidence in waiting(&state) {
            match send(&door, &state, evidence.id).await {
                Ok(()) => forget(&state, evidence.id),
                Err(UploadError::Package(error)) if error.kind() == io::ErrorKind::NotFound => {
                    forget(&state, evidence.id);
                }
                Err(UploadError::Call(error)) if is_revoked(&error) => rest = waits.revoked,
                Err(error) => {
                    tracing::debug!("{error}");
                    rest = rest.max(REST.min(waits.most));
                }
            }
        }
        sleep(rest).await;
    }
}

/// Sends one package to its end.
///
/// # Errors
/// See [`UploadError`].
pub async fn send(door: &Door, state: &StateDir, id: EvidenceId) -> Result<(), UploadError> {
    let path = package(state, id);
    let mut file = File::open(&path)?;
    let mut line = door.connect().await?;
    let mut kept = piece(door, &mut line, id, 0, &[]).await?;
    while !kept.done {
        let mut bytes = Vec::with_capacity(MAX_PIECE);
        file.seek(SeekFrom::Start(kept.received))?;
        file.by_ref().take(MAX_PIECE as u64).read_to_end(&mut bytes)?;
        let before = kept.received;
        kept = piece(door, &mut line, id, before, &bytes).await?;
        if !kept.done && kept.received <= before {
            return Err(io::Error::other("the server kept nothing of a piece").into());
        }
    }
    Ok(())
}

async fn piece(
    door: &Door,
    line: &mut Line,
    evidence: EvidenceId,
    offset: u64,
    bytes: &[u8],
) -> Result<EvidenceKept, UploadError> {
    let piece = EvidencePiece { protocol: PROTOCOL, evidence, offset, bytes: BASE64.encode(bytes) };
    Ok(door.post(line, PATH, serde_json::to_vec(&piece)?).await?)
}

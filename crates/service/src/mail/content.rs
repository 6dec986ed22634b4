//! The content of held messages at rest: sealed in pieces, each bound to its row and place, so that none can be read from a
//! stolen database, moved, or left out.

use crate::error::Error;
use crate::house::House;
use crate::secret::hex;
use baluardo_model::{HeldMailId, TenantId};
use baluardo_store::mail::held::HeldRow;
use baluardo_store::{TenantScope, Tx};
use sha2::{Digest as _, Sha256};

/// Bytes of one piece.
const PIECE: usize = 512 << 10;

/// The digest by which content is known.
pub(crate) fn digest(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Seals `bytes`.
pub(super) fn seal(house: &House, tenant: TenantId, id: HeldMailId, bytes: &[u8]) -> Result<Vec<String>, Error> {
    bytes
        .chunks(PIECE)
        .enumerate()
        .map(|(at, piece)| house.seal.seal(&purpose(tenant, id, at), piece, house.chance.as_ref()))
        .collect()
}

/// Opens the content of `row`; none when it is gone.
pub(crate) async fn open(
    house: &House,
    tx: &mut Tx,
    scope: TenantScope,
    row: &HeldRow,
) -> Result<Option<Vec<u8>>, Error> {
    let pieces = tx.tenant(scope).held_pieces(row.id).await?;
    if pieces.is_empty() {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    for (at, piece) in pieces.iter().enumerate() {
        bytes.extend(house.seal.open(&purpose(scope.tenant(), row.id, at), piece)?);
    }
    if digest(&bytes) != row.content {
        return Err(Error::internal(format!("the content of held message {} is not whole", row.id)));
    }
    Ok(Some(bytes))
}

fn purpose(tenant: TenantId, id: HeldMailId, at: usize) -> String {
    format!("held mail {tenant} {id} {at}")
}

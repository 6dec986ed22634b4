//! Packages of evidence: ordered, received piece by piece, shown with who had them in hand, downloaded and deleted. The pieces lie
//! sealed in the database, so that a backup has them and a stolen copy opens none.

use crate::audit::record;
use crate::error::Error;
use crate::fleet::{OrderSigner, Refusal, actor_name};
use crate::house::House;
use crate::live::Topic;
use crate::rights::{Act, device_scope, platform_scope, tenant_scope};
use crate::secret::hex;
use baluardo_model::evidence::{MAX_PACKAGE, MAX_REASON};
use baluardo_model::fleet::{DeviceState, OrderKind};
use baluardo_model::identity::Actor;
use baluardo_model::{DeviceId, EvidenceId, FindingId, TenantId};
use baluardo_store::protection::evidence::{EvidenceEnds, EvidenceRow};
use baluardo_store::{TenantScope, Tx};
use baluardo_wire::evidence::{EvidenceKept, EvidencePiece, MAX_PIECE};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;
use sha2::{Digest as _, Sha256};
use std::time::Duration;

/// How long an order to gather evidence waits: what a device knows of a moment fades.
const ORDER_LIFE: Duration = Duration::from_secs(2 * 86_400);
/// How long a package is kept, unless somebody deletes it before.
const KEPT: Duration = Duration::from_secs(180 * 86_400);
/// How long an order that no device took up is shown as waiting.
const UNMADE: Duration = Duration::from_secs(3 * 86_400);
/// How long a package that a device made may take to come.
const UNSENT: Duration = Duration::from_secs(30 * 86_400);
/// The most packages of one device that may be on their way.
const MOST_OF_DEVICE: i64 = 3;
/// The same of one tenant: each is up to a hundred megabytes of this server's disk.
const MOST_OF_TENANT: i64 = 40;
/// The most packages that are shown of one device.
const SHOWN: u32 = 50;

/// Orders a device to gather evidence and send it.
///
/// # Errors
/// [`Error::Invalid`] `evidence.reason` without a reason or with an endless one; [`Error::NotFound`] when the tenant has no such
/// device, or the device no such finding; [`Error::Conflict`] `device.revoked`, `order.pending` while such an order waits,
/// `evidence.many_of_device` or `evidence.many` while too many are on their way; as [`tenant_scope`].
#[crate::act]
pub async fn order_evidence(
    house: &House,
    actor: &Actor,
    tenant: TenantId,
    device: DeviceId,
    finding: Option<FindingId>,
    (reason, sealed): (&str, bool),
) -> Result<EvidenceId, Error> {
    let mut tx = house.store.write().await?;
    let scope = tenant_scope(&mut tx, actor, Act::CollectEvidence, tenant).await?;
    let found = tx.tenant(scope).device(device).await?.ok_or(Error::NotFound)?;
    let reason = checked_reason(reason)?;
    if found.state == DeviceState::Revoked {
        return Err(Error::conflict("device.revoked", "this device was revoked: it takes no orders"));
    }
    let now = house.now();
    if tx.tenant(scope).order_waits(device, "collect_evidence", now).await? {
        return Err(Error::conflict("order.pending", "such an order waits for this device already"));
    }
    if let Some(finding) = finding {
        tx.tenant(scope).finding(finding).await?.filter(|(row, _)| row.device == device).ok_or(Error::NotFound)?;
    }
    drop_over(house, &mut tx, scope).await?;
    let (all, own) = tx.tenant(scope).evidence_waiting(device).await?;
    if own >= MOST_OF_DEVICE {
        let message =
            format!("{MOST_OF_DEVICE} packages of this device are on their way already: wait until they are here");
        return Err(Error::conflict("evidence.many_of_device", message));
    }
    if all >= MOST_OF_TENANT {
        let message =
            format!("{MOST_OF_TENANT} packages of this tenant are on their way already: wait until they are here");
        return Err(Error::conflict("evidence.many", message));
    }
    let (id, by) = (EvidenceId::new(now, house.chance.as_ref()), actor_name(actor));
    tx.tenant(scope).insert_evidence((id, device), finding, (&by, &reason), now).await?;
    let order = OrderKind::CollectEvidence { evidence: id, finding, reason: reason.clone(), by, sealed };
    let signer = OrderSigner::load(house, &mut tx).await?;
    signer.give(&mut tx, scope, device, order, id.to_string(), ORDER_LIFE).await?;
    let detail = format!("{}, evidence {id}: {reason}", found.hostname);
    record(house, &mut tx, scope, actor, "evidence.ordered", format!("device {device}"), &detail).await?;
    tx.commit().await?;
    house.fleet.order_given(device);
    house.live.tell(tenant, Topic::Device, device);
    Ok(id)
}

fn checked_reason(reason: &str) -> Result<String, Error> {
    let reason = reason.trim();
    if reason.is_empty() || reason.chars().count() > MAX_REASON {
        let message = format!("say why, in 1 to {MAX_REASON} characters");
        return Err(Error::invalid("reason", "evidence.reason", message));
    }
    Ok(reason.to_owned())
}

/// The packages of a device, newest first.
///
/// # Errors
/// [`Error::NotFound`] when the tenant has no such device; as [`tenant_scope`].
#[crate::act]
pub async fn list_evidence(
    house: &House,
    actor: &Actor,
    tenant: TenantId,
    device: DeviceId,
) -> Result<Vec<EvidenceRow>, Error> {
    let mut tx = house.store.write().await?;
    let scope = tenant_scope(&mut tx, actor, Act::SeeEvidence, tenant).await?;
    tx.tenant(scope).device(device).await?.ok_or(Error::NotFound)?;
    drop_over(house, &mut tx, scope).await?;
    let found = tx.tenant(scope).evidence_of_device(device, SHOWN).await?;
    tx.commit().await?;
    Ok(found)
}

/// The bytes of a package that is here whole, and what it is. Each download is a line of the log.
///
/// # Errors
/// [`Error::NotFound`] when there is no such package, or it is not here (any more); as [`tenant_scope`].
#[crate::act]
pub async fn download_evidence(
    house: &House,
    actor: &Actor,
    tenant: TenantId,
    (device, id): (DeviceId, EvidenceId),
) -> Result<(EvidenceRow, Vec<u8>), Error> {
    let mut tx = house.store.write().await?;
    let scope = tenant_scope(&mut tx, actor, Act::SeeEvidence, tenant).await?;
    drop_over(house, &mut tx, scope).await?;
    let row = whole(&mut tx, scope, device, id).await?;
    let bytes = open_all(house, &mut tx, scope, id).await?;
    let detail = format!("evidence {id}, {} bytes, SHA-256 {}", row.size, row.sha256);
    record(house, &mut tx, scope, actor, "evidence.downloaded", format!("device {device}"), &detail).await?;
    tx.commit().await?;
    Ok((row, bytes))
}

async fn whole(tx: &mut Tx, scope: TenantScope, device: DeviceId, id: EvidenceId) -> Result<EvidenceRow, Error> {
    let row = tx.tenant(scope).evidence(id).await?.filter(|row| row.device == device && row.state == "received");
    row.ok_or(Error::NotFound)
}

/// Deletes a package before its time; what it was and why it went stays in the log.
///
/// # Errors
/// As [`download_evidence`], and [`Error::Invalid`] `evidence.reason`.
#[crate::act]
pub async fn delete_evidence(
    house: &House,
    actor: &Actor,
    tenant: TenantId,
    (device, id): (DeviceId, EvidenceId),
    reason: &str,
) -> Result<(), Error> {
    let mut tx = house.store.write().await?;
    let scope = tenant_scope(&mut tx, actor, Act::DeleteEvidence, tenant).await?;
    let row = whole(&mut tx, scope, device, id).await?;
    let reason = checked_reason(reason)?;
    tx.tenant(scope).end_evidence(id, "deleted", None).await?;
    let detail = format!("evidence {id}, SHA-256 {}: {reason}", row.sha256);
    record(house, &mut tx, scope, actor, "evidence.deleted", format!("device {device}"), &detail).await?;
    tx.commit().await?;
    Ok(())
}

/// Takes a piece of a package from the device that made it, and says how much is kept.
///
/// # Errors
/// A [`Refusal`]: `wire.version`, `wire.unreadable`, `evidence.unknown` for a package that this device did not tell of (yet),
/// `evidence.too_large`; `busy` and `internal`: nothing was kept, the agent sends again.
#[crate::act]
pub async fn receive_piece(house: &House, actor: &Actor, piece: &EvidencePiece) -> Result<EvidenceKept, Refusal> {
    let Actor::Device { id: device, tenant } = *actor else { return Err(Refusal::no_certificate()) };
    let outcome = keep_piece(house, actor, device, piece).await;
    match &outcome {
        Err(refusal) if refusal.is_theirs() => house.fleet.tally.count(Some(tenant), refusal, house.now()),
        Ok(kept) if kept.done => house.live.tell(tenant, Topic::Device, device),
        _ => {}
    }
    outcome
}

async fn keep_piece(
    house: &House,
    actor: &Actor,
    device: DeviceId,
    piece: &EvidencePiece,
) -> Result<EvidenceKept, Refusal> {
    if piece.protocol != baluardo_wire::PROTOCOL {
        return Err(Refusal::version(piece.protocol));
    }
    let bytes = BASE64.decode(&piece.bytes).map_err(Refusal::unreadable)?;
    let scope = device_scope(actor)?;
    let mut tx = house.store.write().await?;
    let found = tx.tenant(scope).device(device).await?.ok_or_else(Refusal::device_unknown)?;
    if found.state == DeviceState::Revoked {
        return Err(Refusal::device_revoked());
    }
    let row = tx.tenant(scope).evidence(piece.evidence).await?.filter(|row| row.device == device);
    let row = row.ok_or_else(Refusal::evidence_unknown)?;
    match row.state.as_str() {
        "collected" => {}
        // The order was given and the device's word of it is still on its way.
        "ordered" => return Err(Refusal::evidence_unknown()),
        _ => return Ok(EvidenceKept { received: row.received, done: true }),
    }
    let until = row.received.saturating_add(bytes.len() as u64);
    if bytes.len() > MAX_PIECE || row.size > MAX_PACKAGE || until > row.size {
        return Err(Refusal::evidence_large(row.size));
    }
    let id = row.id;
    if piece.offset == row.received && !bytes.is_empty() {
        let sealed = house.seal.seal(&purpose(id, row.received), &bytes, house.chance.as_ref())?;
        if !tx.tenant(scope).keep_piece(id, (row.received, until), &sealed).await? {
            return Err(Refusal::busy());
        }
    } else if row.received < row.size {
        return Ok(EvidenceKept { received: row.received, done: false });
    }
    let done = until == row.size;
    if done {
        finish(house, &mut tx, scope, actor, &row).await?;
    }
    tx.commit().await?;
    Ok(EvidenceKept { received: until, done })
}

/// The package is here: its digest says whether it is what the device made.
async fn finish(house: &House, tx: &mut Tx, scope: TenantScope, actor: &Actor, row: &EvidenceRow) -> Result<(), Error> {
    let sum = hex(&Sha256::digest(open_all(house, tx, scope, row.id).await?));
    let now = house.now();
    let (state, act, times) = if sum == row.sha256 {
        ("received", "evidence.received", Some((now, now.plus(KEPT))))
    } else {
        ("damaged", "evidence.damaged", None)
    };
    tx.tenant(scope).end_evidence(row.id, state, times).await?;
    let detail = format!("evidence {}, {} bytes, SHA-256 {sum}", row.id, row.size);
    record(house, tx, scope, actor, act, format!("device {}", row.device), &detail).await
}

async fn open_all(house: &House, tx: &mut Tx, scope: TenantScope, id: EvidenceId) -> Result<Vec<u8>, Error> {
    let mut all = Vec::new();
    loop {
        let pieces = tx.tenant(scope).pieces(id, all.len() as u64).await?;
        if pieces.is_empty() {
            return Ok(all);
        }
        for (place, sealed) in pieces {
            all.extend(house.seal.open(&purpose(id, place), &sealed)?);
        }
    }
}

/// What a piece is sealed for.
fn purpose(id: EvidenceId, place: u64) -> String {
    format!("evidence {id} {place}")
}

/// Drops the packages of all whose time is over, with their bytes; each is a line of its tenant's log. A job of the server, once an hour.
/// Gives how many.
///
/// # Errors
/// What the store says.
#[crate::act]
pub async fn expire_evidence(house: &House) -> Result<u64, Error> {
    let tenants = house.store.read().await?.platform().tenants_with_evidence_over(ends(house)).await?;
    let mut all = 0;
    for tenant in tenants {
        let mut tx = house.store.write().await?;
        all += drop_over(house, &mut tx, platform_scope(tenant)).await?;
        tx.commit().await?;
    }
    Ok(all)
}

fn ends(house: &House) -> EvidenceEnds {
    let now = house.now();
    EvidenceEnds { now, ordered: now.minus(UNMADE), collected: now.minus(UNSENT) }
}

/// Drops packages of one tenant whose time is over.
async fn drop_over(house: &House, tx: &mut Tx, scope: TenantScope) -> Result<u64, Error> {
    let over = tx.tenant(scope).evidence_over(ends(house)).await?;
    for id in &over {
        tx.tenant(scope).end_evidence(*id, "expired", None).await?;
        record(house, tx, scope, &Actor::Platform, "evidence.expired", format!("evidence {id}"), "").await?;
    }
    Ok(over.len() as u64)
}

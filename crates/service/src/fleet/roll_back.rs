//! Rolls a folder of a device back to a moment: first the device says what that would do, then somebody who read it orders it.

use super::actor_name;
use super::give_order::OrderSigner;
use super::path_rules::check_folders;
use super::start_policy;
use crate::audit::record;
use crate::error::Error;
use crate::house::House;
use crate::live::Topic;
use crate::rights::{Act, tenant_scope};
use baluardo_model::fleet::{Device, DeviceState, OrderKind};
use baluardo_model::identity::Actor;
use baluardo_model::{DeviceId, OrderId, RollbackId, TenantId, Timestamp};
use baluardo_store::fleet::rollbacks::{NewRollback, RollbackRow};
use baluardo_store::{TenantScope, Tx};
use std::time::Duration;

/// How long an order to look, or to roll back, waits: what was read of a folder yesterday is no longer true.
const LIFE: Duration = Duration::from_secs(86_400);

/// How long after the look it can be ordered: meanwhile people go on working in the folder.
const FRESH: Duration = Duration::from_secs(3_600);

/// The most roll backs that are shown of one device.
const SHOWN: u32 = 20;

/// Asks a device what rolling `folder` back to `to` would do. Nothing is done.
///
/// # Errors
/// [`Error::Invalid`] `rollback.folder` for a folder that the policy does not guard, with the codes of the folders' rules,
/// `rollback.moment` for a moment that is not past or longer ago than versions are kept; [`Error::NotFound`] when the tenant
/// has no such device; [`Error::Conflict`] `device.revoked`, or `order.pending` while another look waits; as [`tenant_scope`].
#[crate::act]
pub async fn preview_rollback(
    house: &House,
    actor: &Actor,
    tenant: TenantId,
    device: DeviceId,
    folder: &str,
    to: Option<Timestamp>,
) -> Result<RollbackId, Error> {
    let mut tx = house.store.write().await?;
    let (scope, found) = commanded(&mut tx, actor, tenant, device).await?;
    let folder = check_folders("folder", &[folder.to_owned()], 1)?.pop();
    let policy = start_policy(house, &mut tx, scope).await?;
    let is_below = |folder: &String, root: &String| folder == root || folder.starts_with(&format!("{root}/"));
    let folder = folder.filter(|folder| policy.guard_folders.iter().any(|root| is_below(folder, root)));
    let folder = folder.ok_or_else(|| {
        Error::invalid("folder", "rollback.folder", "choose a folder that the policy guards, or one below it")
    })?;
    let now = house.now();
    let oldest = now.minus(Duration::from_secs(policy.superseded_hours.saturating_mul(3_600)));
    let to = to.filter(|to| *to < now && *to >= oldest).ok_or_else(|| {
        let message = format!("give a moment of the last {} hours", policy.superseded_hours);
        Error::invalid("to", "rollback.moment", message)
    })?;
    if tx.tenant(scope).order_waits(device, "preview_rollback", now).await? {
        return Err(Error::conflict("order.pending", "such an order waits for this device already"));
    }
    let id = RollbackId::new(now, house.chance.as_ref());
    let (ordered_by, ordered_at) = (actor_name(actor), now);
    let new = NewRollback { id, device, folder: folder.clone(), moment: to, ordered_by, ordered_at };
    tx.tenant(scope).insert_rollback(&new).await?;
    let detail = format!("{}: {folder} at {}", found.hostname, to.rfc3339());
    let order = OrderKind::PreviewRollback { rollback: id, folder, to };
    give(house, tx, scope, actor, device, order, id, ("rollback.previewed", &detail)).await?;
    Ok(id)
}

/// Orders what a device said that it would do. `documents` is how many the reader was told that it touches.
///
/// # Errors
/// [`Error::NotFound`] when the device has no such roll back; [`Error::Conflict`] `rollback.not_previewed` when the device has
/// not looked, or it was ordered before, `rollback.stale` when the look is more than an hour old, `rollback.changed` when
/// `documents` is not what the device said, `device.revoked`; as [`tenant_scope`].
#[crate::act]
pub async fn roll_back(
    house: &House,
    actor: &Actor,
    tenant: TenantId,
    (device, id): (DeviceId, RollbackId),
    documents: u64,
) -> Result<OrderId, Error> {
    let mut tx = house.store.write().await?;
    let (scope, found) = commanded(&mut tx, actor, tenant, device).await?;
    let now = house.now();
    let row = tx.tenant(scope).rollback(device, id).await?.ok_or(Error::NotFound)?;
    let told = row.told.filter(|_| row.stage == "previewed").ok_or_else(|| {
        Error::conflict(
            "rollback.not_previewed",
            "the device has not said what this would do, or it was ordered before",
        )
    })?;
    if row.told_at.is_none_or(|at| now.since(at) > FRESH) {
        return Err(Error::conflict("rollback.stale", "what the device said is more than an hour old: ask it again"));
    }
    if told.tally.acts() != documents {
        return Err(Error::conflict("rollback.changed", "the number of documents is another one: look at it again"));
    }
    if !tx.tenant(scope).rollback_ordered(id, &actor_name(actor), now).await? {
        return Err(Error::conflict("rollback.not_previewed", "somebody else ordered it meanwhile"));
    }
    let detail = format!("{}: {} to {}, {documents} documents", found.hostname, row.folder, row.moment.rfc3339());
    let order = OrderKind::RollBack { rollback: id, folder: row.folder, to: row.moment };
    give(house, tx, scope, actor, device, order, id, ("rollback.ordered", &detail)).await
}

/// One roll back of a device.
///
/// # Errors
/// [`Error::NotFound`] when the device has none of this id; as [`tenant_scope`].
#[crate::act]
pub async fn rollback(
    house: &House,
    actor: &Actor,
    tenant: TenantId,
    (device, id): (DeviceId, RollbackId),
) -> Result<RollbackRow, Error> {
    let mut tx = house.store.read().await?;
    let scope = tenant_scope(&mut tx, actor, Act::RollBack, tenant).await?;
    tx.tenant(scope).rollback(device, id).await?.ok_or(Error::NotFound)
}

/// The newest roll backs of a device, newest first.
///
/// # Errors
/// [`Error::NotFound`] when the tenant has no such device; as [`tenant_scope`].
#[crate::act]
pub async fn rollbacks(
    house: &House,
    actor: &Actor,
    tenant: TenantId,
    device: DeviceId,
) -> Result<Vec<RollbackRow>, Error> {
    let mut tx = house.store.read().await?;
    let scope = tenant_scope(&mut tx, actor, Act::RollBack, tenant).await?;
    tx.tenant(scope).device(device).await?.ok_or(Error::NotFound)?;
    Ok(tx.tenant(scope).rollbacks_of_device(device, SHOWN).await?)
}

async fn commanded(
    tx: &mut Tx,
    actor: &Actor,
    tenant: TenantId,
    device: DeviceId,
) -> Result<(TenantScope, Device), Error> {
    let scope = tenant_scope(tx, actor, Act::RollBack, tenant).await?;
    let found = tx.tenant(scope).device(device).await?.ok_or(Error::NotFound)?;
    if found.state == DeviceState::Revoked {
        return Err(Error::conflict("device.revoked", "this device was revoked: it takes no orders"));
    }
    Ok((scope, found))
}

#[expect(clippy::too_many_arguments, reason = "both acts end alike, and each part is named")]
async fn give(
    house: &House,
    mut tx: Tx,
    scope: TenantScope,
    actor: &Actor,
    device: DeviceId,
    order: OrderKind,
    id: RollbackId,
    (act, detail): (&str, &str),
) -> Result<OrderId, Error> {
    let signer = OrderSigner::load(house, &mut tx).await?;
    let order = signer.give(&mut tx, scope, device, order, id.to_string(), LIFE).await?;
    record(house, &mut tx, scope, actor, act, format!("device {device}"), detail).await?;
    tx.commit().await?;
    house.fleet.order_given(device);
    house.live.tell(scope.tenant(), Topic::Device, device);
    Ok(order)
}

//! The one exchange: events up, orders down.
//!
//! An exchange without news is answered from memory and one read, and writes nothing; when its device last spoke is
//! written down later with that of many others. An exchange with news goes through the [`Ingest`], which commits many
//! at once, so that the disk is waited for once. The acknowledged number moves in the transaction that keeps the
//! events: whatever dies in between, an event is kept once or comes again.

mod apply;
mod catch_up;
mod check;
mod clean;
mod gone;
mod ingest;
mod inventory;

pub(crate) use ingest::Ingest;

use super::list_devices::SILENCE;
use super::memory::{Known, Trace, said_hash};
use super::refusal::Refusal;
use crate::house::House;
use crate::live::Topic;
use crate::rights::device_scope;
use baluardo_model::identity::Actor;
use baluardo_model::{DeviceId, TenantId, Timestamp};
use baluardo_store::{TenantScope, Tx};
use baluardo_wire::exchange::{Event, EventBody, ExchangeRequest, ExchangeResponse};
use baluardo_wire::order::SignedOrder;
use ingest::News;

/// The most orders in one answer.
const MAX_ORDERS: u32 = 32;

/// The most bytes of orders in one answer, so that it stays below what an agent reads.
const MAX_ORDER_BYTES: usize = baluardo_wire::MAX_BODY_BYTES * 3 / 4;

/// When an agent without news calls again, in milliseconds; orders wake it before.
const CALM_MS: u64 = 60_000;

/// When an agent that has more to tell, or to do, calls again.
const BUSY_MS: u64 = 200;

/// Takes an agent's events and hands it its orders. Tenant and device are the actor's and nobody else's.
///
/// # Errors
/// A [`Refusal`]: `wire.version`, `exchange.too_many`, `exchange.disorder`, `exchange.gap` (its detail names the
/// acknowledged number), `exchange.gone_again`, `device.no_certificate`, `device.unknown`, `device.revoked`; each is counted. `busy` and
/// `internal`: nothing was kept, the agent sends again.
#[crate::act]
pub async fn exchange(house: &House, actor: &Actor, request: ExchangeRequest) -> Result<ExchangeResponse, Refusal> {
    let Actor::Device { id, tenant } = *actor else { return Err(Refusal::no_certificate()) };
    let outcome = answer(house, actor, (tenant, id), request).await;
    if let Err(refusal) = &outcome
        && refusal.is_theirs()
    {
        house.fleet.tally.count(Some(tenant), refusal, house.now());
    }
    outcome
}

async fn answer(
    house: &House,
    actor: &Actor,
    (tenant, device): (TenantId, DeviceId),
    request: ExchangeRequest,
) -> Result<ExchangeResponse, Refusal> {
    check::check(&request)?;
    let scope = device_scope(actor)?;
    let known = known_device(house, scope, device).await?;
    if known.tenant != tenant {
        return Err(Refusal::device_unknown());
    }
    if !known.active {
        return Err(Refusal::device_revoked());
    }
    let now = house.now();
    let acked = match request.gone {
        Some(gone) => gone::pass_over(house, actor, device, gone).await?,
        None => known.acked,
    };
    let said = clean::spoken(&request.status);
    let trace = Trace {
        at: now,
        backlog: request.status.backlog,
        clock_ahead: request.sent_at.micros().saturating_sub(now.micros()),
    };
    let mut events = request.events;
    events.retain(|event| event.seq > acked);
    let (acked, orders) = if events.is_empty() && said_hash(&said) == known.said {
        (acked, orders_unless_none(house, scope, device, now).await?)
    } else {
        events.iter_mut().for_each(clean::event);
        seal_codes(house, device, &mut events)?;
        let news = News { actor: actor.clone(), device, acked, said: said.clone(), events };
        house.fleet.ingest.send(house, news).await?
    };
    let before = house.fleet.memory.spoke(device, trace);
    if before.is_some_and(|before| before > now || now.since(before) > SILENCE) {
        house.live.tell(tenant, Topic::Device, device);
    }
    let orders = match catch_up::policy_order(house, scope, device, said.policy_version).await? {
        true => waiting_orders(&mut house.store.read().await?, scope, device, now).await?,
        false => orders,
    };
    let next_ms = if orders.more || trace.backlog > 0 { BUSY_MS } else { calm_ms(house) };
    Ok(ExchangeResponse { acked_seq: acked, orders: orders.signed, next_ms })
}

/// What lifts an isolation goes into the database sealed, as every secret does.
fn seal_codes(house: &House, device: DeviceId, events: &mut [Event]) -> Result<(), Refusal> {
    for event in events {
        let (code, purpose) = match &mut event.body {
            EventBody::Isolated { code, .. } => (code, isolation_purpose(device)),
            EventBody::StopCode { code } => (code, stop_purpose(device)),
            _ => continue,
        };
        *code = house.seal.seal(&purpose, code.as_bytes(), house.chance.as_ref())?;
    }
    Ok(())
}

/// What the code that lets the agent go is sealed for.
pub(super) fn stop_purpose(device: DeviceId) -> String {
    format!("stop {device}")
}

/// What the code is sealed for.
pub(super) fn isolation_purpose(device: DeviceId) -> String {
    format!("isolation {device}")
}

/// The device as memory has it, or as the database has it at its first call.
async fn known_device(house: &House, scope: TenantScope, device: DeviceId) -> Result<Known, Refusal> {
    if let Some(known) = house.fleet.memory.get(device) {
        return Ok(known);
    }
    let row = house.store.read().await?.tenant(scope).device(device).await?;
    Ok(house.fleet.memory.learn(&row.ok_or_else(Refusal::device_unknown)?, None, house.now()))
}

/// Orders for one answer, and whether more wait.
#[derive(Debug, Default)]
struct Orders {
    signed: Vec<SignedOrder>,
    more: bool,
}

async fn waiting_orders(
    tx: &mut Tx,
    scope: TenantScope,
    device: DeviceId,
    now: Timestamp,
) -> Result<Orders, baluardo_store::StoreError> {
    let rows = tx.tenant(scope).waiting_orders(device, now, MAX_ORDERS + 1).await?;
    let mut orders = Orders::default();
    let mut bytes = 0;
    for (body, signature) in rows {
        bytes += body.len() + signature.len();
        let full = orders.signed.len() >= MAX_ORDERS as usize || bytes > MAX_ORDER_BYTES;
        if full && !orders.signed.is_empty() {
            orders.more = true;
            break;
        }
        orders.signed.push(SignedOrder { body, signature });
    }
    Ok(orders)
}

/// The orders that wait, without a look at the database where memory knows that there are none.
async fn orders_unless_none(
    house: &House,
    scope: TenantScope,
    device: DeviceId,
    now: Timestamp,
) -> Result<Orders, Refusal> {
    match house.fleet.memory.orders_may_wait(device, now) {
        None => Ok(Orders::default()),
        Some(given) => {
            let orders = waiting_orders(&mut house.store.read().await?, scope, device, now).await?;
            if orders.signed.is_empty() {
                house.fleet.memory.no_orders(device, given, now);
            }
            Ok(orders)
        }
    }
}

/// A minute and up to six seconds, so that agents that began together do not stay together.
fn calm_ms(house: &House) -> u64 {
    let mut byte = [0_u8; 1];
    house.chance.fill(&mut byte);
    CALM_MS + u64::from(byte[0]) * 6_000 / 255
}

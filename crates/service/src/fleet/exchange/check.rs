//! What can be said of an exchange before anything is looked up.

use crate::fleet::refusal::Refusal;
use baluardo_wire::exchange::{Event, ExchangeRequest};

/// Version, number of events, and that they rise by one.
pub(super) fn check(request: &ExchangeRequest) -> Result<(), Refusal> {
    if request.protocol != baluardo_wire::PROTOCOL {
        return Err(Refusal::version(request.protocol));
    }
    if request.events.len() > baluardo_wire::MAX_EVENTS {
        return Err(Refusal::too_many(request.events.len()));
    }
    let first = request.events.first().map_or(1, |event| event.seq);
    let mut before = first.checked_sub(1).ok_or_else(|| Refusal::disorder(0, 0))?;
    for event in &request.events {
        if Some(event.seq) != before.checked_add(1) {
            return Err(Refusal::disorder(before, event.seq));
        }
        before = event.seq;
    }
    Ok(())
}

/// The events after `acked`, and the number to acknowledge once they are kept; `events` rise by one.
pub(super) fn fresh(events: &[Event], acked: u64) -> Result<(&[Event], u64), Refusal> {
    let fresh = events.iter().position(|event| event.seq > acked).and_then(|at| events.get(at..)).unwrap_or_default();
    match fresh {
        [] => Ok((fresh, acked)),
        [first, ..] if first.seq - 1 != acked => Err(Refusal::gap(acked)),
        [.., last] => Ok((fresh, last.seq)),
    }
}

//! The wake-up line: a response that stays open and says when an order waits.

use super::backoff::Backoff;
use super::call::{CallError, Door};
use super::drive::{LinkWaits, is_revoked};
use baluardo_model::Chance;
use baluardo_wire::wake::{BEAT, PATH, WAKE};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use std::sync::Arc;
use tokio::sync::Notify;
use tokio::time::{sleep, timeout};

/// The longest line that is read; the two that exist are shorter.
const MAX_LINE: usize = 64;

/// Holds the line open for ever and tells `wake` whenever an exchange is due: on a line that says so, and when the line is
/// back after a break, because a word may have been missed meanwhile.
pub async fn listen(door: Arc<Door>, wake: Arc<Notify>, waits: LinkWaits, chance: Arc<dyn Chance>) {
    let mut backoff = Backoff::new(waits.first, waits.most);
    loop {
        let wait = match hold(&door, &wake, &waits, &mut backoff).await {
            Err(error) if is_revoked(&error) => waits.revoked,
            Err(error) => {
                tracing::debug!("the wake-up line: {error}");
                backoff.next(&*chance)
            }
            Ok(()) => backoff.next(&*chance),
        };
        sleep(wait).await;
    }
}

/// One life of the line; `Ok` when it ended without an error.
async fn hold(door: &Door, wake: &Notify, waits: &LinkWaits, backoff: &mut Backoff) -> Result<(), CallError> {
    let mut line = door.connect().await?;
    let mut body = door.open(&mut line, PATH).await?;
    wake.notify_one();
    let mut pending = Vec::new();
    while let Some(bytes) = next_bytes(&mut body, door, waits).await? {
        pending.extend_from_slice(&bytes);
        while let Some(end) = pending.iter().position(|byte| *byte == b'\n') {
            let word: Vec<u8> = pending.drain(..=end).collect();
            if word == WAKE.as_bytes() {
                wake.notify_one();
            } else if word != BEAT.as_bytes() {
                return Err(garbled(door));
            }
            // Only a line that showed signs of life counts as one that works.
            backoff.reset();
        }
        if pending.len() > MAX_LINE {
            return Err(garbled(door));
        }
    }
    Ok(())
}

/// The next bytes, or `None` at the end. A line without a sign of life for longer than two beats is dead.
async fn next_bytes(
    body: &mut Incoming,
    door: &Door,
    waits: &LinkWaits,
) -> Result<Option<hyper::body::Bytes>, CallError> {
    let server = || door.address().to_owned();
    match timeout(waits.dead_wake, body.frame()).await {
        Err(_) => Err(CallError::Late { server: server() }),
        Ok(None) => Ok(None),
        Ok(Some(Err(e))) => Err(CallError::Broken { server: server(), cause: e.to_string() }),
        Ok(Some(Ok(frame))) => Ok(Some(frame.into_data().unwrap_or_default())),
    }
}

fn garbled(door: &Door) -> CallError {
    CallError::Garbled {
        server: door.address().to_owned(),
        cause: "the wake-up line said neither wake nor beat".to_owned(),
    }
}

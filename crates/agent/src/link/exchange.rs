//! One exchange: what waits goes up, what the server has is forgotten, orders come down.

use super::call::{CallError, Door, Line};
use super::orders::{Orders, OrdersError, Received};
use crate::duty::Duty;
use crate::spool::{Spool, SpoolError};
use baluardo_model::Clock;
use baluardo_model::fleet::{Coverage, Order};
use baluardo_wire::exchange::{Event, ExchangeRequest, ExchangeResponse, Gone, PATH, Status};
use baluardo_wire::order::SignedOrder;
use baluardo_wire::{MAX_EVENTS, PROTOCOL};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc::UnboundedSender;

/// Bytes of events in one message, so that with everything around them it stays below what the server reads.
const MAX_EVENT_BYTES: usize = 850 * 1024;

/// The most orders that are looked at in one answer; the rest comes with the next.
const MAX_ORDERS: usize = 256;

/// Beyond this wait a line is closed and made anew, because an open one costs memory at both ends.
const KEEP_LINE: Duration = Duration::from_secs(10);

/// The shortest and the longest wait that a server may ask for.
const WAITS: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(3600));

/// Why an exchange failed. Nothing is lost by it.
#[derive(Debug, thiserror::Error)]
pub enum ExchangeError {
    /// The server.
    #[error(transparent)]
    Call(#[from] CallError),
    /// The spool.
    #[error(transparent)]
    Spool(#[from] SpoolError),
    /// The orders' journal.
    #[error(transparent)]
    Orders(#[from] OrdersError),
    /// The message has no JSON form.
    #[error("the message to the server cannot be written: {0}")]
    Unwritable(#[from] serde_json::Error),
}

/// What comes after an exchange that worked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Next {
    /// How long to wait if nothing happens.
    pub wait: Duration,
    /// Whether more events wait and the server is taking them.
    pub more: bool,
}

/// The device's side of the exchange.
pub struct Exchange {
    door: Arc<Door>,
    spool: Arc<Spool>,
    orders: Arc<Orders>,
    duty: Arc<dyn Duty>,
    clock: Arc<dyn Clock>,
    /// Where orders go that are to be carried out.
    to_do: UnboundedSender<Order>,
    line: Option<Line>,
    /// The newest number that was sent, as the server knows it.
    sent: u64,
    /// The server spoke of a gap: the next message only asks up to where it has our events.
    ask: bool,
    /// Numbers that the server misses and that are no longer on this disk: told before anything else is sent.
    gone: Option<Gone>,
    /// What the server was last told of how this device is.
    said: Option<Said>,
}

/// How the device is, without figures: a count that moves is no news by itself.
#[derive(PartialEq, Eq)]
struct Said {
    coverage: Coverage,
    note: String,
    policy_version: u64,
}

impl Said {
    fn of(duty: &dyn Duty) -> Self {
        let (coverage, note) = duty.coverage();
        let note = note.chars().filter(|c| !c.is_ascii_digit()).collect();
        Self { coverage, note, policy_version: duty.policy_version() }
    }
}

impl Exchange {
    /// Ready for the first exchange.
    #[must_use]
    pub fn new(
        door: Arc<Door>,
        spool: Arc<Spool>,
        orders: Arc<Orders>,
        duty: Arc<dyn Duty>,
        clock: Arc<dyn Clock>,
        to_do: UnboundedSender<Order>,
    ) -> Self {
        Self { door, spool, orders, duty, clock, to_do, line: None, sent: 0, ask: false, gone: None, said: None }
    }

    /// The server has a gap before what was sent: ask where it stands before anything else is sent.
    pub fn ask_where_the_server_stands(&mut self) {
        self.ask = true;
    }

    /// Whether the device is otherwise than the server was told: its sensor lost its reach, its vault is full at last.
    #[must_use]
    pub fn is_otherwise(&self) -> bool {
        self.said.as_ref().is_some_and(|said| *said != Said::of(&*self.duty))
    }

    /// The next exchange makes a line of its own: the device has another certificate.
    pub fn close_line(&mut self) {
        self.line = None;
    }

    /// One exchange.
    ///
    /// # Errors
    /// See [`ExchangeError`].
    pub async fn once(&mut self) -> Result<Next, ExchangeError> {
        if let Err(error) = self.orders.tell_untold() {
            tracing::warn!("{error}");
        }
        let asks = self.ask || self.gone.is_some();
        let events = if asks { Vec::new() } else { self.orders.batch(MAX_EVENTS, MAX_EVENT_BYTES)? };
        let first = events.first().map(|event| event.seq);
        let last = events.last().map(|event| event.seq);
        let acked_before = self.spool.standing().acked;
        let said = Said::of(&*self.duty);
        let body = serde_json::to_vec(&self.request(events))?;
        self.sent = self.sent.max(last.unwrap_or(0)).max(self.spool.acked_on_wire());
        let answer = self.post(body).await?;
        self.said = Some(said);
        let told_gone = self.gone.take().is_some();
        let went_back = self.take_ack(answer.acked_seq)?;
        self.take_orders(&answer.orders, acked_before);
        let moved = first.is_some_and(|first| answer.acked_seq >= first) || asks || went_back;
        let wait = Duration::from_millis(answer.next_ms).clamp(WAITS.0, WAITS.1);
        // A server that does not go on after numbers that are gone is not asked again at once.
        let stuck = told_gone && self.gone.is_some();
        let waits = self.spool.standing().backlog() > 0 || self.gone.is_some();
        let next = Next { wait, more: waits && moved && !stuck };
        self.ask = false;
        if !next.more && wait > KEEP_LINE {
            self.line = None;
        }
        Ok(next)
    }

    fn request(&self, events: Vec<Event>) -> ExchangeRequest {
        let (coverage, coverage_note) = self.duty.coverage();
        let backlog = self.spool.standing().backlog().saturating_sub(events.len() as u64);
        ExchangeRequest {
            protocol: PROTOCOL,
            sent_at: self.clock.now(),
            status: Status {
                agent_version: env!("CARGO_PKG_VERSION").to_owned(),
                coverage,
                coverage_note,
                policy_version: self.duty.policy_version(),
                backlog,
            },
            events,
            gone: self.gone,
        }
    }

    /// Sends over the open line if there is one; one that the server closed meanwhile is made anew once. An event that
    /// arrives twice is known by its number.
    async fn post(&mut self, body: Vec<u8>) -> Result<ExchangeResponse, CallError> {
        if let Some(mut line) = self.line.take().filter(Line::is_open) {
            match self.door.post(&mut line, PATH, body.clone()).await {
                Err(CallError::Broken { .. }) => {}
                answer => return self.keep_line(line, answer),
            }
        }
        let mut line = self.door.connect().await?;
        let answer = self.door.post(&mut line, PATH, body).await;
        self.keep_line(line, answer)
    }

    fn keep_line(
        &mut self,
        line: Line,
        answer: Result<ExchangeResponse, CallError>,
    ) -> Result<ExchangeResponse, CallError> {
        if matches!(answer, Ok(_) | Err(CallError::Refused(_))) {
            self.line = Some(line);
        }
        answer
    }

    /// Forgets what the server has; tells whether it has less than it had.
    fn take_ack(&mut self, acked: u64) -> Result<bool, SpoolError> {
        if acked > self.sent {
            tracing::warn!(
                "the server knows events of this device up to {acked}, this computer sent up to {}: it was put back to \
                 an older state; its events go on after those",
                self.sent
            );
            self.spool.go_on_after(acked)?;
        } else if acked < self.spool.acked_on_wire() {
            self.gone = self.spool.send_again_after(acked)?;
            let gone = self.gone.map_or_else(
                || "all that it misses is still here and is sent again".to_owned(),
                |gone| {
                    format!("events {} to {} are no longer on this disk and are told as gone", acked + 1, gone.until)
                },
            );
            tracing::warn!("the server has events of this device only up to {acked}, it was put back: {gone}");
            return Ok(true);
        } else {
            self.spool.ack(acked)?;
        }
        Ok(false)
    }

    fn take_orders(&self, orders: &[SignedOrder], acked_before: u64) {
        for signed in orders.iter().take(MAX_ORDERS) {
            match self.orders.receive(signed, acked_before) {
                // Nobody takes orders any more only while the agent stops; they come again.
                Ok(Received::New(order)) => drop(self.to_do.send(*order)),
                Ok(Received::Settled) => {}
                Err(error) => tracing::warn!("{error}"),
            }
        }
    }
}

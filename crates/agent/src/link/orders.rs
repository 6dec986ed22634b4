//! Orders from the server: believed only under its signature, carried out once, answered once.

use super::journal::{Ended, Journal, Key};
use crate::duty::Duty;
use crate::identity::policy::{FILE, Held, given_at, save_given};
use crate::identity::saved::Identity;
use crate::identity::state_dir::StateDir;
use crate::spool::{Spool, SpoolError};
use crate::vault::seal::sha256_hex;
use baluardo_model::fleet::{Order, OrderKind, OrderOutcome, Policy};
use baluardo_model::{Clock, OrderId, Timestamp};
use baluardo_wire::exchange::{Event, EventBody};
use baluardo_wire::order::{OrderError, SignedOrder};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;
use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Why an order or its answer could not be kept; it is tried again.
#[derive(Debug, thiserror::Error)]
pub enum OrdersError {
    /// The journal's disk failed.
    #[error("the journal of orders cannot be written: {0}; orders wait until it can")]
    Journal(#[from] io::Error),
    /// The spool refused.
    #[error("an order's answer waits: {0}")]
    Spool(#[from] SpoolError),
}

/// What happened to an order that arrived.
#[derive(Debug, PartialEq, Eq)]
pub enum Received {
    /// It is to be carried out: hand it to [`Orders::carry_out`].
    New(Box<Order>),
    /// It is known, or was refused; nothing is to be done.
    Settled,
}

/// Everything about orders on this device.
pub struct Orders {
    identity: Identity,
    state: StateDir,
    clock: Arc<dyn Clock>,
    spool: Arc<Spool>,
    duty: Arc<dyn Duty>,
    journal: Mutex<Journal>,
    /// Orders that wait or are being carried out, as they were signed.
    under_way: Mutex<BTreeMap<OrderId, SignedOrder>>,
}

impl Orders {
    /// Takes the journal up where the last run left it.
    ///
    /// # Errors
    /// [`OrdersError::Spool`] when the spool cannot be read.
    pub fn new(
        identity: &Identity,
        state: StateDir,
        clock: Arc<dyn Clock>,
        spool: Arc<Spool>,
        duty: Arc<dyn Duty>,
        journal: Journal,
    ) -> Result<Self, OrdersError> {
        let orders = Self {
            identity: identity.clone(),
            state,
            clock,
            spool,
            duty,
            journal: Mutex::new(journal),
            under_way: Mutex::new(BTreeMap::new()),
        };
        orders.settle_last_run()?;
        Ok(orders)
    }

    /// Judges an order that arrived. `acked` is the spool's own number that the server had before it sent this order.
    ///
    /// # Errors
    /// See [`OrdersError`]; the server sends the order again with the next exchange.
    pub fn receive(&self, signed: &SignedOrder, acked: u64) -> Result<Received, OrdersError> {
        match signed.open(&self.identity.order_key, self.identity.device, self.clock.now()) {
            Ok(order) => {
                if self.is_known(order.id, acked)? || self.lock_under_way().contains_key(&order.id) {
                    return Ok(Received::Settled);
                }
                self.lock_under_way().insert(order.id, signed.clone());
                Ok(Received::New(Box::new(order)))
            }
            Err(error) => {
                self.refuse(signed, &error, acked)?;
                Ok(Received::Settled)
            }
        }
    }

    /// Carries out an order, keeps how it ended, and tells the server. Blocks as long as the order takes.
    ///
    /// # Errors
    /// See [`OrdersError`]. If the journal had no room, nothing was carried out.
    pub fn carry_out(&self, order: &Order) -> Result<(), OrdersError> {
        let ended = self.carry_out_and_keep(order);
        self.lock_under_way().remove(&order.id);
        ended?;
        self.tell_untold()
    }

    /// The oldest events that wait, taken while no answer is half told: what is sent, the journal knows.
    ///
    /// # Errors
    /// [`OrdersError::Spool`].
    pub fn batch(&self, max_events: usize, max_bytes: usize) -> Result<Vec<Event>, OrdersError> {
        let _settled = self.lock_journal();
        Ok(self.spool.batch(max_events, max_bytes)?)
    }

    /// Tells the server of every order that ended and was not told, as far as the spool takes it.
    ///
    /// # Errors
    /// See [`OrdersError`]; the rest is told later.
    pub fn tell_untold(&self) -> Result<(), OrdersError> {
        let mut journal = self.lock_journal();
        let untold: Vec<(Key, Ended)> = journal.untold().map(|(key, ended)| (key.clone(), ended.clone())).collect();
        if untold.is_empty() {
            return Ok(());
        }
        for (key, ended) in untold {
            journal.make_room(self.clock.now())?;
            let seq = self.spool.append(&event_of(&ended))?;
            journal.told(key, seq)?;
        }
        Ok(())
    }

    fn carry_out_and_keep(&self, order: &Order) -> Result<(), OrdersError> {
        self.lock_journal().make_room(self.clock.now())?;
        tracing::info!(order = %order.id, kind = order.order.code(), "carrying out an order");
        let (outcome, note) = match self.do_it(order) {
            Ok(note) => (OrderOutcome::Done, note),
            Err(why) => (OrderOutcome::Failed, why),
        };
        let ended = Ended { order: order.id, outcome, note, expires_at: order.expires_at, told: None };
        self.lock_journal().ended(Key::Order(order.id), ended)?;
        Ok(())
    }

    fn do_it(&self, order: &Order) -> Result<String, String> {
        match &order.order {
            OrderKind::ApplyPolicy { policy } => self.apply_policy(order, policy),
            kind => self.duty.carry_out(kind),
        }
    }

    /// A policy is on disk before it is followed, under the signature that every later start asks for; one that cannot be followed
    /// gives way to the one before it. A lower version is followed only where its order was given later: the server was put back and
    /// counts from there.
    fn apply_policy(&self, order: &Order, policy: &Policy) -> Result<String, String> {
        // One that cannot be read was told of at the start, and is no reason to refuse a good one.
        let (before, bytes) = (Held::load(&self.state).ok().flatten(), self.state.read(FILE).ok().flatten());
        let version =
            before.as_ref().and_then(|held| held.proven(&self.identity).ok()).map_or(0, |policy| policy.version);
        let given_later = given_at(&self.state).is_some_and(|followed| order.issued_at > followed);
        if policy.version < version && !given_later {
            return Ok(format!("policy {version} is already followed and is newer"));
        }
        let held = match self.lock_under_way().get(&order.id).cloned() {
            Some(signed) => Held::Signed { signed },
            None => return Err("the order's signature is not at hand".to_owned()),
        };
        held.save(&self.state).map_err(|e| e.to_string())?;
        let done = self.duty.carry_out(&order.order).inspect_err(|_| {
            if let Some(Err(error)) = bytes.map(|bytes| self.state.write(FILE, bytes.as_bytes())) {
                tracing::error!("the policy before could not be put back: {error}");
            }
        })?;
        save_given(order.issued_at, &self.state).map_err(|e| e.to_string())?;
        Ok(done)
    }

    /// Whether the order ended before. If the server had our answer and asks again, it lost it: it is told once more.
    fn is_known(&self, order: OrderId, acked: u64) -> Result<bool, OrdersError> {
        let key = Key::Order(order);
        let mut journal = self.lock_journal();
        let Some(ended) = journal.get(&key).cloned() else { return Ok(false) };
        if ended.told.is_some_and(|seq| seq <= acked) {
            journal.make_room(self.clock.now())?;
            let seq = self.spool.append(&event_of(&ended))?;
            journal.told(key, seq)?;
        }
        Ok(true)
    }

    fn refuse(&self, signed: &SignedOrder, error: &OrderError, acked: u64) -> Result<(), OrdersError> {
        let Some(order) = claimed(signed) else {
            tracing::warn!("something that is no order came in its place: {error}");
            return Ok(());
        };
        // An expired order has a true signature, so its id can be believed.
        if *error == OrderError::Expired && self.is_known(order, acked)? {
            return Ok(());
        }
        let key = Key::Refused(fingerprint(signed));
        if self.lock_journal().get(&key).is_some() {
            return Ok(());
        }
        tracing::warn!(%order, "an order was refused: {error}");
        {
            let mut journal = self.lock_journal();
            journal.make_room(self.clock.now())?;
            let note = error.to_string();
            // What was refused may be forgotten at once when room is short, whatever end it claims.
            let expires_at = Timestamp::from_micros(0);
            journal.ended(key, Ended { order, outcome: OrderOutcome::Refused, note, expires_at, told: None })?;
        }
        self.tell_untold()
    }

    /// After a crash: an answer may be in the spool without the journal knowing. The event cannot have reached the server
    /// and been forgotten before the journal knew, because [`Orders::batch`] waits for the journal.
    fn settle_last_run(&self) -> Result<(), OrdersError> {
        let mut journal = self.lock_journal();
        if journal.untold().next().is_none() {
            return Ok(());
        }
        let waiting = self.spool.find_waiting(|body| match body {
            EventBody::OrderEnded { order, outcome, .. } => Some((*order, *outcome)),
            _ => None,
        })?;
        let untold: Vec<(Key, OrderId, OrderOutcome)> =
            journal.untold().map(|(key, ended)| (key.clone(), ended.order, ended.outcome)).collect();
        for (key, order, outcome) in untold {
            if let Some((seq, _)) = waiting.iter().find(|(_, what)| *what == (order, outcome)) {
                journal.make_room(self.clock.now())?;
                journal.told(key, *seq)?;
            }
        }
        Ok(())
    }

    fn lock_journal(&self) -> MutexGuard<'_, Journal> {
        self.journal.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock_under_way(&self) -> MutexGuard<'_, BTreeMap<OrderId, SignedOrder>> {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn event_of(ended: &Ended) -> EventBody {
    EventBody::OrderEnded { order: ended.order, outcome: ended.outcome, note: ended.note.clone() }
}

/// The id that an order claims, which nobody proved.
fn claimed(signed: &SignedOrder) -> Option<OrderId> {
    let body = BASE64.decode(&signed.body).ok()?;
    let order: Order = serde_json::from_slice(&body).ok()?;
    Some(order.id)
}

fn fingerprint(signed: &SignedOrder) -> String {
    let bytes = [signed.body.as_bytes(), b".", signed.signature.as_bytes()].concat();
    sha256_hex(&bytes)
}

//! Group commit: many exchanges, one transaction, one wait for the disk.
//!
//! A task of its own takes whatever waits, up to [`MAX_BATCH`], keeps it in one transaction and answers everybody
//! after the commit. While it waits for the disk the next batch gathers by itself, so batches grow with the load and a
//! lone exchange waits for nobody. A batch that fails is tried again one by one, so that one exchange that the
//! database cannot take spoils nobody else's.

use super::apply::{Kept, apply};
use super::{Orders, waiting_orders};
use crate::error::Error;
use crate::fleet::memory::{Memory, said_hash};
use crate::fleet::refusal::Refusal;
use crate::house::House;
use crate::live::Live;
use crate::rights::{device_scope, tenant_of};
use baluardo_model::identity::Actor;
use baluardo_model::{Chance, Clock, DeviceId};
use baluardo_store::fleet::devices::Spoken;
use baluardo_store::{Store, Tx};
use baluardo_wire::exchange::Event;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{mpsc, oneshot};

/// The most exchanges in one transaction.
const MAX_BATCH: usize = 512;

/// The most exchanges that may wait; beyond it the server says that it is busy.
const MAX_WAITING: usize = 4_096;

/// An exchange with something to keep.
#[derive(Debug)]
pub(super) struct News {
    pub(super) actor: Actor,
    pub(super) device: DeviceId,
    /// The acknowledged number as memory had it.
    pub(super) acked: u64,
    pub(super) said: Spoken,
    /// Checked to rise by one, and bounded.
    pub(super) events: Vec<Event>,
}

/// What comes of it: the acknowledged number and the orders that wait.
type Answer = Result<(u64, Orders), Refusal>;

#[derive(Debug)]
struct Waiting {
    news: News,
    answer: oneshot::Sender<Answer>,
}

/// The door to the task.
#[derive(Debug, Default)]
pub(crate) struct Ingest(Mutex<Option<mpsc::Sender<Waiting>>>);

impl Ingest {
    /// Hands news to the task and waits until they are kept. The caller may give up waiting; the news are kept anyway.
    pub(super) async fn send(&self, house: &House, news: News) -> Answer {
        let (answer, kept) = oneshot::channel();
        self.door(house).try_send(Waiting { news, answer }).map_err(|_| Refusal::busy())?;
        kept.await.map_err(|_| Refusal::busy())?
    }

    /// The door, opened at the first call, and again should the task have ended.
    fn door(&self, house: &House) -> mpsc::Sender<Waiting> {
        let mut door = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match door.as_ref().filter(|door| !door.is_closed()) {
            Some(open) => open.clone(),
            None => {
                let (sender, inbox) = mpsc::channel(MAX_WAITING);
                tokio::spawn(Desk::of(house).run(inbox));
                door.insert(sender).clone()
            }
        }
    }
}

/// What the task works with. It holds no house, so that it ends when the house does.
struct Desk {
    store: Store,
    clock: Arc<dyn Clock>,
    chance: Arc<dyn Chance>,
    live: Live,
    memory: Arc<Memory>,
}

impl Desk {
    fn of(house: &House) -> Self {
        Self {
            store: house.store.clone(),
            clock: house.clock.clone(),
            chance: house.chance.clone(),
            live: house.live.clone(),
            memory: house.fleet.memory.clone(),
        }
    }

    async fn run(self, mut inbox: mpsc::Receiver<Waiting>) {
        let mut batch = Vec::with_capacity(MAX_BATCH);
        while inbox.recv_many(&mut batch, MAX_BATCH).await > 0 {
            let news: Vec<&News> = batch.iter().map(|waiting| &waiting.news).collect();
            let answers = match self.keep(&news).await {
                Ok(answers) => answers,
                Err(error) if news.len() == 1 => vec![Err(error.into())],
                Err(error) => {
                    tracing::warn!(%error, exchanges = news.len(), "a batch of exchanges failed, trying one by one");
                    self.keep_each(&news).await
                }
            };
            for (waiting, answer) in batch.drain(..).zip(answers) {
                // Whoever gave up waiting learns it at the next exchange.
                drop(waiting.answer.send(answer));
            }
        }
    }

    async fn keep_each(&self, news: &[&News]) -> Vec<Answer> {
        let mut answers = Vec::with_capacity(news.len());
        for one in news {
            let answer = match self.keep(&[one]).await {
                Ok(mut answers) => answers.pop().unwrap_or_else(|| Err(Refusal::busy())),
                Err(error) => Err(error.into()),
            };
            answers.push(answer);
        }
        answers
    }

    /// Keeps a batch in one transaction, then tells memory and listeners.
    async fn keep(&self, batch: &[&News]) -> Result<Vec<Answer>, Error> {
        let mut tx = self.store.write().await?;
        let mut acked = HashMap::new();
        let mut outcomes = Vec::with_capacity(batch.len());
        for news in batch {
            outcomes.push(self.keep_one(&mut tx, news, &mut acked).await?);
        }
        tx.commit().await?;
        Ok(batch.iter().zip(outcomes).map(|(news, outcome)| self.tell(news, outcome)).collect())
    }

    async fn keep_one(
        &self,
        tx: &mut Tx,
        news: &News,
        acked: &mut HashMap<DeviceId, u64>,
    ) -> Result<Result<(Kept, Orders), Refusal>, Error> {
        let now = self.clock.now();
        let acked_now = acked.get(&news.device).copied().unwrap_or(news.acked);
        let kept = match apply(tx, (now, self.chance.as_ref()), news, acked_now).await? {
            Ok(kept) => kept,
            Err(refusal) => {
                if let Some(row) = tx.tenant(device_scope(&news.actor)?).device(news.device).await? {
                    // Memory may know more than a database that was put back to an older state.
                    self.memory.stands_at(news.device, row.acked_seq);
                }
                return Ok(Err(refusal));
            }
        };
        acked.insert(news.device, kept.acked);
        let orders = match self.memory.orders_may_wait(news.device, now) {
            None => Orders::default(),
            Some(given) => {
                let orders = waiting_orders(tx, device_scope(&news.actor)?, news.device, now).await?;
                if orders.signed.is_empty() {
                    self.memory.no_orders(news.device, given, now);
                }
                orders
            }
        };
        Ok(Ok((kept, orders)))
    }

    fn tell(&self, news: &News, outcome: Result<(Kept, Orders), Refusal>) -> Answer {
        let (kept, orders) = outcome?;
        self.memory.kept(news.device, kept.acked, said_hash(&news.said));
        if let Some(tenant) = tenant_of(&news.actor) {
            for (topic, id) in &kept.changes {
                self.live.tell(tenant, *topic, id);
            }
        }
        Ok((kept.acked, orders))
    }
}

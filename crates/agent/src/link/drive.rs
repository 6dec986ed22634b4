//! The loop of the link: exchange, wait, exchange again; sooner when something happened, later when the server is away.

use super::backoff::{Backoff, jitter};
use super::call::{CallError, Door};
use super::exchange::{Exchange, ExchangeError, Next};
use super::journal::Journal;
use super::orders::{Orders, OrdersError};
use super::packs::Fetch;
use super::renew::Renewal;
use super::teller::Teller;
use super::tls::{self, TlsError};
use super::{upload, wake};
use crate::duty::Duty;
use crate::identity::saved::Identity;
use crate::identity::state_dir::StateDir;
use crate::packs::Packs;
use crate::spool::Spool;
use baluardo_model::fleet::Order;
use baluardo_model::{Chance, Clock};
use baluardo_wire::wake::BEAT_SECS;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::time::sleep;

/// How long things wait.
#[derive(Clone, Debug)]
pub struct LinkWaits {
    /// The first bound of backoff.
    pub first: Duration,
    /// The last bound of backoff.
    pub most: Duration,
    /// Between tries once the server said that this device is revoked.
    pub revoked: Duration,
    /// Between looks whether this device is otherwise than the server was told.
    pub look: Duration,
    /// How long the wake-up line may be silent.
    pub dead_wake: Duration,
}

impl Default for LinkWaits {
    fn default() -> Self {
        Self {
            first: Duration::from_secs(1),
            most: Duration::from_secs(300),
            revoked: Duration::from_secs(3600),
            look: Duration::from_millis(500),
            dead_wake: Duration::from_secs(2 * BEAT_SECS + 5),
        }
    }
}

/// Why the link cannot start.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// What enrolment left cannot be used.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The server's address makes no sense.
    #[error(transparent)]
    Address(#[from] CallError),
    /// The journal or the spool cannot be read.
    #[error(transparent)]
    Orders(#[from] OrdersError),
}

/// What the link needs.
pub struct LinkParts {
    /// Who this is to which server.
    pub identity: Identity,
    /// The state folder.
    pub state: StateDir,
    /// Where events wait.
    pub spool: Arc<Spool>,
    /// The journal of orders.
    pub journal: Journal,
    /// What orders ask of protection.
    pub duty: Arc<dyn Duty>,
    /// The present.
    pub clock: Arc<dyn Clock>,
    /// Chance, for jitter.
    pub chance: Arc<dyn Chance>,
    /// How long things wait.
    pub waits: LinkWaits,
}

/// The link, ready to be driven.
pub struct Link {
    door: Arc<Door>,
    spool: Arc<Spool>,
    chance: Arc<dyn Chance>,
    waits: LinkWaits,
    exchange: Exchange,
    renewal: Renewal,
    teller: Teller,
    fetch: Fetch,
    orders: Arc<Orders>,
    state: StateDir,
    to_do: UnboundedReceiver<Order>,
}

impl Link {
    /// Puts the parts together; nothing is sent yet.
    ///
    /// # Errors
    /// See [`LinkError`].
    pub fn new(parts: LinkParts) -> Result<Self, LinkError> {
        let LinkParts { identity, state, spool, journal, duty, clock, chance, waits } = parts;
        let door = Arc::new(Door::new(&identity.server, tls::mutual(&identity, Arc::clone(&clock))?)?);
        let orders = Arc::new(Orders::new(
            &identity,
            state.clone(),
            Arc::clone(&clock),
            Arc::clone(&spool),
            Arc::clone(&duty),
            journal,
        )?);
        let (sender, to_do) = unbounded_channel();
        let exchange = Exchange::new(
            Arc::clone(&door),
            Arc::clone(&spool),
            Arc::clone(&orders),
            Arc::clone(&duty),
            Arc::clone(&clock),
            sender,
        );
        let renewal = Renewal::new(identity.clone(), state.clone(), Arc::clone(&door), Arc::clone(&clock));
        let (packs, due) = (Packs::below(state.path()), Arc::new(Notify::new()));
        let fetch = Fetch { door: Arc::clone(&door), packs, duty: Arc::clone(&duty), due };
        let teller = Teller::new(identity, state.clone(), Arc::clone(&door), Arc::clone(&spool), duty, clock);
        Ok(Self { door, spool, chance, waits, exchange, renewal, teller, fetch, orders, state, to_do })
    }

    /// Keeps the link until it is dropped.
    pub async fn drive(self) {
        let woken = Arc::new(Notify::new());
        let listen =
            wake::listen(Arc::clone(&self.door), Arc::clone(&woken), self.waits.clone(), Arc::clone(&self.chance));
        let orders = carry_out_in_turn(self.to_do, self.orders);
        let evidence = upload::upload(Arc::clone(&self.door), self.state, self.waits.clone());
        let mut exchange = self.exchange;
        let (mut renewal, mut teller) = (self.renewal, self.teller);
        let mut backoff = Backoff::new(self.waits.first, self.waits.most);
        let news = self.spool.news();
        let packs_due = Arc::clone(&self.fetch.due);
        let exchanges = async {
            loop {
                let result = exchange.once().await;
                if result.is_ok() {
                    let renewed = renewal.turn().await;
                    if matches!(renewed, Ok(Some(_))) {
                        exchange.close_line();
                    }
                    teller.tell_renewal(renewed);
                }
                teller.tell(&result);
                packs_due.notify_one();
                match pause(&result, &mut backoff, &self.waits, &*self.chance) {
                    Pause::None => {}
                    Pause::Idle(wait) => tokio::select! {
                        () = sleep(wait) => {}
                        () = woken.notified() => {}
                        () = news.notified() => {}
                        () = otherwise(&exchange, self.waits.look) => {}
                    },
                    Pause::Away(wait) => tokio::select! {
                        () = sleep(wait) => {}
                        () = woken.notified() => {}
                    },
                    Pause::Gap(wait) => {
                        exchange.ask_where_the_server_stands();
                        sleep(wait).await;
                    }
                    Pause::Barred(wait) => sleep(wait).await,
                }
            }
        };
        tokio::join!(exchanges, listen, orders, self.fetch.live(), evidence);
    }
}

/// Ends when this device is otherwise than the server was told: people should not look at an old state for a minute.
async fn otherwise(exchange: &Exchange, look: Duration) {
    while !exchange.is_otherwise() {
        sleep(look).await;
    }
}

/// What comes between two exchanges.
#[derive(Debug, PartialEq, Eq)]
enum Pause {
    /// More waits and the server takes it.
    None,
    /// All is well: news of either side ends the pause.
    Idle(Duration),
    /// The server is away: its wake-up line coming back ends the pause, news of this side does not.
    Away(Duration),
    /// The server misses events: it is asked where it stands.
    Gap(Duration),
    /// The server wants nothing of this device: only time ends the pause.
    Barred(Duration),
}

fn pause(result: &Result<Next, ExchangeError>, backoff: &mut Backoff, waits: &LinkWaits, chance: &dyn Chance) -> Pause {
    match result {
        Ok(next) => {
            backoff.reset();
            if next.more { Pause::None } else { Pause::Idle(jitter(next.wait, chance)) }
        }
        Err(ExchangeError::Call(error)) if is_revoked(error) => Pause::Barred(waits.revoked),
        Err(ExchangeError::Call(error)) => match refusal(error) {
            Some("wire.version") => Pause::Barred(waits.most),
            Some("exchange.gap") => Pause::Gap(backoff.next(chance)),
            _ => Pause::Away(backoff.next(chance)),
        },
        Err(_) => Pause::Away(backoff.next(chance)),
    }
}

/// The code of the server's refusal, if it is one.
fn refusal(error: &CallError) -> Option<&str> {
    match error {
        CallError::Refused(problem) => Some(problem.code.as_str()),
        _ => None,
    }
}

/// Whether the server says that this device is no longer trusted, or is not known (any more).
pub(super) fn is_revoked(error: &CallError) -> bool {
    matches!(refusal(error), Some("device.revoked" | "device.unknown"))
}

/// Carries out one order after the other, each on a thread that may block, so that exchanges go on meanwhile.
async fn carry_out_in_turn(mut to_do: UnboundedReceiver<Order>, orders: Arc<Orders>) {
    while let Some(order) = to_do.recv().await {
        let orders = Arc::clone(&orders);
        match tokio::task::spawn_blocking(move || orders.carry_out(&order)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!("{error}"),
            Err(error) => tracing::error!("carrying out an order broke off: {error}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ambient::SystemChance;
    use baluardo_wire::problem::Problem;

    fn refused(code: &str) -> Result<Next, ExchangeError> {
        let (title, detail) = (String::new(), String::new());
        Err(ExchangeError::Call(CallError::Refused(Problem { code: code.to_owned(), title, detail, status: 403 })))
    }

    #[test]
    fn each_refusal_has_its_own_pause() {
        let waits = LinkWaits::default();
        let mut backoff = Backoff::new(waits.first, waits.most);
        let mut after = |result| pause(&result, &mut backoff, &waits, &SystemChance::new());
        assert_eq!(after(refused("device.revoked")), Pause::Barred(Duration::from_secs(3600)));
        assert_eq!(after(refused("device.unknown")), Pause::Barred(Duration::from_secs(3600)));
        assert_eq!(after(refused("wire.version")), Pause::Barred(Duration::from_secs(300)));
        assert!(matches!(after(refused("exchange.gap")), Pause::Gap(_)));
        assert!(matches!(after(refused("anything.else")), Pause::Away(_)));
        assert_eq!(after(Ok(Next { wait: Duration::ZERO, more: true })), Pause::None);
    }
}

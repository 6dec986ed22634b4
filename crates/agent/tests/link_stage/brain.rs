//! What a sound server remembers of one device, and the device's side of the stage: a duty that counts, a link that runs.

use super::authority::Authority;
use super::server::{Call, Reply, Server};
use super::{Hand, Seeded};
use baluardo_agent::duty::Duty;
use baluardo_agent::identity::policy::Held;
use baluardo_agent::identity::saved::Identity;
use baluardo_agent::identity::state_dir::StateDir;
use baluardo_agent::link::contact::Contact;
use baluardo_agent::link::drive::{Link, LinkParts, LinkWaits};
use baluardo_agent::link::journal::Journal;
use baluardo_agent::spool::disk::RealDisk;
use baluardo_agent::spool::{Spool, SpoolSettings};
use baluardo_model::fleet::{Coverage, Order, OrderKind, OrderOutcome, Policy};
use baluardo_model::{Clock, OrderId, Timestamp};
use baluardo_wire::exchange::{Event, EventBody, ExchangeRequest, ExchangeResponse, Gone};
use baluardo_wire::order::SignedOrder;
use baluardo_wire::renew::RenewRequest;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

pub(crate) const DEVICE: &str = "00000000-0000-7000-8000-0000000000d1";

/// 2026, in the middle of every certificate's life.
pub(crate) const NOW: i64 = 1_780_000_000;

/// What the server has of the device.
#[derive(Default)]
pub(crate) struct Brain {
    pub(crate) acked: u64,
    pub(crate) kept: Vec<Event>,
    pub(crate) orders: Vec<SignedOrder>,
    /// Sends orders again that ended, as a server that was put back to an older state.
    pub(crate) forgetful: bool,
    pub(crate) exchanges: u64,
    /// What devices said is gone for good.
    pub(crate) gone: Vec<Gone>,
    pub(crate) next_ms: u64,
    pub(crate) last: Option<ExchangeRequest>,
}

impl Brain {
    /// Takes a message as the server does: in one transaction, by number, and answers.
    pub(crate) fn exchange(&mut self, request: ExchangeRequest) -> Reply {
        self.exchanges += 1;
        if let Some(gone) = request.gone.filter(|gone| gone.after == self.acked) {
            self.acked = gone.until;
            self.gone.push(gone);
        }
        if request.events.first().is_some_and(|event| event.seq > self.acked + 1) {
            return Reply::problem(
                409,
                "exchange.gap",
                "Events are missing",
                "The agent asks where the server stands.",
            );
        }
        for event in &request.events {
            if event.seq == self.acked + 1 {
                self.acked = event.seq;
                self.kept.push(event.clone());
            }
        }
        self.last = Some(request);
        let next_ms = if self.next_ms == 0 { 3_600_000 } else { self.next_ms };
        Reply::json(&ExchangeResponse { acked_seq: self.acked, orders: self.waiting(), next_ms })
    }

    fn waiting(&self) -> Vec<SignedOrder> {
        let ended = self.ended();
        let id_of = |signed: &SignedOrder| {
            let json = STANDARD_NO_PAD.decode(&signed.body).ok()?;
            serde_json::from_slice::<Order>(&json).ok().map(|order| order.id)
        };
        let waits = |signed: &&SignedOrder| self.forgetful || !ended.iter().any(|(id, ..)| Some(*id) == id_of(signed));
        self.orders.iter().filter(waits).cloned().collect()
    }

    /// How orders ended, as told.
    pub(crate) fn ended(&self) -> Vec<(OrderId, OrderOutcome, String)> {
        self.kept
            .iter()
            .filter_map(|event| match &event.body {
                EventBody::OrderEnded { order, outcome, note } => Some((*order, *outcome, note.clone())),
                _ => None,
            })
            .collect()
    }
}

/// A server whose answers a test can replace, with a sound brain behind.
pub(crate) struct Stage {
    pub(crate) authority: Arc<Authority>,
    pub(crate) brain: Arc<Mutex<Brain>>,
    pub(crate) server: Server,
}

impl Stage {
    /// `twist` sees each exchange first; `None` lets the brain answer.
    pub(crate) fn new(twist: impl Fn(&ExchangeRequest, &mut Brain) -> Option<Reply> + Send + Sync + 'static) -> Self {
        Self::with(twist, |_, _| Reply::problem(404, "wire.no_such_call", "No such call", "An old server."))
    }

    /// A sound server that answers a request for a fresh certificate so.
    pub(crate) fn that_renews(renew: impl Fn(&Authority, &RenewRequest) -> Reply + Send + Sync + 'static) -> Self {
        Self::with(|_, _| None, renew)
    }

    fn with(
        twist: impl Fn(&ExchangeRequest, &mut Brain) -> Option<Reply> + Send + Sync + 'static,
        renew: impl Fn(&Authority, &RenewRequest) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let authority = Arc::new(Authority::new());
        let brain = Arc::new(Mutex::new(Brain::default()));
        let (inner, signer) = (Arc::clone(&brain), Arc::clone(&authority));
        let server =
            Server::start(authority.server_tls("localhost", true), move |call: Call| match call.path.as_str() {
                "/agent/v1/exchange" => {
                    let request: ExchangeRequest = serde_json::from_slice(&call.body).unwrap();
                    assert!(call.body.len() <= 900 * 1024 && request.events.len() <= 256);
                    let mut brain = inner.lock().unwrap();
                    twist(&request, &mut brain).unwrap_or_else(|| brain.exchange(request))
                }
                "/agent/v1/renew" => renew(&signer, &serde_json::from_slice(&call.body).unwrap()),
                "/agent/v1/wake" => Reply::Stream,
                other => Reply::problem(404, "none", "No such page", other),
            });
        Self { authority, brain, server }
    }

    pub(crate) fn sound() -> Self {
        Self::new(|_, _| None)
    }

    pub(crate) fn brain(&self) -> std::sync::MutexGuard<'_, Brain> {
        self.brain.lock().unwrap()
    }

    /// The policy that the device keeps, if its server signed it.
    pub(crate) fn kept_policy(&self, state: &Path) -> Policy {
        let held = Held::load(&StateDir::existing(state)).unwrap().unwrap();
        assert!(matches!(held, Held::Signed { .. }), "{held:?}");
        held.proven(&self.authority.identity(&self.server.address, DEVICE)).unwrap()
    }

    /// Gives an order for the device, valid for an hour.
    pub(crate) fn order(&self, n: u64, kind: OrderKind) -> SignedOrder {
        order(&self.authority, n, DEVICE, NOW + 3_600, kind)
    }
}

pub(crate) fn order(authority: &Authority, n: u64, device: &str, until: i64, kind: OrderKind) -> SignedOrder {
    let order = Order {
        id: order_id(n),
        device: device.parse().unwrap(),
        issued_at: Timestamp::from_micros(1),
        expires_at: Timestamp::from_micros(until * 1_000_000),
        order: kind,
    };
    SignedOrder::sign(&order, &authority.order_key).unwrap()
}

pub(crate) fn order_id(n: u64) -> OrderId {
    format!("00000000-0000-7000-8000-{n:012}").parse().unwrap()
}

pub(crate) fn scan(folder: &str) -> OrderKind {
    OrderKind::Scan { folders: vec![folder.to_owned()] }
}

/// Counts what it is told to do. A folder called `/fail` cannot be scanned.
#[derive(Default)]
pub(crate) struct Counting {
    pub(crate) done: Mutex<Vec<OrderKind>>,
    /// What it says beyond that it is not root.
    pub(crate) note: Mutex<String>,
}

impl Duty for Counting {
    fn carry_out(&self, order: &OrderKind) -> Result<String, String> {
        self.done.lock().unwrap().push(order.clone());
        match order {
            OrderKind::Scan { folders } if folders.iter().any(|folder| folder == "/fail") => {
                Err("there is no such folder".to_owned())
            }
            OrderKind::ApplyPolicy { policy } if policy.scan_folders.iter().any(|folder| folder == "/fail") => {
                Err("this policy cannot be followed".to_owned())
            }
            _ => Ok("done".to_owned()),
        }
    }

    fn coverage(&self) -> (Coverage, String) {
        (Coverage::Detecting, format!("not root{}", self.note.lock().unwrap()))
    }

    fn policy_version(&self) -> u64 {
        4
    }
}

/// A device whose link runs on its own thread until this is dropped.
pub(crate) struct Device {
    pub(crate) dir: tempfile::TempDir,
    pub(crate) spool: Arc<Spool>,
    pub(crate) duty: Arc<Counting>,
    pub(crate) clock: Arc<Hand>,
    stop: Option<tokio::sync::oneshot::Sender<()>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Device {
    pub(crate) fn start(stage: &Stage) -> Self {
        Self::in_folder(stage.authority.identity(&stage.server.address, DEVICE), tempfile::tempdir().unwrap())
    }

    pub(crate) fn in_folder(identity: Identity, dir: tempfile::TempDir) -> Self {
        let state = StateDir::open(dir.path()).unwrap();
        let clock = Hand::at(NOW);
        let settings = SpoolSettings::in_folder(dir.path().join("spool"));
        let spool = Spool::open(settings, Arc::new(RealDisk), Arc::<Hand>::clone(&clock), &Seeded::new(3)).unwrap();
        let spool = Arc::new(spool);
        let duty = Arc::new(Counting::default());
        let parts = LinkParts {
            identity,
            journal: Journal::open(state.file("orders"), Arc::new(RealDisk)).unwrap(),
            state,
            spool: Arc::clone(&spool),
            duty: Arc::<Counting>::clone(&duty),
            clock: Arc::<Hand>::clone(&clock) as Arc<dyn Clock>,
            chance: Arc::new(Seeded::new(8)),
            waits: LinkWaits {
                first: Duration::from_millis(10),
                most: Duration::from_millis(100),
                revoked: Duration::from_secs(3_600),
                look: Duration::from_millis(10),
                dead_wake: Duration::from_secs(3_600),
            },
        };
        let link = Link::new(parts).unwrap();
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                tokio::select! {
                    () = link.drive() => {}
                    _ = stopped => {}
                }
            });
        });
        Self { dir, spool, duty, clock, stop: Some(stop), thread: Some(thread) }
    }

    pub(crate) fn trouble(&self) -> String {
        Contact::load(&StateDir::existing(self.dir.path())).map(|contact| contact.trouble).unwrap_or_default()
    }

    /// Ends the link as a restart does and gives the folder for the next life.
    pub(crate) fn stop(mut self) -> tempfile::TempDir {
        self.end();
        std::mem::replace(&mut self.dir, tempfile::tempdir().unwrap())
    }

    fn end(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
    }
}

impl Drop for Device {
    fn drop(&mut self) {
        self.end();
    }
}

/// Waits until `true`; a test that waits in vain fails with `what`.
pub(crate) fn until(what: &str, mut condition: impl FnMut() -> bool) {
    for _ in 0..6_000 {
        if condition() {
            return;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    panic!("waited in vain until {what}");
}

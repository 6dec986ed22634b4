//! Orders over a disk whose power is cut: each is carried out once and answered once, and nothing found is lost.

mod link_stage;

use baluardo_agent::duty::Duty;
use baluardo_agent::identity::saved::Identity;
use baluardo_agent::identity::state_dir::StateDir;
use baluardo_agent::link::journal::{Ended, Journal, Key};
use baluardo_agent::link::orders::{Orders, Received};
use baluardo_agent::spool::Spool;
use baluardo_agent::spool::disk::{RealDisk, SpoolDisk};
use baluardo_model::Timestamp;
use baluardo_model::fleet::{Coverage, OrderKind, OrderOutcome};
use baluardo_model::protection::Severity;
use baluardo_wire::exchange::{Event, EventBody};
use baluardo_wire::order::SignedOrder;
use link_stage::authority::Authority;
use link_stage::brain::{DEVICE, NOW, order, order_id, scan};
use link_stage::{BadDisk, Hand, Seeded, finding, small, word};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, Mutex};

/// The world outside the process: it outlives every cut.
struct World {
    orders: Vec<SignedOrder>,
    /// The orders that each life began, in turn.
    begun: Arc<Mutex<Vec<Vec<String>>>>,
    server: Vec<Event>,
    /// Findings that the spool confirmed.
    confirmed: Vec<String>,
}

struct Begins(Arc<Mutex<Vec<Vec<String>>>>);

impl Duty for Begins {
    fn carry_out(&self, order: &OrderKind) -> Result<String, String> {
        if let OrderKind::Scan { folders } = order {
            self.0.lock().unwrap().last_mut().unwrap().push(folders[0].clone());
        }
        Ok(String::new())
    }

    fn coverage(&self) -> (Coverage, String) {
        (Coverage::None, String::new())
    }

    fn policy_version(&self) -> u64 {
        1
    }
}

impl World {
    fn new(authority: &Authority, count: u64) -> Self {
        let orders = (1..=count)
            .map(|n| match n % 4 {
                0 => order(authority, n, DEVICE, NOW - 9, scan(&format!("/late{n}"))),
                _ => order(authority, n, DEVICE, NOW + 9, scan(&format!("/{n}"))),
            })
            .collect();
        Self { orders, begun: Arc::default(), server: Vec::new(), confirmed: Vec::new() }
    }

    fn answered(&self) -> Vec<String> {
        self.server
            .iter()
            .filter_map(|event| match &event.body {
                EventBody::OrderEnded { order, outcome, .. } => Some(format!("{order} {outcome:?}")),
                _ => None,
            })
            .collect()
    }

    /// One life of the agent on `disk`, until its power is gone or everything is done. Errors end nothing: the agent goes
    /// on and tries again, as the real one does.
    fn live(&mut self, dir: &Path, identity: &Identity, disk: &Arc<BadDisk>, chance: &Seeded, tag: &str) {
        self.begun.lock().unwrap().push(Vec::new());
        let disk_face: Arc<dyn SpoolDisk> = Arc::<BadDisk>::clone(disk);
        let Ok(spool) = Spool::open(small(dir), Arc::clone(&disk_face), Hand::at(NOW), chance) else { return };
        let spool = Arc::new(spool);
        let Ok(journal) = Journal::open(dir.join("orders"), disk_face) else { return };
        let duty = Arc::new(Begins(Arc::clone(&self.begun)));
        let state = StateDir::open(dir).unwrap();
        let Ok(orders) = Orders::new(identity, state, Hand::at(NOW), Arc::clone(&spool), duty, journal) else {
            return;
        };
        for step in 0..60 {
            if disk.is_dead() {
                return;
            }
            if chance.below(3) == 0 {
                let text = format!("{tag}-{step}");
                if spool.append(&finding(&text, Severity::Low)).is_ok() {
                    self.confirmed.push(text);
                }
            }
            self.exchange(&spool, &orders);
        }
    }

    fn exchange(&mut self, spool: &Spool, orders: &Orders) {
        let _ = orders.tell_untold();
        let Ok(batch) = orders.batch(7, usize::MAX) else { return };
        let before = spool.standing().acked;
        for event in batch {
            let next = self.server.len() as u64 + 1;
            assert!(event.seq <= next, "a gap before {}", event.seq);
            if event.seq == next {
                self.server.push(event);
            }
        }
        let answered: BTreeSet<String> =
            self.answered().iter().filter_map(|line| line.split(' ').next().map(str::to_owned)).collect();
        let waiting: Vec<SignedOrder> = (1..)
            .zip(&self.orders)
            .filter(|(n, _)| !answered.contains(&order_id(*n).to_string()))
            .map(|(_, signed)| signed.clone())
            .collect();
        let _ = spool.ack(self.server.len() as u64);
        for signed in waiting.iter().take(3) {
            if let Ok(Received::New(order)) = orders.receive(signed, before) {
                let _ = orders.carry_out(&order);
            }
        }
    }
}

#[test]
fn five_hundred_cuts_of_power_leave_every_order_done_once_and_answered_once() {
    let authority = Authority::new();
    let identity = authority.identity("localhost:1", DEVICE);
    let mut cuts = 0;
    for seed in 0..50 {
        let dir = tempfile::tempdir().unwrap();
        let mut world = World::new(&authority, 12);
        for life in 0..10 {
            let chance = Seeded::new(seed * 100 + life);
            let disk = BadDisk::new(1 + chance.below(50), seed * 31 + life);
            world.live(dir.path(), &identity, &disk, &chance, &format!("s{seed}l{life}"));
            cuts += 1;
        }
        world.live(dir.path(), &identity, &BadDisk::sound(), &Seeded::new(seed), &format!("s{seed}end"));
        let mut answered = world.answered();
        answered.sort();
        let expected: Vec<String> =
            (1..=12).map(|n| format!("{} {}", order_id(n), if n % 4 == 0 { "Refused" } else { "Done" })).collect();
        assert_eq!(answered, expected, "seed {seed}: each order is answered once");
        assert_begun_once(&world.begun.lock().unwrap(), seed);
        let told: Vec<&str> = world
            .server
            .iter()
            .filter(|event| matches!(event.body, EventBody::Finding { .. }))
            .map(|event| word(&event.body))
            .collect();
        assert_eq!(told.iter().collect::<BTreeSet<_>>().len(), told.len(), "seed {seed}: a finding came twice");
        for text in &world.confirmed {
            assert!(told.contains(&text.as_str()), "seed {seed}: {text} is lost");
        }
    }
    assert_eq!(cuts, 500);
}

/// Every order in time was begun; one was begun again only if the power went while it was under way, so that it was the
/// last of its life. (The duty bears that: an order a second time changes nothing.)
fn assert_begun_once(lives: &[Vec<String>], seed: u64) {
    let mut ended = BTreeSet::new();
    let mut begun = BTreeSet::new();
    for life in lives {
        for (place, order) in life.iter().enumerate() {
            assert!(!ended.contains(order), "seed {seed}: {order} was begun again after it had ended");
            begun.insert(order.clone());
            if place + 1 < life.len() {
                ended.insert(order.clone());
            }
        }
    }
    assert_eq!(begun.len(), 9, "seed {seed}: {begun:?}");
}

#[test]
fn without_room_for_its_outcome_no_order_is_carried_out() {
    let authority = Authority::new();
    let identity = authority.identity("localhost:1", DEVICE);
    let dir = tempfile::tempdir().unwrap();
    let disk = BadDisk::sound();
    let state = StateDir::open(dir.path()).unwrap();
    let spool = Arc::new(Spool::open(small(dir.path()), Arc::new(RealDisk), Hand::at(NOW), &Seeded::new(1)).unwrap());
    let journal = Journal::open(dir.path().join("orders"), Arc::<BadDisk>::clone(&disk)).unwrap();
    let begun = Arc::new(Mutex::new(vec![Vec::new()]));
    let duty = Arc::new(Begins(Arc::clone(&begun)));
    let orders = Orders::new(&identity, state, Hand::at(NOW), spool, duty, journal).unwrap();
    let count = || begun.lock().unwrap()[0].len();
    let give = |n: u64| {
        let signed = order(&authority, n, DEVICE, NOW + 9, scan(&format!("/{n}")));
        match orders.receive(&signed, 0).unwrap() {
            Received::New(order) => orders.carry_out(&order),
            Received::Settled => panic!("order {n} is new"),
        }
    };
    disk.set_full(true);
    // The room that the journal took beforehand serves for a while.
    let refused = (1..2_000).find(|n| {
        let before = count();
        let result = give(*n);
        assert!(result.is_err() || count() == before + 1);
        count() == before
    });
    let refused = refused.expect("the journal's room ends");
    assert!(refused > 10, "{refused}");
    disk.set_full(false);
    give(refused).unwrap();
    assert_eq!(count() as u64, refused);
}

#[test]
fn many_orders_make_the_journal_anew_and_only_old_ones_are_forgotten() {
    let dir = tempfile::tempdir().unwrap();
    let mut journal = Journal::open(dir.path().join("orders"), BadDisk::sound()).unwrap();
    let late = Timestamp::from_micros(1_000);
    for n in 0..1_500 {
        journal.make_room(late).unwrap();
        let ended = Ended {
            order: order_id(n),
            outcome: OrderOutcome::Done,
            note: String::new(),
            expires_at: Timestamp::from_micros(100),
            told: None,
        };
        journal.ended(Key::Order(order_id(n)), ended).unwrap();
        if n != 3 {
            journal.told(Key::Order(order_id(n)), n).unwrap();
        }
    }
    assert!(journal.get(&Key::Order(order_id(0))).is_none());
    assert!(journal.get(&Key::Order(order_id(3))).is_some(), "an order that was not told is never forgotten");
    assert!((600..1_500).all(|n| journal.get(&Key::Order(order_id(n))).is_some()));
}

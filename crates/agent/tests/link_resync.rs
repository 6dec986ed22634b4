//! A server that was put back from a backup: what the disk still has is sent again under its old numbers, what is gone is
//! said, and orders are neither lost nor done twice.

mod link_stage;

use baluardo_model::Timestamp;
use baluardo_model::fleet::{Order, OrderKind, OrderOutcome, Policy};
use baluardo_model::protection::Severity;
use baluardo_wire::exchange::{EventBody, Gone};
use baluardo_wire::order::SignedOrder;
use link_stage::brain::{Brain, DEVICE, Device, NOW, Stage, order_id, scan, until};
use link_stage::server::Reply;
use link_stage::{finding, word};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

fn words(brain: &Brain) -> Vec<String> {
    let words = brain.kept.iter().filter(|event| matches!(event.body, EventBody::Finding { .. }));
    words.map(|event| word(&event.body).trim_end_matches('x').to_owned()).collect()
}

/// Puts the server back to what it knew after event `acked`.
fn put_back(stage: &Stage, acked: u64) {
    let mut brain = stage.brain();
    brain.acked = acked;
    brain.kept.retain(|event| event.seq <= acked);
}

/// Events so large that each fills a segment of its own, of which only the newest stays once the server has all.
fn tell_large(device: &Device, count: u64) {
    for n in 0..count {
        device.spool.append(&finding(&format!("e{n}{}", "x".repeat(300_000)), Severity::High)).unwrap();
    }
    until("all are there", || device.spool.standing().backlog() == 0);
}

#[test]
fn a_server_put_back_to_an_older_state_gets_the_rest_without_a_gap() {
    let stage = Stage::sound();
    stage.brain().next_ms = 100;
    let device = Device::start(&stage);
    for n in 0..30 {
        device.spool.append(&finding(&format!("e{n}"), Severity::High)).unwrap();
    }
    until("all are there", || device.spool.standing().backlog() == 0);
    {
        let mut brain = stage.brain();
        brain.acked = 10;
        brain.kept.truncate(10);
    }
    device.spool.append(&finding("new", Severity::High)).unwrap();
    until("the server has all again", || stage.brain().kept.len() == 31);
    assert_eq!(words(&stage.brain())[29..], ["e29".to_owned(), "new".to_owned()]);
}

#[test]
fn a_quiet_computer_notices_at_its_next_call_that_the_server_was_put_back() {
    let stage = Stage::sound();
    stage.brain().next_ms = 100;
    let device = Device::start(&stage);
    for n in 0..5 {
        device.spool.append(&finding(&format!("e{n}"), Severity::High)).unwrap();
    }
    until("all are there", || device.spool.standing().backlog() == 0);
    put_back(&stage, 2);
    until("the server has all again", || words(&stage.brain()) == ["e0", "e1", "e2", "e3", "e4"]);
    assert!(stage.brain().gone.is_empty());
}

#[test]
fn what_is_no_longer_on_the_disk_is_said_to_be_gone_and_the_rest_keeps_its_numbers() {
    let stage = Stage::sound();
    stage.brain().next_ms = 100;
    let device = Device::start(&stage);
    tell_large(&device, 6);
    put_back(&stage, 2);
    until("the rest is there again", || stage.brain().acked == 6);
    assert_eq!(stage.brain().gone, [Gone { after: 2, until: 5 }]);
    device.spool.append(&finding("new", Severity::High)).unwrap();
    until("new ones arrive", || stage.brain().acked == 7);
    assert_eq!(words(&stage.brain()), ["e0", "e1", "e5", "new"]);
    until("nothing waits", || device.spool.standing().backlog() == 0);
    assert_eq!(stage.brain().gone.len(), 1, "it is said once");
}

#[test]
fn a_computer_that_dies_before_the_server_heard_what_is_gone_says_it_in_its_next_life() {
    let deaf = Arc::new(AtomicBool::new(true));
    let inner = Arc::clone(&deaf);
    let stage = Stage::new(move |request, brain| {
        let refuses = request.gone.is_some() && inner.load(Ordering::SeqCst);
        brain.exchanges += u64::from(refuses);
        refuses.then(|| Reply::problem(503, "busy", "Busy", "Later."))
    });
    stage.brain().next_ms = 100;
    let device = Device::start(&stage);
    tell_large(&device, 4);
    put_back(&stage, 1);
    let seen = stage.brain().exchanges;
    until("it was said in vain", || stage.brain().exchanges > seen + 3 && device.trouble().contains("Busy"));
    let dir = device.stop();
    deaf.store(false, Ordering::SeqCst);
    let device = Device::in_folder(stage.authority.identity(&stage.server.address, DEVICE), dir);
    until("it is heard", || stage.brain().acked == 4);
    assert_eq!(stage.brain().gone, [Gone { after: 1, until: 3 }]);
    assert_eq!(words(&stage.brain()), ["e0", "e3"]);
    until("nothing waits", || device.spool.standing().backlog() == 0);
}

#[test]
fn an_order_whose_end_the_server_forgot_is_told_again_and_not_done_again() {
    let stage = Stage::sound();
    stage.brain().next_ms = 100;
    stage.brain().orders.push(stage.order(1, scan("/srv")));
    let device = Device::start(&stage);
    until("it is answered", || stage.brain().ended().len() == 1);
    tell_large(&device, 3);
    // The answer was the first event, and its segment is gone from the disk.
    put_back(&stage, 0);
    until("it is answered again", || stage.brain().ended().len() == 1 && stage.brain().acked > 4);
    assert_eq!(stage.brain().ended()[0].0, order_id(1));
    assert_eq!(*device.duty.done.lock().unwrap(), [scan("/srv")]);
    assert_eq!(stage.brain().gone[0].after, 0);
}

#[test]
fn a_policy_that_was_ordered_later_is_followed_though_a_server_put_back_gave_it_a_lower_number() {
    let stage = Stage::sound();
    stage.brain().next_ms = 100;
    let policy = |n: u64, issued: i64, version: u64, folder: &str| {
        let policy = Policy { version, scan_folders: vec![folder.to_owned()], ..Policy::starting() };
        let order = Order {
            id: order_id(n),
            device: DEVICE.parse().unwrap(),
            issued_at: Timestamp::from_micros(issued),
            expires_at: Timestamp::from_micros((NOW + 3_600) * 1_000_000),
            order: OrderKind::ApplyPolicy { policy: Box::new(policy) },
        };
        SignedOrder::sign(&order, &stage.authority.order_key).unwrap()
    };
    stage.brain().orders =
        vec![policy(1, 50, 9, "/nine"), policy(2, 40, 3, "/old-three"), policy(3, 60, 4, "/new-four")];
    let device = Device::start(&stage);
    until("all are answered", || stage.brain().ended().len() == 3);
    assert!(stage.brain().ended().iter().all(|(_, outcome, _)| *outcome == OrderOutcome::Done));
    assert!(stage.brain().ended()[1].2.contains("already followed"));
    assert_eq!(stage.kept_policy(device.dir.path()).scan_folders, ["/new-four"]);
    assert_eq!(device.duty.done.lock().unwrap().len(), 2, "the old one was not followed in between");
}

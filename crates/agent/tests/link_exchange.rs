//! The exchange against a server that is sound, dies, lies or babbles: nothing is lost, nothing is done twice.

mod link_stage;

use baluardo_model::fleet::{OrderKind, OrderOutcome, Policy};
use baluardo_model::protection::Severity;
use baluardo_wire::exchange::ExchangeResponse;
use baluardo_wire::order::SignedOrder;
use baluardo_wire::wake::{BEAT, WAKE};
use link_stage::brain::{Brain, DEVICE, Device, NOW, Stage, order, order_id, scan, until};
use link_stage::server::Reply;
use link_stage::{finding, word};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

fn words(brain: &Brain) -> Vec<String> {
    brain.kept.iter().map(|event| word(&event.body).to_owned()).collect()
}

#[test]
fn findings_reach_the_server_at_once_in_order_and_are_forgotten() {
    let stage = Stage::sound();
    let device = Device::start(&stage);
    until("the first exchange", || stage.brain().exchanges > 0);
    // The server said: come back in an hour. A finding does not wait for that.
    for n in 0..700 {
        device.spool.append(&finding(&format!("e{n}"), Severity::High)).unwrap();
    }
    until("all findings are there", || stage.brain().kept.len() == 700);
    assert_eq!(words(&stage.brain()), (0..700).map(|n| format!("e{n}")).collect::<Vec<_>>());
    until("they are forgotten", || device.spool.standing().backlog() == 0);
    let brain = stage.brain();
    let status = &brain.last.as_ref().unwrap().status;
    assert_eq!((status.policy_version, status.coverage_note.as_str()), (4, "not root"));
}

#[test]
fn a_server_killed_between_receiving_and_acknowledging_gets_it_again_and_keeps_it_once() {
    let turn = AtomicU64::new(0);
    let stage = Stage::new(move |request, brain| {
        // Every other message is kept, and the line dies before the answer.
        turn.fetch_add(1, Ordering::SeqCst).is_multiple_of(2).then(|| {
            drop(brain.exchange(request.clone()));
            Reply::Silence
        })
    });
    let device = Device::start(&stage);
    for n in 0..40 {
        device.spool.append(&finding(&format!("e{n}"), Severity::High)).unwrap();
    }
    until("nothing waits", || device.spool.standing().backlog() == 0);
    assert_eq!(words(&stage.brain()), (0..40).map(|n| format!("e{n}")).collect::<Vec<_>>());
}

#[test]
fn a_device_that_is_otherwise_than_it_said_says_so_at_once_but_counts_nothing_aloud() {
    let stage = Stage::sound();
    let device = Device::start(&stage);
    let note = |text: &str| text.clone_into(&mut device.duty.note.lock().unwrap());
    let last = || stage.brain().last.as_ref().map(|last| last.status.coverage_note.clone()).unwrap_or_default();
    until("the line is open", || stage.server.streams.load(Ordering::SeqCst) == 1);
    until("both first exchanges are over", || stage.brain().exchanges == 2);
    // The server said: come back in an hour.
    note("; the vault is being filled: 1 of 90 documents");
    until("it is told", || last().ends_with("1 of 90 documents"));
    for n in 2..90 {
        note(&format!("; the vault is being filled: {n} of 90 documents"));
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    assert_eq!(stage.brain().exchanges, 3, "a figure alone is not worth a call");
    note("");
    until("the end is told", || last() == "not root");
    assert_eq!(stage.brain().exchanges, 4);
}

#[test]
fn large_events_go_in_several_messages() {
    let stage = Stage::sound();
    let device = Device::start(&stage);
    for n in 0..6 {
        device.spool.append(&finding(&format!("{n}{}", "x".repeat(300_000)), Severity::High)).unwrap();
    }
    until("all are there", || stage.brain().kept.len() == 6);
}

#[test]
fn senseless_answers_are_told_and_lose_nothing() {
    let raw = |body: &[u8]| {
        let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len());
        [head.as_bytes(), body].concat()
    };
    let endless = [b"HTTP/1.1 200 OK\r\n\r\n".to_vec(), vec![b' '; 3 * 1024 * 1024]].concat();
    let cases: Vec<(&str, Vec<u8>)> = vec![
        ("longer than", b"HTTP/1.1 200 OK\r\ncontent-length: 99999999\r\n\r\n{".to_vec()),
        ("longer than", endless),
        ("broke", b"HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{\"acked_seq\":1,".to_vec()),
        ("not UTF-8", raw(b"{\"acked_seq\":\xff\xfe}")),
        ("cannot be understood", raw(b"[1,2,3]")),
        ("cannot be understood", raw(b"{\"acked_seq\":-1,\"orders\":[],\"next_ms\":1}")),
        ("cannot be understood", raw(b"")),
        ("cannot be understood", b"SSH-2.0-OpenSSH_9.2\r\n".to_vec()),
        ("status 502", b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 6\r\n\r\n<html>".to_vec()),
    ];
    for (what, bytes) in cases {
        let bad = Arc::new(AtomicU64::new(1));
        let inner = Arc::clone(&bad);
        let stage = Stage::new(move |_, brain| {
            brain.exchanges += 1;
            (inner.load(Ordering::SeqCst) == 1).then(|| Reply::Raw(bytes.clone()))
        });
        let device = Device::start(&stage);
        device.spool.append(&finding("precious", Severity::High)).unwrap();
        until(&format!("the trouble is told as: {what}"), || device.trouble().contains(what));
        assert_eq!(device.spool.standing().backlog(), 1);
        bad.store(0, Ordering::SeqCst);
        until("it arrives", || device.spool.standing().backlog() == 0);
        assert_eq!(words(&stage.brain()), ["precious"]);
        until("the trouble is over", || device.trouble().is_empty());
    }
}

#[test]
fn the_wake_up_line_brings_an_order_at_once() {
    let stage = Stage::sound();
    let device = Device::start(&stage);
    until("the line is open", || stage.server.streams.load(Ordering::SeqCst) == 1);
    // One at the start and one because the line is open; from here on only a word can bring the next.
    until("both first exchanges are over", || stage.brain().exchanges == 2);
    stage.server.say(BEAT);
    stage.brain().orders.push(stage.order(1, scan("/srv")));
    stage.server.say(WAKE);
    until("the order is answered", || stage.brain().ended().len() == 1);
    assert_eq!(stage.brain().ended(), [(order_id(1), OrderOutcome::Done, "done".to_owned())]);
    assert_eq!(*device.duty.done.lock().unwrap(), [scan("/srv")]);
}

#[test]
fn a_wake_up_line_that_breaks_or_babbles_comes_back() {
    let stage = Stage::sound();
    let _device = Device::start(&stage);
    until("the line is open", || stage.server.streams.load(Ordering::SeqCst) == 1);
    stage.server.say("what is this\n");
    until("a fresh line is open", || stage.server.streams.load(Ordering::SeqCst) == 2);
    stage.server.say("a line without an end, longer than any word of the protocol could be, and so on");
    until("a fresh line is open", || stage.server.streams.load(Ordering::SeqCst) == 3);
}

#[test]
fn a_replayed_order_is_done_once_and_answered_again_only_if_the_server_forgot() {
    let stage = Stage::sound();
    stage.brain().next_ms = 100;
    stage.brain().forgetful = true;
    stage.brain().orders.push(stage.order(1, scan("/srv")));
    let device = Device::start(&stage);
    until("it is answered", || !stage.brain().ended().is_empty());
    // The server still sends the order, as one that was put back to an older state.
    until("it is answered again", || stage.brain().ended().len() > 1);
    stage.brain().orders.clear();
    let dir = device.stop();
    stage.brain().orders.push(stage.order(1, scan("/srv")));
    let count = stage.brain().ended().len();
    let device = Device::in_folder(stage.authority.identity(&stage.server.address, DEVICE), dir);
    until("it is answered after a restart", || stage.brain().ended().len() > count);
    assert!(device.duty.done.lock().unwrap().is_empty(), "it was done in the life before");
    assert!(stage.brain().ended().iter().all(|(_, outcome, _)| *outcome == OrderOutcome::Done));
}

#[test]
fn forged_foreign_and_late_orders_are_refused_and_told_once() {
    let stage = Stage::sound();
    stage.brain().next_ms = 100;
    stage.brain().forgetful = true;
    let forged = {
        let mut mixed = stage.order(1, scan("/forged"));
        mixed.signature = stage.order(9, scan("/other")).signature;
        mixed
    };
    let foreign = order(&stage.authority, 2, "00000000-0000-7000-8000-0000000000d2", NOW + 60, scan("/foreign"));
    let late = order(&stage.authority, 3, DEVICE, NOW - 60, scan("/late"));
    let garbage = SignedOrder { body: "%%%".to_owned(), signature: "?".to_owned() };
    stage.brain().orders = vec![garbage, forged, foreign, late];
    let device = Device::start(&stage);
    until("three refusals are told", || stage.brain().ended().len() >= 3);
    // The true order under the forged one's id is still carried out.
    stage.brain().orders.push(stage.order(1, scan("/true")));
    let seen = stage.brain().exchanges;
    until("a few exchanges more", || stage.brain().exchanges > seen + 3 && stage.brain().ended().len() >= 4);
    stage.brain().orders.clear();
    assert_eq!(*device.duty.done.lock().unwrap(), [scan("/true")]);
    let refused: Vec<_> = stage.brain().ended().into_iter().filter(|e| e.1 == OrderOutcome::Refused).collect();
    assert_eq!(refused.iter().map(|(id, ..)| *id).collect::<Vec<_>>(), [order_id(1), order_id(2), order_id(3)]);
    for ((.., note), word) in refused.iter().zip(["signature", "meant for device", "expired"]) {
        assert!(note.contains(word), "{note}");
    }
}

#[test]
fn an_order_that_fails_says_why() {
    let stage = Stage::sound();
    stage.brain().orders.push(stage.order(1, scan("/fail")));
    let _device = Device::start(&stage);
    until("it is answered", || !stage.brain().ended().is_empty());
    assert_eq!(stage.brain().ended()[0].1, OrderOutcome::Failed);
    assert_eq!(stage.brain().ended()[0].2, "there is no such folder");
}

#[test]
fn a_policy_is_on_disk_when_it_is_followed_and_a_bad_or_old_one_changes_nothing() {
    let stage = Stage::sound();
    let policy = |version, folder: &str| OrderKind::ApplyPolicy {
        policy: Box::new(Policy { version, scan_folders: vec![folder.to_owned()], ..Policy::starting() }),
    };
    stage.brain().next_ms = 100;
    stage.brain().orders =
        vec![stage.order(1, policy(5, "/five")), stage.order(2, policy(6, "/fail")), stage.order(3, policy(2, "/two"))];
    let device = Device::start(&stage);
    until("all are answered", || stage.brain().ended().len() >= 3);
    assert_eq!(stage.kept_policy(device.dir.path()).scan_folders, ["/five"]);
    let brain = stage.brain();
    let outcomes: Vec<_> = brain.ended().into_iter().map(|(_, outcome, _)| outcome).take(3).collect();
    assert_eq!(outcomes, [OrderOutcome::Done, OrderOutcome::Failed, OrderOutcome::Done]);
    assert!(brain.ended()[2].2.contains("already followed"));
    assert_eq!(device.duty.done.lock().unwrap().len(), 2);
}

#[test]
fn a_revoked_device_stops_asking_and_keeps_what_it_found() {
    let stage = Stage::new(|_, brain| {
        brain.exchanges += 1;
        Some(Reply::problem(403, "device.revoked", "This device was revoked", "Enrol it again."))
    });
    let device = Device::start(&stage);
    until("the trouble is told", || device.trouble().contains("revoked"));
    for n in 0..20 {
        device.spool.append(&finding(&format!("e{n}"), Severity::Critical)).unwrap();
    }
    stage.server.say(WAKE);
    until("the line was open", || stage.server.streams.load(Ordering::SeqCst) == 1);
    std::thread::sleep(std::time::Duration::from_millis(200));
    assert_eq!(stage.brain().exchanges, 1);
    assert_eq!(device.spool.standing().backlog(), 20);
}

#[test]
fn a_server_of_another_version_is_told_as_such() {
    let stage = Stage::new(|_, _| Some(Reply::problem(400, "wire.version", "Another version", "Update the agent.")));
    let device = Device::start(&stage);
    until("the trouble is told", || device.trouble().contains("Update the agent"));
}

#[test]
fn a_computer_put_back_to_an_older_state_still_delivers_everything() {
    let stage = Stage::sound();
    stage.brain().acked = 500;
    let device = Device::start(&stage);
    for n in 0..5 {
        device.spool.append(&finding(&format!("e{n}"), Severity::High)).unwrap();
    }
    until("all are there", || stage.brain().kept.len() == 5);
    assert_eq!(words(&stage.brain()), ["e0", "e1", "e2", "e3", "e4"]);
    until("nothing waits", || device.spool.standing().backlog() == 0);
}

#[test]
fn an_acknowledgement_of_what_was_never_sent_forgets_nothing() {
    let stage = Stage::new(|request, brain| {
        (brain.exchanges == 0 && !request.events.is_empty()).then(|| {
            brain.exchanges += 1;
            Reply::json(&ExchangeResponse { acked_seq: u64::MAX, orders: Vec::new(), next_ms: 100 })
        })
    });
    let device = Device::start(&stage);
    device.spool.append(&finding("precious", Severity::High)).unwrap();
    until("the lie was heard", || stage.brain().exchanges > 0);
    until("it arrives", || words(&stage.brain()) == ["precious"] || stage.brain().exchanges > 50);
    assert_eq!(words(&stage.brain()), ["precious"]);
}

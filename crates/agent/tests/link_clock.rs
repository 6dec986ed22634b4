//! The computer's clock jumps by two years, forward and back, while the agent speaks with its server.

mod link_stage;

use baluardo_model::fleet::OrderOutcome;
use baluardo_model::protection::Severity;
use baluardo_wire::exchange::EventBody;
use baluardo_wire::wake::WAKE;
use link_stage::brain::{DEVICE, Device, NOW, Stage, order, order_id, scan, until};
use link_stage::{finding, word};

const TWO_YEARS: i64 = 2 * 365 * 86_400;

/// The words of all findings that the server has, in its order.
fn told(stage: &Stage) -> Vec<String> {
    let brain = stage.brain();
    let findings = brain.kept.iter().filter(|event| matches!(event.body, EventBody::Finding { .. }));
    findings.map(|event| word(&event.body).to_owned()).collect()
}

#[test]
fn events_keep_their_numbers_and_their_order_through_jumps_of_two_years() {
    let stage = Stage::sound();
    stage.brain().next_ms = 100;
    let mut device = Device::start(&stage);
    let mut expected = Vec::new();
    for (round, jump) in [0, TWO_YEARS, 0, -TWO_YEARS, TWO_YEARS, 0].into_iter().enumerate() {
        device.clock.set(NOW + jump);
        for n in 0..5 {
            let text = format!("round {round} number {n}");
            device.spool.append(&finding(&text, Severity::High)).unwrap();
            expected.push(text);
        }
        // A restart under the wrong clock changes nothing either.
        if round % 2 == 1 {
            device = Device::in_folder(stage.authority.identity(&stage.server.address, DEVICE), device.stop());
            device.clock.set(NOW + jump);
        }
    }
    until("everything is told, once the clock is right", || told(&stage).len() >= expected.len());
    assert_eq!(told(&stage), expected);
    let numbers: Vec<u64> = stage.brain().kept.iter().map(|event| event.seq).collect();
    assert_eq!(numbers, (1..=numbers.len() as u64).collect::<Vec<_>>());
}

#[test]
fn an_order_is_done_once_and_a_late_one_refused_with_its_reason_through_jumps() {
    let stage = Stage::sound();
    stage.brain().next_ms = 100;
    stage.brain().forgetful = true;
    let device = Device::start(&stage);
    until("they speak", || stage.brain().exchanges > 0);
    // Within the life of the device's certificate, so that they go on speaking, and beyond that of the order.
    device.clock.set(NOW + 7_200);
    stage.brain().orders.push(order(&stage.authority, 1, DEVICE, NOW + 3_600, scan("/late")));
    stage.server.say(WAKE);
    until("the late one is refused", || stage.brain().ended().iter().any(|(id, ..)| *id == order_id(1)));
    // Nobody sends it any more when the clock is right again: by then it would not be late.
    stage.brain().orders.clear();
    let seen = stage.brain().exchanges;
    until("its last answer has arrived", || stage.brain().exchanges > seen + 1);
    device.clock.set(NOW);
    stage.brain().orders = vec![stage.order(2, scan("/once"))];
    stage.server.say(WAKE);
    until("the other one is done", || stage.brain().ended().iter().any(|(id, ..)| *id == order_id(2)));
    for jump in [TWO_YEARS, -TWO_YEARS, 60, 0] {
        device.clock.set(NOW + jump);
        stage.server.say(WAKE);
        device.spool.append(&finding(&format!("after {jump}"), Severity::High)).unwrap();
    }
    until("they speak again", || told(&stage).len() == 4);
    let ended = stage.brain().ended();
    let late = ended.iter().find(|(id, ..)| *id == order_id(1)).unwrap();
    assert_eq!(late.1, OrderOutcome::Refused);
    assert!(late.2.contains("expired"), "{}", late.2);
    assert_eq!(*device.duty.done.lock().unwrap(), [scan("/once")], "sent again and again, it is done once");
}

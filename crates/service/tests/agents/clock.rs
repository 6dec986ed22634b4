//! The server's clock jumps by two years, forward and back, in the middle of everything.

use crate::group_commit::all_findings;
use crate::world::{World, found, id, quarantined, stories};
use baluardo_model::fleet::OrderOutcome;
use baluardo_model::identity::Actor;
use baluardo_model::protection::QuarantineState;
use baluardo_model::{OrderId, Timestamp};
use baluardo_service::fleet;
use baluardo_service::protection::{self, QuarantineFilter};
use baluardo_wire::exchange::EventBody;
use baluardo_wire::order::OrderError;
use std::time::Duration;

const TWO_YEARS: Duration = Duration::from_secs(2 * 365 * 86_400);

/// Where the clock goes, one after the other.
fn jumps(right: Timestamp) -> [Timestamp; 6] {
    [right, right.plus(TWO_YEARS), right, right.minus(TWO_YEARS), right.plus(TWO_YEARS), right]
}

async fn state(world: &World) -> &'static str {
    let filter = QuarantineFilter::default();
    let rows = protection::list_quarantine(&world.house, &world.rtd, world.siena, &filter).await.unwrap();
    rows[0].state.code()
}

fn ended(order: OrderId) -> EventBody {
    EventBody::OrderEnded { order, outcome: OrderOutcome::Done, note: String::new() }
}

stories! {
    async fn jumps_of_two_years_leave_no_event_out_and_none_twice(world) {
        let mut agent = world.agent().await;
        let mut told = 0;
        for at in jumps(world.house.now()) {
            world.test.clock.set(at);
            for _ in 0..3 {
                told += 1;
                let event = agent.note(&world.house, found(told, at));
                assert_eq!(agent.send(&world.house, vec![event.clone()]).await.unwrap().acked_seq, told);
                // The answer was lost, the clock jumped, and it comes again.
                world.test.clock.set(at.plus(Duration::from_secs(told)));
                assert_eq!(agent.send(&world.house, vec![event]).await.unwrap().acked_seq, told);
            }
            fleet::flush_last_seen(&world.house).await.unwrap();
        }
        let mut all = all_findings(&world).await;
        all.sort();
        all.dedup();
        assert_eq!(all.len() as u64, told);
    }

    async fn a_late_order_is_refused_and_none_is_done_twice_however_the_clock_jumps(world) {
        let mut agent = world.agent().await;
        agent.tell(&world.house, quarantined(2, 1, world.house.now())).await;
        let right = world.house.now();
        let first = protection::release_quarantine(&world.house, &world.rtd, world.siena, id(2)).await.unwrap();
        let fetched = agent.call(&world.house).await;

        world.test.clock.set(right.plus(TWO_YEARS));
        let late = fetched.orders[0].open(&agent.enrolled.order_key, agent.device, world.house.now());
        assert_eq!(late, Err(OrderError::Expired), "the agent refuses it by the same clock, with this reason");
        assert!(agent.call(&world.house).await.orders.is_empty(), "and it is not sent any more");
        let second = protection::release_quarantine(&world.house, &world.rtd, world.siena, id(2)).await.unwrap();

        world.test.clock.set(right);
        let orders: Vec<OrderId> = agent.open(&world.house, &agent.call(&world.house).await).iter().map(|o| o.id).collect();
        assert_eq!(orders, [first, second], "both hold again");
        for order in [first, second, first] {
            agent.tell(&world.house, ended(order)).await;
        }
        assert_eq!(state(&world).await, QuarantineState::Released.code());
        world.test.clock.set(right.minus(TWO_YEARS));
        assert!(agent.call(&world.house).await.orders.is_empty(), "what ended is never sent again");
        let again = protection::release_quarantine(&world.house, &world.rtd, world.siena, id(2)).await;
        assert_eq!(again.unwrap_err().code(), "quarantine.gone");
        let acts = world.acts(world.siena).await;
        assert_eq!(acts.iter().filter(|act| *act == "order.ended").count(), 2);
    }

    async fn the_log_stays_whole_whatever_the_clock_says(world) {
        let agent = world.agent().await;
        for at in jumps(world.house.now()) {
            world.test.clock.set(at);
            world.secret().await;
            drop(fleet::order_scan(&world.house, &world.rtd, world.siena, agent.device, &[]).await);
        }
        let log = baluardo_service::audit::export_audit(&world.house, &Actor::Platform, world.siena).await.unwrap();
        baluardo_service::audit::check_chain(&log).unwrap();
        assert!(log.iter().zip(1..).all(|(line, seq)| line.seq == seq));
    }
}

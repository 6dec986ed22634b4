//! Orders down: signed, for one device, until they end.

use crate::world::{World, found, id, malware, quarantined, stories};
use baluardo_model::fleet::{OrderKind, OrderOutcome};
use baluardo_model::protection::QuarantineState;
use baluardo_model::{OrderId, QuarantineId};
use baluardo_service::fleet::{self};
use baluardo_service::protection::{self, QuarantineFilter};
use baluardo_wire::exchange::EventBody;
use baluardo_wire::order::OrderError;
use std::time::Duration;

fn ended(order: OrderId, outcome: OrderOutcome, note: &str) -> EventBody {
    EventBody::OrderEnded { order, outcome, note: note.to_owned() }
}

async fn state(world: &World) -> (&'static str, bool) {
    let filter = QuarantineFilter::default();
    let rows = protection::list_quarantine(&world.house, &world.rtd, world.siena, &filter).await.unwrap();
    (rows[0].state.code(), rows[0].pending.is_some())
}

stories! {
    async fn an_order_comes_again_until_its_agent_says_that_it_ended(world) {
        let mut agent = world.agent().await;
        let folders = ["/srv/condivisa".to_owned()];
        let order = fleet::order_scan(&world.house, &world.rtd, world.siena, agent.device, &folders).await.unwrap();
        for _ in 0..3 {
            let orders = agent.open(&world.house, &agent.call(&world.house).await);
            assert_eq!(orders.len(), 1);
            assert_eq!((orders[0].id, &orders[0].order), (order, &OrderKind::Scan { folders: folders.to_vec() }));
        }
        let twice = fleet::order_scan(&world.house, &world.rtd, world.siena, agent.device, &[]).await;
        assert_eq!(twice.unwrap_err().code(), "order.pending");
        assert!(agent.tell(&world.house, ended(order, OrderOutcome::Done, "3 files")).await.orders.is_empty());
        agent.tell(&world.house, ended(order, OrderOutcome::Failed, "said again")).await;
        let detail = fleet::get_device(&world.house, &world.rtd, world.siena, agent.device).await.unwrap();
        assert_eq!((detail.orders[0].outcome, detail.orders[0].note.as_str()), (Some(OrderOutcome::Done), "3 files"));
        assert_eq!(world.acts(world.siena).await.iter().filter(|act| *act == "order.ended").count(), 1);
        assert_eq!(world.refused(world.siena, "exchange.unknown_order").await, 0);
    }

    async fn an_order_that_is_given_after_an_answer_without_orders_comes_with_the_next(world) {
        let mut agent = world.agent().await;
        let now = world.house.now();
        for calls in 1..4 {
            // Once each way: an exchange without news and one with news may both say that there is nothing to do.
            assert!(agent.tell(&world.house, found(calls, now)).await.orders.is_empty());
            assert!(agent.call(&world.house).await.orders.is_empty());
            let folders = [format!("/srv/{calls}")];
            let order = fleet::order_scan(&world.house, &world.rtd, world.siena, agent.device, &folders).await.unwrap();
            assert_eq!(agent.open(&world.house, &agent.call(&world.house).await)[0].id, order);
            assert!(agent.tell(&world.house, ended(order, OrderOutcome::Done, "")).await.orders.is_empty());
        }
    }

    async fn an_order_is_for_one_device_and_has_an_end(world) {
        let (agent, other) = (world.agent().await, world.agent().await);
        fleet::order_scan(&world.house, &world.operator, world.siena, agent.device, &[]).await.unwrap();
        let answer = agent.call(&world.house).await;
        let key = &agent.enrolled.order_key;
        assert_eq!(key, &other.enrolled.order_key);
        let now = world.house.now();
        assert_eq!(answer.orders[0].open(key, other.device, now), Err(OrderError::ForeignDevice(agent.device)));
        let late = now.plus(Duration::from_secs(86_400));
        assert_eq!(answer.orders[0].open(key, agent.device, late), Err(OrderError::Expired));
        assert!(other.call(&world.house).await.orders.is_empty());
        world.test.clock.set(late);
        assert!(agent.call(&world.house).await.orders.is_empty(), "an expired order is not sent");
        fleet::order_scan(&world.house, &world.rtd, world.siena, agent.device, &[]).await.unwrap();
    }

    async fn many_orders_come_in_parts(world) {
        let mut agent = world.agent().await;
        let now = world.house.now();
        for n in 0..40 {
            agent.tell(&world.house, quarantined(100 + n, 1, now)).await;
            protection::delete_quarantine(&world.house, &world.rtd, world.siena, id(100 + n)).await.unwrap();
        }
        let answer = agent.call(&world.house).await;
        assert_eq!(answer.orders.len(), 32);
        assert!(answer.next_ms < 1_000);
        for order in agent.open(&world.house, &answer) {
            agent.tell(&world.house, ended(order.id, OrderOutcome::Done, "")).await;
        }
        assert_eq!(agent.call(&world.house).await.orders.len(), 8);
    }

    async fn a_released_file_is_released_when_its_agent_says_so(world) {
        let mut agent = world.agent().await;
        let now = world.house.now();
        agent.tell(&world.house, found(1, now)).await;
        agent.tell(&world.house, quarantined(2, 1, now)).await;
        let item: QuarantineId = id(2);
        let order = protection::release_quarantine(&world.house, &world.rtd, world.siena, item).await.unwrap();
        assert_eq!(state(&world).await, ("held", true));
        let twice = protection::delete_quarantine(&world.house, &world.rtd, world.siena, item).await;
        assert_eq!(twice.unwrap_err().code(), "order.pending");
        // It could not be done: it can be asked again.
        agent.tell(&world.house, ended(order, OrderOutcome::Failed, "disk full")).await;
        assert_eq!(state(&world).await, ("held", false));
        let order = protection::release_quarantine(&world.house, &world.operator, world.siena, item).await.unwrap();
        let orders = agent.open(&world.house, &agent.call(&world.house).await);
        assert_eq!(orders[0].order, OrderKind::ReleaseQuarantine { item });
        agent.tell(&world.house, ended(order, OrderOutcome::Done, "")).await;
        assert_eq!(state(&world).await, ("released", false));
        let gone = protection::delete_quarantine(&world.house, &world.rtd, world.siena, item).await;
        assert_eq!(gone.unwrap_err().code(), "quarantine.gone");
        let detail = protection::get_finding(&world.house, &world.rtd, world.siena, id(1)).await.unwrap();
        let outcomes: Vec<_> = detail.orders.iter().map(|order| order.outcome).collect();
        assert_eq!(outcomes, [Some(OrderOutcome::Failed), Some(OrderOutcome::Done)]);
        let acts = world.acts(world.siena).await;
        let told: Vec<&str> = acts.iter().map(String::as_str).skip_while(|act| !act.starts_with("quarantine")).collect();
        let round = ["quarantine.release_ordered", "order.ended"];
        assert_eq!(told, [round, round].concat());
    }

    async fn an_order_about_a_file_that_nobody_fetched_can_be_given_again(world) {
        let mut agent = world.agent().await;
        agent.tell(&world.house, quarantined(2, 1, world.house.now())).await;
        protection::delete_quarantine(&world.house, &world.rtd, world.siena, id(2)).await.unwrap();
        world.test.clock.advance(Duration::from_secs(7 * 86_400));
        assert_eq!(state(&world).await, ("held", false));
        protection::delete_quarantine(&world.house, &world.rtd, world.siena, id(2)).await.unwrap();
        let change = EventBody::QuarantineChanged { item: id(2), state: QuarantineState::Deleted };
        agent.tell(&world.house, change).await;
        assert_eq!(state(&world).await, ("deleted", false));
    }

    async fn a_revoked_device_takes_no_orders(world) {
        let mut agent = world.agent().await;
        let mut lost = malware(1, world.house.now());
        lost.files_lost = 2;
        agent.tell(&world.house, EventBody::Finding { finding: Box::new(lost) }).await;
        agent.tell(&world.house, quarantined(2, 1, world.house.now())).await;
        fleet::revoke_device(&world.house, &world.rtd, world.siena, agent.device).await.unwrap();
        let scan = fleet::order_scan(&world.house, &world.rtd, world.siena, agent.device, &[]).await;
        let release = protection::release_quarantine(&world.house, &world.rtd, world.siena, id(2)).await;
        let restore = protection::order_restore(&world.house, &world.rtd, world.siena, id(1)).await;
        for outcome in [scan, release, restore] {
            assert_eq!(outcome.unwrap_err().code(), "device.revoked");
        }
    }

    async fn files_that_were_lost_can_be_ordered_back(world) {
        let mut agent = world.agent().await;
        let now = world.house.now();
        agent.tell(&world.house, found(1, now)).await;
        let nothing = protection::order_restore(&world.house, &world.rtd, world.siena, id(1)).await;
        assert_eq!(nothing.unwrap_err().code(), "finding.nothing_lost");
        let mut lost = malware(1, now);
        lost.files_lost = 2;
        agent.tell(&world.house, EventBody::Finding { finding: Box::new(lost) }).await;
        let order = protection::order_restore(&world.house, &world.rtd, world.siena, id(1)).await.unwrap();
        let twice = protection::order_restore(&world.house, &world.rtd, world.siena, id(1)).await;
        assert_eq!(twice.unwrap_err().code(), "order.pending");
        let orders = agent.open(&world.house, &agent.call(&world.house).await);
        assert_eq!((orders[0].id, &orders[0].order), (order, &OrderKind::Restore { finding: id(1) }));
    }

    async fn an_order_wakes_its_device_and_no_other(world) {
        let (agent, other) = (world.agent().await, world.agent().await);
        let mut wait = fleet::wait_for_orders(&world.house, &agent.actor).await.unwrap();
        let mut others = fleet::wait_for_orders(&world.house, &other.actor).await.unwrap();
        let silence = Duration::from_millis(20);
        assert!(tokio::time::timeout(silence, wait.woken()).await.is_err());
        fleet::order_scan(&world.house, &world.rtd, world.siena, agent.device, &[]).await.unwrap();
        wait.woken().await.unwrap();
        assert!(tokio::time::timeout(silence, others.woken()).await.is_err());
        // Who comes after the order was given is woken at once.
        let mut late = fleet::wait_for_orders(&world.house, &agent.actor).await.unwrap();
        late.woken().await.unwrap();
    }
}

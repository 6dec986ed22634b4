//! Letting an agent go: its code, who may see it, the order that opens the door for an hour, and a policy that a device lost.

use crate::world::{id, stories};
use baluardo_model::fleet::{OrderKind, OrderOutcome};
use baluardo_model::identity::{Actor, Management, Role};
use baluardo_service::{fleet, identity};
use baluardo_wire::exchange::EventBody;
use std::time::Duration;

const HOUR: Duration = Duration::from_secs(3_600);

fn told(code: &str) -> EventBody {
    EventBody::StopCode { code: code.to_owned() }
}

stories! {
    async fn the_code_that_a_device_made_is_shown_to_who_may_let_it_go_and_each_look_is_a_line_of_the_log(world) {
        let mut agent = world.agent().await;
        let (house, siena) = (&world.house, world.siena);
        let none = fleet::see_stop_code(house, &world.rtd, siena, agent.device).await.unwrap();
        assert_eq!(none, None, "the device told none yet");
        agent.tell(house, told("K7QF-2M9T-XB4H")).await;
        for actor in [&world.rtd, &world.operator] {
            let seen = fleet::see_stop_code(house, actor, siena, agent.device).await.unwrap();
            assert_eq!(seen.as_deref(), Some("K7QF-2M9T-XB4H"));
        }
        agent.tell(house, told("AAAA-BBBB-CCCC")).await;
        let seen = fleet::see_stop_code(house, &world.rtd, siena, agent.device).await.unwrap();
        assert_eq!(seen.as_deref(), Some("AAAA-BBBB-CCCC"), "the next code takes the place of the one that was used");
        let acts = world.acts(siena).await;
        assert_eq!(acts.iter().filter(|act| *act == "stop_code.seen").count(), 3, "{acts:?}");
    }

    async fn the_code_lies_sealed_and_for_one_device_only(world) {
        let (mut agent, other) = (world.agent().await, world.agent().await);
        let (house, siena) = (&world.house, world.siena);
        agent.tell(house, told("K7QF-2M9T-XB4H")).await;
        let mut tx = world.test.store.write().await.unwrap();
        let act = baluardo_service::rights::Act::LetStop;
        let scope = baluardo_service::rights::tenant_scope(&mut tx, &world.rtd, act, siena).await.unwrap();
        let sealed = tx.tenant(scope).stop_code(agent.device).await.unwrap();
        assert!(!sealed.is_empty() && !sealed.contains("K7QF"), "{sealed}");
        tx.tenant(scope).set_stop_code(other.device, &sealed).await.unwrap();
        tx.commit().await.unwrap();
        let moved = fleet::see_stop_code(house, &world.rtd, siena, other.device).await;
        assert_eq!(moved.unwrap_err().code(), "internal", "what was sealed for one device opens for no other");
    }

    async fn neither_the_code_nor_the_order_is_for_strangers_readers_or_a_consortium_without_the_management(world) {
        let mut agent = world.agent().await;
        let (house, siena) = (&world.house, world.siena);
        agent.tell(house, told("K7QF-2M9T-XB4H")).await;
        let reader = Actor::Token { id: id(77), tenant: siena, role: Role::Rtd, scopes: vec!["devices.read".to_owned()] };
        for (actor, tenant, code) in [
            (&world.stranger, siena, "not_found"),
            (&world.stranger, world.lucca, "not_found"),
            (&world.rtd, world.lucca, "not_found"),
            (&reader, siena, "forbidden"),
        ] {
            let seen = fleet::see_stop_code(house, actor, tenant, agent.device).await;
            assert_eq!(seen.unwrap_err().code(), code, "{actor:?}");
            let allowed = fleet::allow_stop(house, actor, tenant, agent.device).await;
            assert_eq!(allowed.unwrap_err().code(), code, "{actor:?}");
        }
        identity::switch_management(house, &world.rtd, siena, Management::Local).await.unwrap();
        assert!(fleet::see_stop_code(house, &world.operator, siena, agent.device).await.is_err());
        assert!(fleet::allow_stop(house, &world.operator, siena, agent.device).await.is_err());
        let acts = world.acts(siena).await;
        assert!(!acts.iter().any(|act| act == "stop_code.seen" || act == "stop.allowed"), "{acts:?}");
    }

    async fn an_order_lets_the_agent_be_stopped_within_the_hour_once_at_a_time_and_not_a_revoked_one(world) {
        let mut agent = world.agent().await;
        let (house, siena) = (&world.house, world.siena);
        let until = house.now().plus(HOUR);
        let order = fleet::allow_stop(house, &world.rtd, siena, agent.device).await.unwrap();
        let twice = fleet::allow_stop(house, &world.operator, siena, agent.device).await;
        assert_eq!(twice.unwrap_err().code(), "order.pending");
        let orders = agent.open(house, &agent.call(house).await);
        assert_eq!((orders[0].id, &orders[0].order), (order, &OrderKind::AllowStop { until }));
        assert_eq!(orders[0].expires_at, until, "an order that comes too late opens nothing");
        let ended = EventBody::OrderEnded { order, outcome: OrderOutcome::Done, note: String::new() };
        agent.tell(house, ended).await;
        fleet::allow_stop(house, &world.operator, siena, agent.device).await.unwrap();
        let acts = world.acts(siena).await;
        assert_eq!(acts.iter().filter(|act| *act == "stop.allowed").count(), 2, "{acts:?}");
        fleet::revoke_device(house, &world.rtd, siena, agent.device).await.unwrap();
        let revoked = fleet::allow_stop(house, &world.rtd, siena, agent.device).await;
        assert_eq!(revoked.unwrap_err().code(), "device.revoked");
    }

    async fn a_device_that_lost_its_policy_gets_it_again_though_it_followed_it_before(world) {
        let mut agent = world.agent().await;
        let (house, siena) = (&world.house, world.siena);
        let change = fleet::get_policy(house, &world.rtd, siena).await.unwrap();
        let pack = crate::packs::rules("nostro");
        fleet::import_pack(house, &world.rtd, siena, pack).await.unwrap();
        let orders = agent.open(house, &agent.call(house).await);
        let OrderKind::ApplyPolicy { policy } = &orders[0].order else { panic!("{orders:?}") };
        assert!(policy.version > change.version);
        let done = EventBody::OrderEnded { order: orders[0].id, outcome: OrderOutcome::Done, note: String::new() };
        agent.policy_version = policy.version;
        agent.tell(house, done).await;
        assert!(agent.call(house).await.orders.is_empty());
        // Somebody changed the file on the device: it follows none that was signed.
        agent.policy_version = 0;
        let again = agent.open(house, &agent.call(house).await);
        assert_eq!(again.len(), 1, "{again:?}");
        assert!(matches!(&again[0].order, OrderKind::ApplyPolicy { policy: it } if it == policy));
        assert_eq!(agent.open(house, &agent.call(house).await).len(), 1, "one is enough while it waits");
        let failed = EventBody::OrderEnded { order: again[0].id, outcome: OrderOutcome::Failed, note: String::new() };
        agent.tell(house, failed).await;
        assert!(agent.call(house).await.orders.is_empty(), "what it cannot follow is not sent for ever");
    }
}

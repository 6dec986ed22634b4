//! A device that is cut off from the network: ordered, told, lifted, and whose code is whose business.

use crate::world::{id, stories};
use baluardo_model::fleet::{OrderKind, Rejoined};
use baluardo_model::identity::{Actor, Role};
use baluardo_model::{PersonId, Timestamp};
use baluardo_service::fleet;
use baluardo_wire::exchange::EventBody;
use std::time::Duration;

const HOUR: Duration = Duration::from_secs(3_600);

fn isolated(until: Timestamp) -> EventBody {
    EventBody::Isolated { until, code: "K7QF-2M9T-XB4H".to_owned(), finding: None }
}

stories! {
    async fn a_device_is_isolated_by_order_and_says_so(world) {
        let mut agent = world.agent().await;
        let (house, siena) = (&world.house, world.siena);
        let order = fleet::isolate_device(house, &world.rtd, siena, agent.device, 24).await.unwrap();
        let twice = fleet::isolate_device(house, &world.rtd, siena, agent.device, 24).await;
        assert_eq!(twice.unwrap_err().code(), "order.pending");
        let orders = agent.open(house, &agent.call(house).await);
        let until = house.now().plus(24 * HOUR);
        assert_eq!((orders[0].id, &orders[0].order), (order, &OrderKind::Isolate { until }));
        assert_eq!(orders[0].expires_at, until, "an order that comes after its own end isolates nobody");

        agent.tell(house, isolated(until)).await;
        let seen = fleet::get_device(house, &world.rtd, siena, agent.device).await.unwrap();
        assert_eq!(seen.row.device.isolated_until, Some(until));
        assert_eq!(seen.isolation_code.as_deref(), Some("K7QF-2M9T-XB4H"));

        fleet::rejoin_device(house, &world.operator, siena, agent.device).await.unwrap();
        agent.tell(house, EventBody::Rejoined { how: Rejoined::Ordered }).await;
        let seen = fleet::get_device(house, &world.rtd, siena, agent.device).await.unwrap();
        assert_eq!((seen.row.device.isolated_until, seen.isolation_code), (None, None));
        let acts = world.acts(siena).await;
        for act in ["isolation.ordered", "device.isolated", "rejoining.ordered", "device.rejoined"] {
            assert_eq!(acts.iter().filter(|it| *it == act).count(), 1, "{act} in {acts:?}");
        }
    }

    async fn the_code_is_for_who_may_command_the_device_and_lies_sealed(world) {
        let mut agent = world.agent().await;
        let (house, siena) = (&world.house, world.siena);
        agent.tell(house, isolated(house.now().plus(HOUR))).await;
        let clerk = Actor::Token {
            id: id(77),
            tenant: siena,
            role: Role::Rtd,
            scopes: vec!["devices.read".to_owned()],
        };
        let seen = fleet::get_device(house, &clerk, siena, agent.device).await.unwrap();
        assert!(seen.row.device.isolated_until.is_some());
        assert_eq!(seen.isolation_code, None);
        let mut tx = world.test.store.read().await.unwrap();
        let scope = baluardo_service::rights::tenant_scope(
            &mut tx,
            &world.rtd,
            baluardo_service::rights::Act::SeeDevices,
            siena,
        );
        let scope = scope.await.unwrap();
        let sealed = tx.tenant(scope).isolation_code(agent.device).await.unwrap();
        assert!(!sealed.is_empty() && !sealed.contains("K7QF"), "{sealed}");
    }

    async fn nobody_isolates_what_is_not_theirs_or_for_ever(world) {
        let agent = world.agent().await;
        let (house, siena) = (&world.house, world.siena);
        let foreign = fleet::isolate_device(house, &world.stranger, siena, agent.device, 24).await;
        assert_eq!(foreign.unwrap_err().code(), "not_found");
        let elsewhere = fleet::isolate_device(house, &world.stranger, world.lucca, agent.device, 24).await;
        assert_eq!(elsewhere.unwrap_err().code(), "not_found");
        for hours in [0, 169] {
            let long = fleet::isolate_device(house, &world.rtd, siena, agent.device, hours).await;
            assert_eq!(long.unwrap_err().code(), "isolation.hours");
        }
        let who: PersonId = id(78);
        let clerk = Actor::Person { id: who, tenant: siena, role: Role::Clerk, name: "Ada".to_owned() };
        let refused = fleet::isolate_device(house, &clerk, siena, agent.device, 24).await;
        assert_eq!(refused.unwrap_err().code(), "forbidden");
        fleet::revoke_device(house, &world.rtd, siena, agent.device).await.unwrap();
        let revoked = fleet::rejoin_device(house, &world.rtd, siena, agent.device).await;
        assert_eq!(revoked.unwrap_err().code(), "device.revoked");
    }
}

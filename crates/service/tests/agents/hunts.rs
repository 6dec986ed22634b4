//! Hunts: asked for with a reason, given to each device, told, stopped and over.

use crate::world::{id, stories};
use baluardo_model::HuntId;
use baluardo_model::fleet::{OrderKind, OrderOutcome};
use baluardo_model::hunt::{HuntHit, HuntState, Quarry};
use baluardo_model::identity::Management;
use baluardo_service::fleet::{self, NewHunt};
use baluardo_service::{audit, identity};
use baluardo_wire::exchange::EventBody;
use std::time::Duration;

const DAY: Duration = Duration::from_secs(86_400);

fn name(pattern: &str) -> NewHunt {
    let quarry = Quarry::FileName { pattern: pattern.to_owned() };
    NewHunt { quarry, folders: Vec::new(), devices: Vec::new(), reason: "segnalazione del CSIRT".to_owned(), days: 7 }
}

fn told(hunt: HuntId, state: HuntState, hits: &[&str]) -> EventBody {
    let hit = |what: &&str| HuntHit { what: (*what).to_owned(), detail: String::new() };
    EventBody::HuntTold { hunt, state, checked: 10, hits: hits.iter().map(hit).collect(), note: String::new() }
}

stories! {
    async fn a_hunt_goes_to_every_device_and_its_progress_and_hits_come_back(world) {
        let (mut one, two) = (world.agent().await, world.agent().await);
        let (house, siena) = (&world.house, world.siena);
        let hunt = fleet::start_hunt(house, &world.rtd, siena, &name("fattura*.exe")).await.unwrap();
        for agent in [&one, &two] {
            let orders = agent.open(house, &agent.call(house).await);
            let OrderKind::Hunt { hunt: given } = &orders[0].order else { panic!("{orders:?}") };
            assert_eq!((given.id, given.until), (hunt, house.now().plus(7 * DAY)));
        }
        one.tell(house, told(hunt, HuntState::Running, &["/srv/fattura.exe"])).await;
        one.tell(house, told(hunt, HuntState::Done, &["/srv/fattura.exe", "/home/fattura2.exe"])).await;
        let seen = fleet::get_hunt(house, &world.rtd, siena, hunt).await.unwrap();
        assert_eq!(seen.hits.len(), 2, "what is told twice is one hit");
        let state = |device| seen.devices.iter().find(|row| row.device == device).unwrap().state;
        assert_eq!((state(one.device), state(two.device)), (HuntState::Done, HuntState::Waiting));
        let list = fleet::list_hunts(house, &world.rtd, siena).await.unwrap();
        assert_eq!((list[0].devices, list[0].over, list[0].hits), (2, 1, 2));
        world.test.clock.advance(8 * DAY);
        let late = fleet::get_hunt(house, &world.rtd, siena, hunt).await.unwrap();
        assert!(late.devices.iter().any(|row| row.state == HuntState::Expired));
        let log = audit::export_audit(house, &baluardo_model::identity::Actor::Platform, siena).await.unwrap();
        let line = log.iter().find(|line| line.entry.act == "hunt.started").unwrap();
        assert!(line.entry.detail.contains("fattura*.exe") && line.entry.detail.contains("segnalazione del CSIRT"));
    }

    async fn a_hunt_that_was_stopped_is_taken_up_by_nobody(world) {
        let (mut one, two) = (world.agent().await, world.agent().await);
        let (house, siena) = (&world.house, world.siena);
        let hunt = fleet::start_hunt(house, &world.rtd, siena, &name("a")).await.unwrap();
        let order = one.open(house, &one.call(house).await)[0].id;
        one.tell(house, EventBody::OrderEnded { order, outcome: OrderOutcome::Done, note: String::new() }).await;
        one.tell(house, told(hunt, HuntState::Running, &[])).await;
        fleet::stop_hunt(house, &world.operator, siena, hunt).await.unwrap();
        for agent in [&one, &two] {
            let orders = agent.open(house, &agent.call(house).await);
            assert_eq!(orders.iter().map(|order| order.order.code()).collect::<Vec<_>>(), ["stop_hunt"]);
        }
        one.tell(house, told(hunt, HuntState::Stopped, &[])).await;
        let seen = fleet::get_hunt(house, &world.rtd, siena, hunt).await.unwrap();
        assert!(seen.devices.iter().all(|row| row.state == HuntState::Stopped), "{:?}", seen.devices);
        let twice = fleet::stop_hunt(house, &world.rtd, siena, hunt).await;
        assert_eq!(twice.unwrap_err().code(), "hunt.stopped");
    }

    async fn an_order_that_a_device_cannot_carry_out_is_a_hunt_that_failed(world) {
        let mut agent = world.agent().await;
        let (house, siena) = (&world.house, world.siena);
        let hunt = fleet::start_hunt(house, &world.rtd, siena, &name("a")).await.unwrap();
        let order = agent.open(house, &agent.call(house).await)[0].id;
        let (outcome, note) = (OrderOutcome::Failed, "no thread".to_owned());
        agent.tell(house, EventBody::OrderEnded { order, outcome, note }).await;
        let seen = fleet::get_hunt(house, &world.rtd, siena, hunt).await.unwrap();
        assert_eq!((seen.devices[0].state, seen.devices[0].note.as_str()), (HuntState::Failed, "no thread"));
    }

    async fn a_hunt_needs_a_reason_and_something_that_can_be_looked_for(world) {
        let agent = world.agent().await;
        let (house, siena) = (&world.house, world.siena);
        let quarry = |quarry| NewHunt { quarry, ..name("a") };
        let rule = |text: &str| quarry(Quarry::FileRule { rule: text.to_owned() });
        let hash = quarry(Quarry::FileHash { sha256: "12".to_owned() });
        for (new, code) in [
            (NewHunt { reason: "  ".to_owned(), ..name("a") }, "required"),
            (NewHunt { days: 31, ..name("a") }, "hunt.days"),
            (NewHunt { folders: vec!["srv".to_owned()], ..name("a") }, "policy.path_relative"),
            (NewHunt { devices: vec![id(99)], ..name("a") }, "not_found"),
            (name(""), "required"),
            (hash, "policy.sha256_bad"),
            (rule("rule a { condition: $b }"), "hunt.rule_bad"),
            (quarry(Quarry::Connection { address: None, port: None }), "hunt.no_end"),
        ] {
            assert_eq!(fleet::start_hunt(house, &world.rtd, siena, &new).await.unwrap_err().code(), code, "{new:?}");
        }
        let bad = rule("rule a { condition: $missing }");
        let bad = fleet::start_hunt(house, &world.rtd, siena, &bad).await.unwrap_err();
        assert!(bad.to_string().contains("missing"), "the compiler's own words are given: {bad}");
        assert!(fleet::start_hunt(house, &world.rtd, siena, &rule("rule a { condition: true }")).await.is_ok());
        assert_eq!(agent.open(house, &agent.call(house).await).len(), 1);
        let none = fleet::start_hunt(house, &world.stranger, world.lucca, &name("a")).await;
        assert_eq!(none.unwrap_err().code(), "hunt.no_devices");
    }

    async fn a_hunt_among_members_leaves_out_those_who_manage_themselves(world) {
        let (siena_s, lucca_s) = (world.agent().await, world.agent_of_lucca().await);
        let house = &world.house;
        identity::switch_management(house, &world.stranger, world.lucca, Management::Local).await.unwrap();
        let started = fleet::start_member_hunts(house, &world.operator, &name("a")).await.unwrap();
        assert_eq!(started.started.iter().map(|(tenant, _)| *tenant).collect::<Vec<_>>(), [world.siena]);
        assert_eq!(siena_s.open(house, &siena_s.call(house).await).len(), 1);
        assert!(lucca_s.call(house).await.orders.is_empty());
        assert!(world.acts(world.siena).await.contains(&"hunt.started".to_owned()), "the comune sees it in its log");
        let stranger = fleet::start_hunt(house, &world.stranger, world.siena, &name("a")).await;
        assert_eq!(stranger.unwrap_err().code(), "not_found");
        assert!(fleet::start_member_hunts(house, &world.rtd, &name("a")).await.is_err());
    }

    async fn a_hunt_over_many_comuni_is_summed_up_on_one_page_without_those_who_left(world) {
        let (mut in_siena, mut in_lucca, house) = (world.agent().await, world.agent_of_lucca().await, &world.house);
        let _second = world.agent().await;
        assert!(fleet::list_member_hunts(house, &world.operator).await.unwrap().is_empty());
        let started = fleet::start_member_hunts(house, &world.operator, &name("a")).await.unwrap();
        let own = |tenant| started.started.iter().find(|(of, _)| *of == tenant).unwrap().1;
        in_siena.tell(house, told(own(world.siena), HuntState::Done, &["/srv/a", "/home/a"])).await;
        in_lucca.tell(house, told(own(world.lucca), HuntState::Running, &["/srv/a"])).await;
        let alone = fleet::start_hunt(house, &world.rtd, world.siena, &name("b")).await.unwrap();
        let rounds = fleet::list_member_hunts(house, &world.operator).await.unwrap();
        assert_eq!((rounds.len(), rounds[0].id, rounds[0].sums()), (1, started.round, (3, 1, 3)));
        assert_ne!(alone, started.round, "a hunt by itself is no round");
        let round = fleet::get_member_hunt(house, &world.operator, started.round).await.unwrap();
        let shares: Vec<_> = round.members.iter().map(|it| (it.name.as_str(), it.overview.hits, it.hit_devices)).collect();
        assert_eq!(shares, [("Lucca", 1, 1), ("Siena", 2, 1)]);
        assert_eq!((round.found[0].what.as_str(), round.found[0].hits, round.found[0].members), ("/srv/a", 2, 2));
        for nosy in [&world.rtd, &world.stranger] {
            assert_eq!(fleet::get_member_hunt(house, nosy, started.round).await.unwrap_err().code(), "forbidden");
        }
        identity::switch_management(house, &world.stranger, world.lucca, Management::Local).await.unwrap();
        let round = fleet::get_member_hunt(house, &world.operator, started.round).await.unwrap();
        assert_eq!((round.sums(), round.left, round.found[0].members), ((2, 1, 2), 1, 1));
        assert_eq!(round.members.iter().map(|it| it.tenant).collect::<Vec<_>>(), [world.siena]);
    }

    async fn what_a_device_tells_of_a_hunt_that_is_not_its_own_is_counted_and_not_kept(world) {
        let mut stranger = world.agent_of_lucca().await;
        let _agent = world.agent().await;
        let house = &world.house;
        let hunt = fleet::start_hunt(house, &world.rtd, world.siena, &name("a")).await.unwrap();
        stranger.tell(house, told(hunt, HuntState::Done, &["/etc/passwd"])).await;
        assert_eq!(world.refused(world.lucca, "exchange.unknown_hunt").await, 1);
        assert!(fleet::get_hunt(house, &world.rtd, world.siena, hunt).await.unwrap().hits.is_empty());
    }
}

//! What agents watch, and how they learn of it.

use crate::world::{World, stories};
use baluardo_model::fleet::{OrderKind, OrderOutcome, Policy};
use baluardo_service::fleet::{self, PolicyChange};
use baluardo_wire::exchange::EventBody;
use std::time::Duration;

async fn change(world: &World, edit: impl FnOnce(&mut PolicyChange)) -> Result<Policy, baluardo_service::Error> {
    let now = fleet::get_policy(&world.house, &world.rtd, world.siena).await.unwrap();
    let mut change = PolicyChange::from(&now);
    edit(&mut change);
    fleet::change_policy(&world.house, &world.rtd, world.siena, &change).await
}

fn policies(orders: Vec<baluardo_model::fleet::Order>) -> Vec<u64> {
    let version = |order: baluardo_model::fleet::Order| match order.order {
        OrderKind::ApplyPolicy { policy } => policy.version,
        other => panic!("{other:?}"),
    };
    orders.into_iter().map(version).collect()
}

stories! {
    async fn a_change_reaches_every_active_device_and_only_the_newest_counts(world) {
        let (mut agent, away, gone) = (world.agent().await, world.agent().await, world.agent().await);
        let stranger = world.agent_of_lucca().await;
        fleet::revoke_device(&world.house, &world.rtd, world.siena, gone.device).await.unwrap();
        assert_eq!(change(&world, |policy| policy.respond = false).await.unwrap().version, 2);
        let fetched = agent.call(&world.house).await;
        assert_eq!(policies(agent.open(&world.house, &fetched)), [2]);
        world.test.clock.advance(Duration::from_secs(1));
        let newest = change(&world, |policy| policy.guard_folders.push("/opt/protocollo/".to_owned())).await.unwrap();
        assert_eq!((newest.version, newest.guard_folders.last().unwrap().as_str()), (3, "/opt/protocollo"));
        assert_eq!(policies(agent.open(&world.house, &agent.call(&world.house).await)), [3]);
        assert_eq!(policies(away.open(&world.house, &away.call(&world.house).await)), [3]);
        assert!(stranger.call(&world.house).await.orders.is_empty());

        // The agent had fetched version 2 and tells how it went: it is noted, though version 3 took its place.
        let old = agent.open(&world.house, &fetched).remove(0).id;
        agent.tell(&world.house, EventBody::OrderEnded { order: old, outcome: OrderOutcome::Done, note: String::new() }).await;
        let detail = fleet::get_device(&world.house, &world.rtd, world.siena, agent.device).await.unwrap();
        let outcomes: Vec<_> = detail.orders.iter().map(|order| (order.target.as_str(), order.outcome)).collect();
        assert_eq!(outcomes, [("3", None), ("2", Some(OrderOutcome::Done))]);
    }

    async fn a_change_that_changes_nothing_makes_no_version(world) {
        world.agent().await;
        assert_eq!(change(&world, |_| {}).await.unwrap().version, 1);
        assert!(!world.acts(world.siena).await.contains(&"policy.changed".to_owned()));
    }

    async fn two_who_change_at_once_do_not_undo_each_other(world) {
        let seen = PolicyChange::from(&fleet::get_policy(&world.house, &world.rtd, world.siena).await.unwrap());
        let mut one = seen.clone();
        one.respond = false;
        fleet::change_policy(&world.house, &world.operator, world.siena, &one).await.unwrap();
        let mut two = seen;
        two.verdict_ms = 500;
        let late = fleet::change_policy(&world.house, &world.rtd, world.siena, &two).await;
        assert_eq!(late.unwrap_err().code(), "policy.changed");
    }

    async fn a_policy_that_could_stop_a_machine_is_refused(world) {
        let code = async |edit: fn(&mut PolicyChange)| change(&world, edit).await.unwrap_err().code();
        assert_eq!(code(|p| p.scan_folders.push("/".to_owned())).await, "policy.path_root");
        assert_eq!(code(|p| p.guard_folders.push("/proc".to_owned())).await, "policy.path_kernel");
        assert_eq!(code(|p| p.guard_folders.push("documenti".to_owned())).await, "policy.path_relative");
        assert_eq!(code(|p| p.guard_folders = (0..65).map(|n| format!("/{n}")).collect()).await, "policy.too_many");
        assert_eq!(code(|p| p.verdict_ms = 60_000).await, "policy.out_of_range");
        assert_eq!(code(|p| p.vault_bytes = 0).await, "policy.out_of_range");
        assert_eq!(code(|p| p.bad_sha256.push("abc".to_owned())).await, "policy.sha256_bad");
        let largest = change(&world, |p| {
            p.bad_sha256 = (0..2_000).map(|n| format!("{n:064X}")).collect();
            p.scan_folders = (0..64).map(|n| format!("/{n:01000}")).collect();
            p.guard_folders = p.scan_folders.clone();
        });
        let agent = world.agent().await;
        largest.await.unwrap();
        let answer = agent.call(&world.house).await;
        assert!(serde_json::to_vec(&answer).unwrap().len() < baluardo_wire::MAX_BODY_BYTES);
        assert_eq!(policies(agent.open(&world.house, &answer)), [2]);
    }

    async fn a_device_that_was_away_too_long_is_told_again(world) {
        let mut agent = world.agent().await;
        change(&world, |policy| policy.respond = false).await.unwrap();
        world.test.clock.advance(Duration::from_secs(31 * 86_400));
        let orders = agent.open(&world.house, &agent.call(&world.house).await);
        assert_eq!(policies(orders.clone()), [2]);
        // It cannot follow: it is not told the same in a loop.
        let failed = EventBody::OrderEnded { order: orders[0].id, outcome: OrderOutcome::Failed, note: "no".to_owned() };
        agent.tell(&world.house, failed).await;
        assert!(agent.call(&world.house).await.orders.is_empty());
        agent.policy_version = 2;
        assert!(agent.call(&world.house).await.orders.is_empty());
    }

    async fn only_a_comunes_own_people_and_its_operators_change_its_policy(world) {
        let now = fleet::get_policy(&world.house, &world.operator, world.siena).await.unwrap();
        let wish = PolicyChange { respond: false, ..PolicyChange::from(&now) };
        let stranger = fleet::change_policy(&world.house, &world.stranger, world.siena, &wish).await;
        assert_eq!(stranger.unwrap_err().code(), "not_found");
        let agent = world.agent().await;
        let device = fleet::change_policy(&world.house, &agent.actor, world.siena, &wish).await;
        assert_eq!(device.unwrap_err().code(), "forbidden");
    }
}

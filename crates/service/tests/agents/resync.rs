//! A server that was put back from a backup: what devices no longer have is passed over and told, and only that.

use crate::world::{Agent, World, found, id, stories};
use baluardo_model::fleet::{OrderKind, OrderOutcome};
use baluardo_service::audit::export_audit;
use baluardo_service::fleet::{self, DeviceFilter, PolicyChange, Refusal};
use baluardo_service::protection::{self, FindingFilter};
use baluardo_wire::exchange::{EventBody, ExchangeResponse, Gone};
use rustls::pki_types::pem::PemObject as _;
use std::time::Duration;

async fn put_back(world: &World, agent: &Agent, from: u64, to: u64) {
    world.test.put_back(agent.enrolled.tenant, agent.device, from, to).await;
}

async fn say_gone(world: &World, agent: &Agent, after: u64, until: u64) -> Result<ExchangeResponse, Refusal> {
    let mut request = agent.request(&world.house, Vec::new());
    request.gone = Some(Gone { after, until });
    fleet::exchange(&world.house, &agent.actor, request).await
}

/// The rules of the findings of Siena, newest first, and what they say.
async fn told(world: &World) -> Vec<(String, String)> {
    let filter = FindingFilter::default();
    let rows = protection::list_findings(&world.house, &world.rtd, world.siena, &filter).await.unwrap().findings;
    let mut told = Vec::new();
    for row in rows {
        let detail = protection::get_finding(&world.house, &world.rtd, world.siena, row.id).await.unwrap();
        let reason = detail.finding.reasons.first().unwrap().clone();
        told.push((reason.rule, reason.detail));
    }
    told
}

async fn acked(world: &World, agent: &Agent) -> u64 {
    let filter = DeviceFilter::default();
    let rows = fleet::list_devices(&world.house, &world.rtd, world.siena, &filter).await.unwrap();
    rows.iter().find(|row| row.device.id == agent.device).unwrap().device.acked_seq
}

stories! {
    async fn numbers_that_are_gone_are_passed_over_and_told_in_a_finding_and_in_the_log(world) {
        let mut agent = world.agent().await;
        let now = world.house.now();
        for n in 1..=6 {
            agent.tell(&world.house, found(n, now)).await;
        }
        put_back(&world, &agent, 6, 2).await;
        let next = agent.note(&world.house, found(7, now));
        let refusal = agent.send(&world.house, vec![next.clone()]).await.unwrap_err();
        assert!(refusal.detail.contains("acked_seq=2"), "memory no longer stands above the database: {}", refusal.detail);
        assert_eq!(agent.call(&world.house).await.acked_seq, 2);
        assert_eq!(say_gone(&world, &agent, 2, 6).await.unwrap().acked_seq, 6);
        assert_eq!(agent.send(&world.house, vec![next]).await.unwrap().acked_seq, 7);
        let gone: Vec<String> = told(&world).await.into_iter().filter(|(rule, _)| rule == "events_gone").map(|it| it.1).collect();
        assert_eq!(gone.len(), 1);
        assert!(gone[0].starts_with("events 3 to 6 (4 in all) are missing for good"), "{}", gone[0]);
        let lines = export_audit(&world.house, &world.rtd, world.siena).await.unwrap();
        let line = lines.iter().find(|line| line.entry.act == "device.events_gone").unwrap();
        assert!(line.entry.detail.contains("events 3 to 6") && line.entry.target.contains(&agent.device.to_string()));
    }

    async fn a_quiet_device_is_told_within_a_minute_that_the_database_was_put_back(world) {
        let mut agent = world.agent().await;
        let now = world.house.now();
        for n in 1..=4 {
            agent.tell(&world.house, found(n, now)).await;
        }
        let chain = rustls::pki_types::CertificateDer::from_pem_slice(agent.enrolled.certificate_chain.as_bytes()).unwrap();
        fleet::identify_device(&world.house, &chain).await.unwrap();
        put_back(&world, &agent, 4, 1).await;
        world.test.clock.advance(Duration::from_secs(61));
        fleet::identify_device(&world.house, &chain).await.unwrap();
        assert_eq!(agent.call(&world.house).await.acked_seq, 1);
    }

    async fn a_false_word_of_what_is_gone_moves_nothing(world) {
        let (mut agent, mut other) = (world.agent().await, world.agent().await);
        let now = world.house.now();
        for n in 1..=5 {
            agent.tell(&world.house, found(n, now)).await;
            other.tell(&world.house, found(10 + n, now)).await;
        }
        // What the server has is not gone, and its number never goes back.
        for (after, until) in [(0, 3), (2, 5), (4, 9), (6, 9)] {
            assert_eq!(say_gone(&world, &agent, after, until).await.unwrap().acked_seq, 5, "{after} {until}");
        }
        for (after, until) in [(5, 5), (5, 4), (5, u64::MAX), (5, 1 << 60), (u64::MAX, 0)] {
            assert_eq!(say_gone(&world, &agent, after, until).await.unwrap_err().code, "exchange.disorder");
        }
        assert_eq!(told(&world).await.len(), 10);
        // A hijacked device may throw its own numbers away; it is told, and nobody else's row moves.
        assert_eq!(say_gone(&world, &agent, 5, 900).await.unwrap().acked_seq, 900);
        assert_eq!((acked(&world, &agent).await, acked(&world, &other).await), (900, 5));
        assert_eq!(told(&world).await.len(), 11);
        // It cannot fill the log with that.
        assert_eq!(say_gone(&world, &agent, 900, 901).await.unwrap_err().code, "exchange.gone_again");
        assert_eq!(acked(&world, &agent).await, 900);
        world.test.clock.advance(Duration::from_secs(61));
        assert_eq!(say_gone(&world, &agent, 900, 901).await.unwrap().acked_seq, 901);
        fleet::revoke_device(&world.house, &world.rtd, world.siena, agent.device).await.unwrap();
        assert_eq!(say_gone(&world, &agent, 901, 902).await.unwrap_err().code, "device.revoked");
    }

    async fn a_device_ahead_of_a_server_that_was_put_back_is_ordered_to_follow_what_people_see(world) {
        let mut agent = world.agent().await;
        agent.policy_version = 7;
        let orders = agent.open(&world.house, &agent.call(&world.house).await);
        let [order] = orders.as_slice() else { panic!("{orders:?}") };
        assert!(matches!(&order.order, OrderKind::ApplyPolicy { policy } if policy.version == 1));
        assert_eq!(agent.open(&world.house, &agent.call(&world.house).await).len(), 1, "one order, not one a call");
        let note = String::new();
        agent.tell(&world.house, EventBody::OrderEnded { order: order.id, outcome: OrderOutcome::Done, note }).await;
        agent.policy_version = 1;
        assert!(agent.call(&world.house).await.orders.is_empty());
        // The next change counts on from there.
        let policy = fleet::get_policy(&world.house, &world.rtd, world.siena).await.unwrap();
        let wish = PolicyChange { respond: false, ..PolicyChange::from(&policy) };
        assert_eq!(fleet::change_policy(&world.house, &world.rtd, world.siena, &wish).await.unwrap().version, 2);
        assert_eq!(agent.open(&world.house, &agent.call(&world.house).await).len(), 1);
    }

    async fn an_order_given_before_the_backup_comes_again_and_its_end_is_kept_once(world) {
        let mut agent = world.agent().await;
        let order = fleet::order_scan(&world.house, &world.rtd, world.siena, agent.device, &[]).await.unwrap();
        agent.tell(&world.house, found(1, world.house.now())).await;
        put_back(&world, &agent, 1, 0).await;
        assert_eq!(agent.open(&world.house, &agent.call(&world.house).await)[0].id, order);
        say_gone(&world, &agent, 0, 1).await.unwrap();
        for _ in 0..2 {
            let end = EventBody::OrderEnded { order, outcome: OrderOutcome::Done, note: "told again".to_owned() };
            agent.tell(&world.house, end).await;
        }
        assert!(agent.call(&world.house).await.orders.is_empty());
        assert_eq!(world.acts(world.siena).await.iter().filter(|act| *act == "order.ended").count(), 1);
        // One that this server never gave, as far as it knows, is counted and not kept.
        let end = EventBody::OrderEnded { order: id(99), outcome: OrderOutcome::Done, note: String::new() };
        agent.tell(&world.house, end).await;
        assert_eq!(world.refused(world.siena, "exchange.unknown_order").await, 1);
    }
}

//! Many at once: each lands once, and nobody spoils another's.

use crate::world::{Agent, World, found, stories};
use baluardo_service::protection::{self, FindingFilter};
use baluardo_wire::exchange::Event;
use sqlx::Connection as _;
use std::collections::HashSet;

/// The numbers of all findings of Siena, over every page.
pub(crate) async fn all_findings(world: &World) -> Vec<String> {
    let mut filter = FindingFilter::default();
    let mut all = Vec::new();
    loop {
        let page = protection::list_findings(&world.house, &world.rtd, world.siena, &filter).await.unwrap();
        all.extend(page.findings.iter().map(|row| row.id.to_string()));
        match page.next {
            Some(next) => filter.before = Some(next.parse().unwrap()),
            None => return all,
        }
    }
}

async fn agents(world: &World, count: u64) -> Vec<Agent> {
    let mut agents = Vec::new();
    for _ in 0..count {
        agents.push(world.agent().await);
    }
    agents
}

stories! {
    async fn two_hundred_exchanges_at_once_land_exactly_once(world) {
        let mut agents = agents(&world, 20).await;
        let now = world.house.now();
        let mut tasks = tokio::task::JoinSet::new();
        for (n, agent) in (0_u64..).zip(&mut agents) {
            let events: Vec<Event> = (1..=10).map(|k| agent.note(&world.house, found(n * 100 + k, now))).collect();
            // Each of the ten is sent with all before it, at once: all but the first replay, none may leave a gap.
            for upto in 1..=10 {
                let (house, agent, events) = (world.house.clone(), agent.clone(), events[..upto].to_vec());
                tasks.spawn(async move { agent.send(&house, events).await.unwrap().acked_seq >= upto as u64 });
            }
        }
        let outcomes = tasks.join_all().await;
        assert_eq!(outcomes.len(), 200);
        assert!(outcomes.into_iter().all(|acked| acked));
        let all = all_findings(&world).await;
        assert_eq!(all.len(), 200);
        assert_eq!(all.iter().collect::<HashSet<_>>().len(), 200);
    }

    async fn an_agent_that_gives_up_waiting_finds_its_events_kept_once(world) {
        let mut agent = world.agent().await;
        let now = world.house.now();
        for n in 1..=50 {
            let event = agent.note(&world.house, found(n, now));
            let (house, waiting) = (world.house.clone(), agent.clone());
            let sent = event.clone();
            let task = tokio::spawn(async move { waiting.send(&house, vec![sent]).await });
            for _ in 0..n % 7 {
                tokio::task::yield_now().await;
            }
            task.abort();
            drop(task.await);
            assert_eq!(agent.send(&world.house, vec![event]).await.unwrap().acked_seq, n);
        }
        assert_eq!(all_findings(&world).await.len(), 50);
    }
}

#[tokio::test]
async fn one_exchange_that_the_database_refuses_spoils_nobody_elses() {
    let folder = tempfile::tempdir().unwrap();
    let address = format!("sqlite:{}", folder.path().join("house.db").display());
    let world = World::on(&address).await;
    let mut agents = agents(&world, 8).await;
    let mut database = sqlx::SqliteConnection::connect(&address).await.unwrap();
    let trap = "CREATE TRIGGER trap BEFORE INSERT ON finding WHEN NEW.path LIKE '%fattura-3.exe'
        BEGIN SELECT RAISE(ABORT, 'trapped'); END";
    sqlx::query(trap).execute(&mut database).await.unwrap();
    database.close().await.unwrap();

    let now = world.house.now();
    let mut tasks = tokio::task::JoinSet::new();
    for (n, agent) in (1..).zip(&mut agents) {
        let event = agent.note(&world.house, found(n, now));
        let (house, agent) = (world.house.clone(), agent.clone());
        tasks.spawn(async move { (n, agent.send(&house, vec![event]).await.map_err(|refusal| refusal.code)) });
    }
    for (n, outcome) in tasks.join_all().await {
        let expected = if n == 3 { Err("internal") } else { Ok(1) };
        assert_eq!(outcome.map(|answer| answer.acked_seq), expected, "{n}");
    }
    assert_eq!(all_findings(&world).await.len(), 7);
}

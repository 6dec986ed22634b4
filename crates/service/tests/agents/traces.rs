//! Who acts leaves a line, in the comune's own log, or does not act.

use crate::world::{World, found, malware, quarantined, stories};
use baluardo_model::identity::Actor;
use baluardo_service::Error;
use baluardo_service::fleet::{self, DeviceFilter, EnrolTokenState, PolicyChange};
use baluardo_service::protection::{self, FindingFilter};
use baluardo_wire::exchange::EventBody;
use sqlx::Connection as _;

/// Every act that an operator may do over a member, one after the other; each with the number of lines before and after.
async fn every_act(world: &World) -> Vec<(&'static str, Result<(), Error>, usize)> {
    let (house, who, siena) = (&world.house, &world.operator, world.siena);
    let mut agent = world.agent().await;
    let mut lost = malware(1, house.now());
    lost.files_lost = 2;
    agent.tell(house, EventBody::Finding { finding: Box::new(lost) }).await;
    agent.tell(house, found(2, house.now())).await;
    for number in [11, 12] {
        agent.tell(house, quarantined(number, 2, house.now())).await;
    }
    let device = agent.device;
    let policy = fleet::get_policy(house, who, siena).await.unwrap();
    let change = PolicyChange { scan_folders: vec!["/srv/traces".to_owned()], ..PolicyChange::from(&policy) };
    let open = fleet::list_enrol_tokens(house, who, siena).await.unwrap();
    let token = open.iter().find(|token| token.state == EnrolTokenState::Open).map(|token| token.id.clone()).unwrap();
    let mut done = Vec::new();
    macro_rules! act {
        ($name:literal, $act:expr) => {{
            let before = lines(world).await.len();
            let outcome = $act.await.map(drop);
            done.push(($name, outcome, lines(world).await.len() - before));
        }};
    }
    act!("make a token", fleet::create_enrol_token(house, who, siena, "pc"));
    act!("withdraw a token", fleet::withdraw_enrol_token(house, who, siena, &token));
    act!("change the policy", fleet::change_policy(house, who, siena, &change));
    act!("order a scan", fleet::order_scan(house, who, siena, device, &[]));
    act!("mark as handled", protection::mark_handled(house, who, siena, crate::world::id(1), "seen"));
    act!("order files back", protection::order_restore(house, who, siena, crate::world::id(1)));
    act!("release", protection::release_quarantine(house, who, siena, crate::world::id(11)));
    act!("delete", protection::delete_quarantine(house, who, siena, crate::world::id(12)));
    act!("revoke", fleet::revoke_device(house, who, siena, device));
    done
}

/// The lines of Siena's log that somebody of the consortium wrote.
async fn lines(world: &World) -> Vec<String> {
    let log = baluardo_service::audit::export_audit(&world.house, &world.rtd, world.siena).await.unwrap();
    let consortium = world.consortium.to_string();
    log.into_iter().filter(|line| line.entry.actor_tenant == consortium).map(|line| line.entry.act).collect()
}

stories! {
    async fn each_act_of_an_operator_over_a_member_leaves_its_line_there(world) {
        world.secret().await;
        for (act, outcome, lines) in every_act(&world).await {
            assert!(outcome.is_ok(), "{act}: {outcome:?}");
            assert_eq!(lines, 1, "{act}");
        }
    }
}

#[tokio::test]
async fn an_act_whose_log_line_cannot_be_written_does_not_happen() {
    let folder = tempfile::tempdir().unwrap();
    let address = format!("sqlite:{}", folder.path().join("house.db").display());
    let world = World::on(&address).await;
    world.secret().await;
    // The whole story once, to know that every act works, on another device.
    assert!(every_act(&world).await.iter().all(|(_, outcome, _)| outcome.is_ok()));
    let mut agent = world.agent().await;
    agent.tell(&world.house, found(5, world.house.now())).await;
    for number in [15, 16] {
        agent.tell(&world.house, quarantined(number, 5, world.house.now())).await;
    }
    let mut raw = sqlx::SqliteConnection::connect(&address).await.unwrap();
    let trap = "CREATE TRIGGER trap BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'no room for a line'); END";
    sqlx::query(trap).execute(&mut raw).await.unwrap();
    raw.close().await.unwrap();

    let before = rows(&world).await;
    let (house, who, siena) = (&world.house, &world.operator, world.siena);
    let policy = fleet::get_policy(house, who, siena).await.unwrap();
    let change = PolicyChange { scan_folders: vec!["/srv/unseen".to_owned()], ..PolicyChange::from(&policy) };
    let outcomes = [
        fleet::create_enrol_token(house, who, siena, "pc").await.map(drop),
        fleet::change_policy(house, who, siena, &change).await.map(drop),
        fleet::order_scan(house, who, siena, agent.device, &[]).await.map(drop),
        protection::mark_handled(house, who, siena, crate::world::id(5), "seen").await,
        protection::release_quarantine(house, who, siena, crate::world::id(15)).await.map(drop),
        protection::delete_quarantine(house, who, siena, crate::world::id(16)).await.map(drop),
        fleet::revoke_device(house, who, siena, agent.device).await,
    ];
    for outcome in outcomes {
        assert_eq!(outcome.unwrap_err().code(), "internal");
    }
    assert_eq!(rows(&world).await, before);
    assert!(agent.call(house).await.orders.is_empty(), "no order left");
}

/// All that those acts would change, as text.
async fn rows(world: &World) -> String {
    let (house, who, siena) = (&world.house, &Actor::Platform, world.siena);
    let tokens = fleet::list_enrol_tokens(house, who, siena).await.unwrap().len();
    let policy = fleet::get_policy(house, who, siena).await.unwrap().version;
    let devices = fleet::list_devices(house, who, siena, &DeviceFilter::default()).await.unwrap();
    let states: Vec<&str> = devices.iter().map(|row| row.device.state.code()).collect();
    let findings = protection::list_findings(house, who, siena, &FindingFilter::default()).await.unwrap().findings;
    let handled: Vec<bool> = findings.iter().map(|row| row.handled_at.is_some()).collect();
    let quarantine = protection::list_quarantine(house, who, siena, &Default::default()).await.unwrap();
    let pending: Vec<bool> = quarantine.iter().map(|row| row.pending.is_some()).collect();
    format!("{tokens} {policy} {states:?} {handled:?} {pending:?}")
}

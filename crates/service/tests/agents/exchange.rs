//! Events up: each is kept once, whatever an agent sends.

use crate::world::{World, found, id, malware, quarantined, step, stories};
use baluardo_model::fleet::Coverage;
use baluardo_model::identity::Actor;
use baluardo_model::protection::StepKind;
use baluardo_service::fleet::{self, DeviceFilter, DeviceProtection};
use baluardo_service::live::Topic;
use baluardo_service::protection::{self, FindingFilter};
use baluardo_wire::exchange::{Event, EventBody};
use std::time::Duration;

async fn finding_count(world: &World) -> usize {
    let filter = FindingFilter::default();
    protection::list_findings(&world.house, &world.rtd, world.siena, &filter).await.unwrap().findings.len()
}

stories! {
    async fn events_are_kept_acknowledged_and_told(world) {
        let mut agent = world.agent().await;
        let mut live = world.house.live().listen();
        let now = world.house.now();
        let answer = agent.tell(&world.house, found(1, now)).await;
        assert_eq!(answer.acked_seq, 1);
        assert!((60_000..=66_000).contains(&answer.next_ms), "{}", answer.next_ms);
        let change = live.recv().await.unwrap();
        assert_eq!((change.tenant, change.topic, change.id), (world.siena, Topic::Finding, id::<baluardo_model::FindingId>(1).to_string()));
        assert_eq!(finding_count(&world).await, 1);
    }

    async fn a_replay_is_acknowledged_and_changes_nothing(world) {
        let mut agent = world.agent().await;
        let now = world.house.now();
        let events: Vec<Event> = (1..=5).map(|n| agent.note(&world.house, found(n, now))).collect();
        assert_eq!(agent.send(&world.house, events.clone()).await.unwrap().acked_seq, 5);
        assert_eq!(agent.send(&world.house, events[..2].to_vec()).await.unwrap().acked_seq, 5);
        // Part old, part new.
        let new = agent.note(&world.house, found(6, now));
        let mixed = [&events[3..], &[new]].concat();
        assert_eq!(agent.send(&world.house, mixed).await.unwrap().acked_seq, 6);
        assert_eq!(finding_count(&world).await, 6);
    }

    async fn a_gap_is_refused_and_says_from_where_to_send(world) {
        let mut agent = world.agent().await;
        let now = world.house.now();
        agent.tell(&world.house, found(1, now)).await;
        agent.seq = 2;
        let late = agent.note(&world.house, found(3, now));
        let refusal = agent.send(&world.house, vec![late]).await.unwrap_err();
        assert_eq!((refusal.code, refusal.status), ("exchange.gap", 409));
        assert!(refusal.detail.contains("acked_seq=1"), "{}", refusal.detail);
        assert_eq!(finding_count(&world).await, 1);
        assert_eq!(world.refused(world.siena, "exchange.gap").await, 1);
    }

    async fn what_is_out_of_order_too_much_or_of_another_version_is_refused_whole(world) {
        let mut agent = world.agent().await;
        let now = world.house.now();
        let events: Vec<Event> = (1..=300).map(|n| agent.note(&world.house, found(n, now))).collect();
        let refuse = async |events: Vec<Event>| agent.send(&world.house, events).await.unwrap_err().code;
        assert_eq!(refuse(events.clone()).await, "exchange.too_many");
        assert_eq!(refuse(vec![events[1].clone(), events[0].clone()]).await, "exchange.disorder");
        assert_eq!(refuse(vec![events[0].clone(), events[0].clone()]).await, "exchange.disorder");
        let zero = Event { seq: 0, ..events[0].clone() };
        assert_eq!(refuse(vec![zero]).await, "exchange.disorder");
        let last = Event { seq: u64::MAX, ..events[0].clone() };
        assert_eq!(refuse(vec![last]).await, "exchange.gap");
        let mut request = agent.request(&world.house, events[..1].to_vec());
        request.protocol = 7;
        assert_eq!(fleet::exchange(&world.house, &agent.actor, request).await.unwrap_err().code, "wire.version");
        assert_eq!(finding_count(&world).await, 0);
        assert_eq!(agent.send(&world.house, events[..256].to_vec()).await.unwrap().acked_seq, 256);
        assert_eq!(world.refused(world.siena, "exchange.disorder").await, 3);
    }

    async fn foreign_texts_are_bounded_and_kept_as_they_are(world) {
        let mut agent = world.agent().await;
        let now = world.house.now();
        let mut finding = malware(1, now);
        finding.path = format!("/srv/<script>alert(1)</script>\0{}", "è".repeat(5_000));
        finding.reasons = vec![finding.reasons[0].clone(); 1_000];
        finding.steps = vec![step(now, StepKind::Failed, &"x".repeat(10_000)); 300];
        finding.sha256 = Some("Z".repeat(64));
        agent.tell(&world.house, EventBody::Finding { finding: Box::new(finding) }).await;
        let detail = protection::get_finding(&world.house, &world.rtd, world.siena, id(1)).await.unwrap();
        assert!(detail.row.path.starts_with("/srv/<script>alert(1)</script>\u{fffd}è"));
        assert!(detail.row.path.len() <= 4_096 && detail.row.path.ends_with("bytes cut]"), "{}", detail.row.path.len());
        assert_eq!(detail.finding.path, detail.row.path);
        assert_eq!(detail.row.sha256, None);
        let told: Vec<&str> =
            detail.finding.reasons.iter().filter(|r| r.engine == "server").map(|r| r.detail.as_str()).collect();
        let expected = ["the agent sent 1000 reasons, the first 64 are kept", "the agent sent 300 steps, the first 256 are kept"];
        assert_eq!(told, expected);
        assert_eq!(detail.timeline.len(), 256);
    }

    async fn a_finding_of_another_device_stays_its_own_and_the_rest_is_kept(world) {
        let mut victim = world.agent().await;
        let mut hijacked = world.agent().await;
        let now = world.house.now();
        victim.tell(&world.house, found(1, now)).await;
        victim.tell(&world.house, quarantined(2, 1, now)).await;
        let mut false_story = malware(1, now);
        false_story.path = "/false".to_owned();
        let state = baluardo_model::protection::QuarantineState::Deleted;
        let bodies = [
            EventBody::Finding { finding: Box::new(false_story) },
            EventBody::FindingStep { finding: id(1), step: step(now, StepKind::Failed, "false"), files_touched: 9, files_lost: 9 },
            EventBody::FindingStep { finding: id(77), step: step(now, StepKind::Failed, "?"), files_touched: 9, files_lost: 9 },
            quarantined(2, 1, now),
            EventBody::QuarantineChanged { item: id(2), state },
            EventBody::OrderEnded { order: id(5), outcome: baluardo_model::fleet::OrderOutcome::Done, note: String::new() },
            found(10, now),
        ];
        let events = bodies.map(|body| hijacked.note(&world.house, body)).to_vec();
        assert_eq!(hijacked.send(&world.house, events).await.unwrap().acked_seq, 7);
        let detail = protection::get_finding(&world.house, &world.rtd, world.siena, id(1)).await.unwrap();
        assert_eq!(detail.row.device, victim.device);
        assert_eq!((detail.finding.path.as_str(), detail.row.files_lost), (malware(1, now).path.as_str(), 0));
        assert_eq!(detail.timeline.len(), 1);
        assert_eq!(detail.quarantine.len(), 1);
        assert_eq!(detail.quarantine[0].state.code(), "held");
        assert_eq!(finding_count(&world).await, 2);
        for (code, count) in [
            ("exchange.foreign_finding", 1),
            ("exchange.unknown_finding", 2),
            ("exchange.foreign_quarantine", 1),
            ("exchange.unknown_quarantine", 1),
            ("exchange.unknown_order", 1),
        ] {
            assert_eq!(world.refused(world.siena, code).await, count, "{code}");
        }
    }

    async fn one_comunes_agent_cannot_touch_anothers_finding(world) {
        let mut siena = world.agent().await;
        let mut lucca = world.agent_of_lucca().await;
        let now = world.house.now();
        siena.tell(&world.house, found(1, now)).await;
        let mut other = malware(1, now);
        other.path = "/lucca".to_owned();
        lucca.tell(&world.house, EventBody::Finding { finding: Box::new(other) }).await;
        let mine = protection::get_finding(&world.house, &world.rtd, world.siena, id(1)).await.unwrap();
        assert_eq!(mine.row.path, malware(1, now).path);
        let theirs = protection::get_finding(&world.house, &world.stranger, world.lucca, id(1)).await.unwrap();
        assert_eq!((theirs.row.path.as_str(), theirs.row.device), ("/lucca", lucca.device));
    }

    async fn a_story_that_grew_takes_the_place_of_the_shorter_one(world) {
        let mut agent = world.agent().await;
        let now = world.house.now();
        agent.tell(&world.house, found(1, now)).await;
        protection::mark_handled(&world.house, &world.rtd, world.siena, id(1), "visto").await.unwrap();
        let mut grown = malware(1, now);
        grown.files_touched = 14;
        grown.steps.push(step(now.plus(Duration::from_secs(1)), StepKind::Restored, "14 files"));
        world.test.clock.advance(Duration::from_secs(5));
        agent.tell(&world.house, EventBody::Finding { finding: Box::new(grown) }).await;
        let last = step(now.plus(Duration::from_secs(2)), StepKind::Quarantined, "fattura-1.exe");
        agent.tell(&world.house, EventBody::FindingStep { finding: id(1), step: last, files_touched: 15, files_lost: 1 }).await;
        let detail = protection::get_finding(&world.house, &world.rtd, world.siena, id(1)).await.unwrap();
        assert_eq!((detail.row.files_touched, detail.row.files_lost), (15, 1));
        assert_eq!(detail.row.received_at, now);
        assert!(detail.row.handled_at.is_some());
        let kinds: Vec<&str> = detail.timeline.iter().map(|step| step.kind.code()).collect();
        assert_eq!(kinds, ["detected", "restored", "quarantined"]);
    }

    async fn what_an_agent_says_of_itself_is_kept_and_told(world) {
        let mut agent = world.agent().await;
        agent.call(&world.house).await;
        let mut live = world.house.live().listen();
        agent.coverage = Coverage::None;
        agent.call(&world.house).await;
        assert_eq!(live.recv().await.unwrap().topic, Topic::Device);
        let filter = DeviceFilter { protection: Some(DeviceProtection::NotCovered), ..DeviceFilter::default() };
        let devices = fleet::list_devices(&world.house, &world.rtd, world.siena, &filter).await.unwrap();
        assert_eq!(devices.len(), 1);
    }

    async fn a_device_falls_silent_and_is_heard_again(world) {
        let agent = world.agent().await;
        agent.call(&world.house).await;
        let stands = async || {
            let all = DeviceFilter::default();
            let rows = fleet::list_devices(&world.house, &world.rtd, world.siena, &all).await.unwrap();
            rows[0].protection.code()
        };
        world.test.clock.advance(Duration::from_secs(15 * 60));
        assert_eq!(stands().await, "protected");
        world.test.clock.advance(Duration::from_secs(1));
        assert_eq!(stands().await, "silent");
        let mut live = world.house.live().listen();
        agent.call(&world.house).await;
        assert_eq!(stands().await, "protected");
        assert_eq!(live.recv().await.unwrap().topic, Topic::Device);
    }

    async fn a_clock_that_jumps_back_loses_nothing_and_silences_nobody_who_speaks(world) {
        let mut agent = world.agent().await;
        let mut quiet = world.agent().await;
        quiet.tell(&world.house, found(100, world.house.now())).await;
        let right = world.house.now();
        world.test.clock.advance(Duration::from_secs(400 * 86_400));
        agent.tell(&world.house, found(1, world.house.now())).await;
        quiet.call(&world.house).await;
        fleet::flush_last_seen(&world.house).await.unwrap();
        world.test.clock.set(right);
        assert_eq!(agent.tell(&world.house, found(2, world.house.now())).await.acked_seq, 2);
        fleet::flush_last_seen(&world.house).await.unwrap();
        let all = DeviceFilter::default();
        let rows = fleet::list_devices(&world.house, &world.rtd, world.siena, &all).await.unwrap();
        let stands = |device| rows.iter().find(|row| row.device.id == device).unwrap().protection.code();
        assert_eq!(stands(agent.device), "protected");
        assert_eq!(stands(quiet.device), "silent", "its last word lies in a future that never was");
        assert_eq!(finding_count(&world).await, 3);
    }

    async fn an_agents_wrong_clock_is_seen(world) {
        let agent = world.agent().await;
        let mut request = agent.request(&world.house, Vec::new());
        request.sent_at = world.house.now().minus(Duration::from_secs(3_600));
        request.status.backlog = 40;
        let answer = fleet::exchange(&world.house, &agent.actor, request).await.unwrap();
        assert!(answer.next_ms < 1_000, "it has more to tell");
        let detail = fleet::get_device(&world.house, &world.rtd, world.siena, agent.device).await.unwrap();
        assert_eq!((detail.row.clock_ahead_secs, detail.row.backlog), (Some(-3_600), 40));
    }
}

#[tokio::test]
async fn an_exchange_without_news_writes_nothing_until_the_flush() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("house.db");
    let world = World::on(&format!("sqlite:{}", file.display())).await;
    let agent = world.agent().await;
    agent.call(&world.house).await;
    let journal = || std::fs::read(file.with_extension("db-wal")).unwrap();
    let before = journal();
    for _ in 0..10 {
        world.test.clock.advance(Duration::from_secs(60));
        agent.call(&world.house).await;
    }
    assert!(before == journal(), "an exchange without news wrote");
    fleet::flush_last_seen(&world.house).await.unwrap();
    assert!(before != journal(), "the flush wrote nothing");
    // A second house on the same file sees what the first one flushed.
    let other = World::on(&format!("sqlite:{}", file.display())).await;
    let row = fleet::get_device(&other.house, &Actor::Platform, other.siena, agent.device).await.unwrap().row;
    assert_eq!(row.device.last_seen, world.house.now());
}

//! Findings as people see them.

use crate::group_commit::all_findings;
use crate::world::{World, found, id, malware, quarantined, stories};
use baluardo_model::fleet::Coverage;
use baluardo_model::protection::{FindingKind, Severity};
use baluardo_service::fleet;
use baluardo_service::protection::{self, FindingCursor, FindingFilter, FindingState, QuarantineFilter};
use baluardo_wire::exchange::{Event, EventBody};
use std::collections::HashSet;
use std::time::Duration;

async fn listed(world: &World, edit: impl FnOnce(&mut FindingFilter)) -> Vec<String> {
    let mut filter = FindingFilter::default();
    edit(&mut filter);
    let page = protection::list_findings(&world.house, &world.rtd, world.siena, &filter).await.unwrap();
    page.findings.into_iter().map(|row| row.path).collect()
}

stories! {
    async fn what_a_person_says_of_a_file_becomes_the_policy_of_the_comune(world) {
        use baluardo_model::fleet::OrderKind;
        use baluardo_model::protection::Judgement::{self, Harmful, Harmless};
        let mut agent = world.agent().await;
        let mut doubtful = malware(1, world.house.now());
        doubtful.kind = FindingKind::Suspicious;
        let digest = doubtful.sha256.clone().unwrap();
        agent.tell(&world.house, EventBody::Finding { finding: Box::new(doubtful.clone()) }).await;
        let judge = async |actor, tenant, number, word: Judgement| {
            let done = protection::judge_file(&world.house, actor, tenant, id(number), word, "lo conosco").await;
            done.map_err(|error| error.code())
        };
        let lists = async || {
            let policy = fleet::get_policy(&world.house, &world.rtd, world.siena).await.unwrap();
            (policy.good_sha256, policy.bad_sha256)
        };
        assert_eq!(judge(&world.stranger, world.siena, 1, Harmless).await, Err("not_found"));
        assert_eq!(lists().await, (vec![], vec![]));

        judge(&world.rtd, world.siena, 1, Harmless).await.unwrap();
        assert_eq!(lists().await, (vec![digest.clone()], vec![]));
        let finding = protection::get_finding(&world.house, &world.rtd, world.siena, id(1)).await.unwrap();
        assert!(finding.row.handled_at.is_some());
        assert_eq!(finding.label.map(|label| (label.judgement, label.note)), Some((Harmless, "lo conosco".to_owned())));

        // On second thoughts: the later word counts, and the device looks at the folder again.
        judge(&world.operator, world.siena, 1, Harmful).await.unwrap();
        judge(&world.operator, world.siena, 1, Harmful).await.unwrap();
        assert_eq!(lists().await, (vec![], vec![digest.clone()]));
        let answer = agent.call(&world.house).await;
        let orders: Vec<OrderKind> = agent.open(&world.house, &answer).into_iter().map(|order| order.order).collect();
        let policies = orders.iter().filter(|order| matches!(order, OrderKind::ApplyPolicy { .. })).count();
        let folder = std::path::Path::new(&doubtful.path).parent().unwrap().to_str().unwrap().to_owned();
        let scans: Vec<_> = orders.iter().filter(|order| matches!(order, OrderKind::Scan { .. })).collect();
        assert_eq!((policies, scans), (1, vec![&OrderKind::Scan { folders: vec![folder] }]));
        let labels = protection::list_labels(&world.house, &world.rtd, world.siena).await.unwrap();
        assert_eq!(labels.iter().map(|label| (label.judgement, &label.sha256)).collect::<Vec<_>>(), [(Harmful, &digest)]);
        let theirs = protection::list_labels(&world.house, &world.stranger, world.lucca).await;
        assert!(theirs.map_or(true, |labels| labels.is_empty()));

        // What is not of one file cannot be judged, and a digest that is none does not reach the policy.
        let mut odd = malware(2, world.house.now());
        odd.sha256 = Some("<script>".to_owned());
        agent.tell(&world.house, EventBody::Finding { finding: Box::new(odd) }).await;
        let mut attack = malware(3, world.house.now());
        attack.kind = FindingKind::Ransomware;
        agent.tell(&world.house, EventBody::Finding { finding: Box::new(attack) }).await;
        for number in [2, 3] {
            assert_eq!(judge(&world.rtd, world.siena, number, Harmful).await, Err("finding.no_file"));
        }
        assert_eq!(lists().await.1, [digest]);
    }

    async fn findings_are_paged_without_a_gap_or_a_double(world) {
        let mut agent = world.agent().await;
        let now = world.house.now();
        // Many come in one instant: the id decides among them.
        let events: Vec<Event> = (1..=120).map(|n| agent.note(&world.house, found(n, now))).collect();
        agent.send(&world.house, events).await.unwrap();
        world.test.clock.advance(Duration::from_secs(1));
        agent.tell(&world.house, found(500, now)).await;
        let all = all_findings(&world).await;
        assert_eq!(all[0], id::<baluardo_model::FindingId>(500).to_string());
        assert_eq!(all.len(), 121);
        assert_eq!(all.into_iter().collect::<HashSet<_>>().len(), 121);
        assert_eq!("nonsense".parse::<FindingCursor>().unwrap_err().code(), "cursor_bad");
    }

    async fn findings_are_found_by_text_device_kind_severity_and_state(world) {
        let (mut agent, mut other) = (world.agent().await, world.agent().await);
        let now = world.house.now();
        agent.tell(&world.house, found(1, now)).await;
        let mut attack = malware(2, now);
        attack.kind = FindingKind::Ransomware;
        attack.severity = Severity::Critical;
        attack.path = "/srv/100%_Sicuro/Èlite".to_owned();
        other.tell(&world.house, EventBody::Finding { finding: Box::new(attack.clone()) }).await;
        let (one, two) = (vec![malware(1, now).path], vec![attack.path]);
        assert_eq!(listed(&world, |f| f.text = "FATTURA-1".to_owned()).await, one);
        assert_eq!(listed(&world, |f| f.text = "0%_s".to_owned()).await, two);
        assert_eq!(listed(&world, |f| f.text = "%".to_owned()).await, two);
        assert_eq!(listed(&world, |f| f.text = "pc-anagrafe".to_owned()).await.len(), 2);
        assert_eq!(listed(&world, |f| f.least = Some(Severity::Critical)).await, two);
        assert_eq!(listed(&world, |f| f.kind = Some(FindingKind::Malware)).await, one);
        assert_eq!(listed(&world, |f| f.device = Some(agent.device)).await, one);
        protection::mark_handled(&world.house, &world.rtd, world.siena, id(1), "tolto").await.unwrap();
        assert_eq!(listed(&world, |f| f.state = Some(FindingState::Open)).await, two);
        assert_eq!(listed(&world, |f| f.state = Some(FindingState::Handled)).await, one);
    }

    async fn a_finding_is_handled_once_and_by_a_name(world) {
        let mut agent = world.agent().await;
        agent.tell(&world.house, found(1, world.house.now())).await;
        let handle = async |actor, tenant, note: &str| {
            protection::mark_handled(&world.house, actor, tenant, id(1), note).await.map_err(|error| error.code())
        };
        assert_eq!(handle(&world.stranger, world.siena, "").await, Err("not_found"));
        assert_eq!(handle(&world.stranger, world.lucca, "").await, Err("not_found"));
        assert_eq!(handle(&world.rtd, world.siena, &"n".repeat(2_001)).await, Err("finding.note_long"));
        assert_eq!(handle(&world.operator, world.siena, " ripulito\0 ").await, Ok(()));
        assert_eq!(handle(&world.rtd, world.siena, "").await, Err("finding.handled"));
        let row = protection::get_finding(&world.house, &world.rtd, world.siena, id(1)).await.unwrap().row;
        assert_eq!((row.handled_by.as_deref(), row.handled_note.as_str()), (Some("Olga"), "ripulito\u{fffd}"));
        let lines = baluardo_service::audit::export_audit(&world.house, &world.rtd, world.siena).await.unwrap();
        baluardo_service::audit::check_chain(&lines).unwrap();
        assert_eq!(lines.last().unwrap().entry.actor_tenant, world.consortium.to_string());
    }

    async fn who_else_saw_a_file_is_a_number_and_no_name(world) {
        let (mut siena, mut lucca) = (world.agent().await, world.agent_of_lucca().await);
        let now = world.house.now();
        siena.tell(&world.house, found(1, now)).await;
        let elsewhere = async || protection::who_else(&world.house, &world.rtd, world.siena, id(1)).await.unwrap();
        assert_eq!(elsewhere().await, 0);
        for number in [8, 9] {
            let mut same = malware(number, now);
            same.sha256 = malware(1, now).sha256.map(|digest| digest.to_uppercase());
            lucca.tell(&world.house, EventBody::Finding { finding: Box::new(same) }).await;
        }
        assert_eq!(elsewhere().await, 1, "a comune counts once");
        let stranger = protection::who_else(&world.house, &world.stranger, world.lucca, id(1)).await;
        assert_eq!(stranger.unwrap_err().code(), "not_found");
    }

    async fn the_overview_names_what_to_do_in_order_of_harm(world) {
        let see = async || protection::tenant_overview(&world.house, &world.rtd, world.siena).await.unwrap();
        let empty = see().await;
        assert_eq!(empty.todo.iter().map(|todo| todo.kind.code()).collect::<Vec<_>>(), ["no_devices"]);
        assert_eq!(empty.last_contact, None);

        let (mut agent, mut bare, silent) = (world.agent().await, world.agent().await, world.agent().await);
        let all_well = see().await;
        assert!(all_well.todo.is_empty(), "{:?}", all_well.todo);
        world.test.clock.advance(Duration::from_secs(16 * 60));
        let now = world.house.now();
        bare.coverage = Coverage::None;
        bare.call(&world.house).await;
        let mut lost = malware(1, now);
        (lost.severity, lost.files_lost) = (Severity::Medium, 3);
        let mut attack = malware(2, now);
        (attack.kind, attack.severity) = (FindingKind::Ransomware, Severity::Critical);
        for finding in [malware(3, now), attack, lost] {
            agent.tell(&world.house, EventBody::Finding { finding: Box::new(finding) }).await;
        }
        agent.tell(&world.house, quarantined(9, 3, now)).await;
        let overview = see().await;
        let todo: Vec<(&str, u64)> = overview.todo.iter().map(|todo| (todo.kind.code(), todo.count)).collect();
        let expected = [
            ("files_lost", 3),
            ("ransomware", 1),
            ("malware", 1),
            ("device_silent", 1),
            ("device_not_covered", 1),
            ("quarantine_waiting", 1),
        ];
        assert_eq!(todo, expected);
        assert_eq!(overview.todo[3].target, silent.device.to_string());
        let devices = overview.devices;
        assert_eq!((devices.total, devices.protected, devices.silent, devices.not_covered), (3, 1, 1, 1));
        let open: Vec<_> = overview.open.iter().map(|row| (row.severity, row.count)).collect();
        assert_eq!(open, [(Severity::Critical, 1), (Severity::High, 1), (Severity::Medium, 1)]);
        assert_eq!((overview.quarantine_held, overview.last_contact), (1, Some(now)));
        let events: Vec<Event> = (10..20).map(|n| agent.note(&world.house, found(n, now))).collect();
        agent.send(&world.house, events).await.unwrap();
        let more = see().await.todo.into_iter().find(|todo| todo.kind.code() == "more_findings").unwrap();
        assert_eq!(more.count, 8);
    }

    async fn anothers_ids_are_not_found_under_ones_own_name(world) {
        let mut agent = world.agent().await;
        let now = world.house.now();
        agent.tell(&world.house, found(1, now)).await;
        agent.tell(&world.house, quarantined(2, 1, now)).await;
        let (house, luca) = (&world.house, &world.stranger);
        for tenant in [world.siena, world.lucca] {
            let codes = [
                protection::get_finding(house, luca, tenant, id(1)).await.map(drop),
                protection::mark_handled(house, luca, tenant, id(1), "").await,
                protection::order_restore(house, luca, tenant, id(1)).await.map(drop),
                protection::who_else(house, luca, tenant, id(1)).await.map(drop),
                protection::release_quarantine(house, luca, tenant, id(2)).await.map(drop),
                protection::delete_quarantine(house, luca, tenant, id(2)).await.map(drop),
                fleet::get_device(house, luca, tenant, agent.device).await.map(drop),
                fleet::revoke_device(house, luca, tenant, agent.device).await,
                fleet::order_scan(house, luca, tenant, agent.device, &[]).await.map(drop),
            ]
            .map(|outcome| outcome.map_err(|error| error.code()));
            assert_eq!(codes, [Err("not_found"); 9]);
        }
        let none = protection::list_quarantine(house, luca, world.lucca, &QuarantineFilter::default()).await.unwrap();
        assert!(none.is_empty());
    }

    async fn the_quarantine_is_found_by_text_and_state(world) {
        let mut agent = world.agent().await;
        let now = world.house.now();
        agent.tell(&world.house, quarantined(2, 1, now)).await;
        agent.tell(&world.house, quarantined(3, 4, now)).await;
        let state = Some(baluardo_model::protection::QuarantineState::Released);
        let released = baluardo_model::protection::QuarantineState::Released;
        agent.tell(&world.house, EventBody::QuarantineChanged { item: id(3), state: released }).await;
        let count = async |filter: QuarantineFilter| {
            protection::list_quarantine(&world.house, &world.rtd, world.siena, &filter).await.unwrap().len()
        };
        assert_eq!(count(QuarantineFilter::default()).await, 2);
        assert_eq!(count(QuarantineFilter { state, ..QuarantineFilter::default() }).await, 1);
        assert_eq!(count(QuarantineFilter { text: "Fattura-1".to_owned(), ..QuarantineFilter::default() }).await, 1);
        assert_eq!(count(QuarantineFilter { device: Some(id(9)), ..QuarantineFilter::default() }).await, 0);
    }
}

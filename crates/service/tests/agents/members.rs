//! The operator finds the comune that burns, and sees no more than the comune allows.

use crate::world::{World, found, id, malware, quarantined, stories};
use baluardo_model::identity::Management;
use baluardo_model::protection::{FindingKind, Severity};
use baluardo_service::fleet::{self, MemberReason, MemberRow};
use baluardo_service::protection::{self, FindingFilter, QuarantineFilter};
use baluardo_wire::exchange::EventBody;
use std::time::Duration;

async fn members(world: &World) -> Vec<MemberRow> {
    fleet::member_overview(&world.house, &world.operator).await.unwrap()
}

/// Moves Siena's switch to local management, as its own act of another column would.
async fn manage_locally(world: &World) {
    baluardo_service::identity::switch_management(&world.house, &world.rtd, world.siena, Management::Local)
        .await
        .unwrap();
}

stories! {
    async fn the_member_that_burns_stands_first_with_its_reason(world) {
        let mut siena = world.agent().await;
        let mut lucca = world.agent_of_lucca().await;
        let now = world.house.now();
        let names = async || members(&world).await.into_iter().map(|row| (row.name, row.reason)).collect::<Vec<_>>();
        assert_eq!(names().await, [("Lucca".to_owned(), MemberReason::Calm), ("Siena".to_owned(), MemberReason::Calm)]);
        siena.tell(&world.house, found(1, now)).await;
        assert_eq!(names().await[0], ("Siena".to_owned(), MemberReason::Malware));
        let mut attack = malware(2, now);
        attack.kind = FindingKind::Ransomware;
        attack.severity = Severity::Critical;
        lucca.tell(&world.house, EventBody::Finding { finding: Box::new(attack) }).await;
        assert_eq!(names().await[0], ("Lucca".to_owned(), MemberReason::Ransomware));
        let mut lost = malware(3, now);
        lost.files_lost = 1;
        siena.tell(&world.house, EventBody::Finding { finding: Box::new(lost) }).await;
        let rows = members(&world).await;
        assert_eq!((rows[0].name.as_str(), rows[0].reason, rows[0].reason_count), ("Siena", MemberReason::FilesLost, 1));
        assert_eq!((rows[0].open_findings, rows[0].worst_severity), (Some(2), Some(Severity::High)));
        assert_eq!(rows[0].last_change, Some(now));
        for finding in [1, 3] {
            protection::mark_handled(&world.house, &world.rtd, world.siena, id(finding), "").await.unwrap();
        }
        assert_eq!(names().await[1], ("Siena".to_owned(), MemberReason::Calm));
    }

    async fn a_member_whose_devices_fall_silent_rises(world) {
        let (_siena, lucca) = (world.agent().await, world.agent_of_lucca().await);
        world.test.clock.advance(Duration::from_secs(16 * 60));
        lucca.call(&world.house).await;
        fleet::flush_last_seen(&world.house).await.unwrap();
        let rows = members(&world).await;
        assert_eq!((rows[0].name.as_str(), rows[0].reason, rows[0].silent), ("Siena", MemberReason::Silent, 1));
        assert_eq!((rows[1].name.as_str(), rows[1].silent, rows[1].devices), ("Lucca", 0, 1));
    }

    async fn a_comune_that_manages_itself_shows_the_consortium_only_counts(world) {
        let mut agent = world.agent().await;
        let now = world.house.now();
        agent.tell(&world.house, found(1, now)).await;
        agent.tell(&world.house, quarantined(2, 1, now)).await;
        manage_locally(&world).await;
        let rows = members(&world).await;
        let siena = rows.iter().find(|row| row.name == "Siena").unwrap();
        assert_eq!((siena.devices, siena.silent), (1, 0));
        assert_eq!((siena.open_findings, siena.worst_severity, siena.last_change), (None, None, None));
        assert_eq!((siena.not_covered, siena.risk), (None, 0));

        let (house, olga, tenant) = (&world.house, &world.operator, world.siena);
        let codes = [
            protection::list_findings(house, olga, tenant, &FindingFilter::default()).await.map(drop),
            protection::get_finding(house, olga, tenant, id(1)).await.map(drop),
            protection::mark_handled(house, olga, tenant, id(1), "").await,
            protection::order_restore(house, olga, tenant, id(1)).await.map(drop),
            protection::who_else(house, olga, tenant, id(1)).await.map(drop),
            protection::list_quarantine(house, olga, tenant, &QuarantineFilter::default()).await.map(drop),
            protection::release_quarantine(house, olga, tenant, id(2)).await.map(drop),
            protection::delete_quarantine(house, olga, tenant, id(2)).await.map(drop),
            protection::tenant_overview(house, olga, tenant).await.map(drop),
            fleet::list_devices(house, olga, tenant, &fleet::DeviceFilter::default()).await.map(drop),
            fleet::get_device(house, olga, tenant, agent.device).await.map(drop),
            fleet::revoke_device(house, olga, tenant, agent.device).await,
            fleet::order_scan(house, olga, tenant, agent.device, &[]).await.map(drop),
            fleet::get_policy(house, olga, tenant).await.map(drop),
            fleet::create_enrol_token(house, olga, tenant, "").await.map(drop),
            fleet::list_enrol_tokens(house, olga, tenant).await.map(drop),
            fleet::list_refusals(house, olga, tenant).await.map(drop),
        ]
        .map(|outcome| outcome.map_err(|error| error.code()));
        assert_eq!(codes, [Err("forbidden"); 17]);
        assert_eq!(protection::get_finding(house, &world.rtd, tenant, id(1)).await.unwrap().quarantine.len(), 1);
    }

    async fn nobody_but_a_consortium_ranks_members(world) {
        for actor in [&world.rtd, &world.stranger, &world.agent().await.actor] {
            assert_eq!(fleet::member_overview(&world.house, actor).await.unwrap_err().code(), "forbidden");
        }
    }
}

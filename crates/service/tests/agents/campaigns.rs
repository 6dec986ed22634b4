//! One address that tries several devices or comuni is one campaign; of the others a comune learns at most a number.

use crate::world::{Agent, World, id, malware, stories};
use baluardo_model::identity::{Actor, Management, Tenant, TenantKind};
use baluardo_model::intrusion::{Intrusion, IntrusionPolicy};
use baluardo_model::protection::{Finding, FindingKind, Severity};
use baluardo_model::{TenantId, Timestamp};
use baluardo_service::fleet::{self, PolicyChange};
use baluardo_service::protection::{self, Campaign, FindingFilter, MembersCampaign};
use baluardo_wire::exchange::EventBody;
use std::time::Duration;

const SOURCE: &str = "203.0.113.9";

/// A brute force from `source`, so many tries by now.
fn brute_force(number: u64, source: &str, count: u64, at: Timestamp) -> Finding {
    let intrusion = Intrusion {
        rule: "6e1f2a5c-2f0b-4d0a-9c43-0f5b6d1c7a03".to_owned(),
        title: "Many passwords tried on one account by SSH".to_owned(),
        title_it: "Molte password provate via SSH su un account".to_owned(),
        source: source.parse().ok(),
        accounts: vec!["anna".to_owned()],
        count,
        last_at: at,
        fields: Vec::new(),
    };
    Finding {
        kind: FindingKind::Intrusion,
        path: source.to_owned(),
        sha256: None,
        intrusion: Some(Box::new(intrusion)),
        ..malware(number, at)
    }
}

async fn tell(world: &World, agent: &mut Agent, number: u64, source: &str) {
    let finding = brute_force(number, source, 10, world.house.now());
    agent.tell(&world.house, EventBody::Finding { finding: Box::new(finding) }).await;
}

async fn own(world: &World, actor: &Actor, tenant: TenantId) -> Vec<Campaign> {
    protection::list_campaigns(&world.house, actor, tenant).await.unwrap()
}

async fn of_members(world: &World) -> Vec<MembersCampaign> {
    protection::list_member_campaigns(&world.house, &world.operator).await.unwrap()
}

fn names(campaign: &MembersCampaign) -> Vec<&str> {
    campaign.members.iter().map(|member| member.name.as_str()).collect()
}

/// One more comune of the consortium with a device.
async fn one_more(world: &World, number: u64) -> Agent {
    let tenant = id(100 + number);
    let new = Tenant {
        id: tenant,
        kind: TenantKind::Comune,
        consortium: world.consortium,
        name: format!("Comune {number}"),
        cadastral_code: Some(format!("Z{number:03}")),
        management: Management::Central,
        created_at: world.house.now(),
    };
    let mut tx = world.test.store.write().await.unwrap();
    tx.platform().insert_tenant(&new).await.unwrap();
    tx.commit().await.unwrap();
    let secret = world.secret_of(&world.operator, tenant).await;
    Agent::enrol(&world.house, secret).await.unwrap()
}

stories! {
    async fn an_address_that_tries_two_comuni_is_one_campaign_for_their_consortium(world) {
        let (mut siena, mut lucca) = (world.agent().await, world.agent_of_lucca().await);
        tell(&world, &mut siena, 1, SOURCE).await;
        assert_eq!(of_members(&world).await, [], "one device is no campaign");
        tell(&world, &mut lucca, 2, SOURCE).await;
        tell(&world, &mut lucca, 3, "198.51.100.7").await;
        let found = of_members(&world).await;
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].devices, found[0].tries, names(&found[0])), (2, 20, vec!["Lucca", "Siena"]));
        assert_eq!(found[0].source.to_string(), SOURCE);
        for (actor, tenant) in [(&world.rtd, world.siena), (&world.stranger, world.lucca)] {
            assert_eq!(own(&world, actor, tenant).await, [], "that another was tried is not theirs to know");
        }
    }

    async fn several_devices_of_a_comune_are_its_own_campaign_without_a_word_of_others(world) {
        let (mut one, mut two, mut lucca) = (world.agent().await, world.agent().await, world.agent_of_lucca().await);
        tell(&world, &mut one, 1, SOURCE).await;
        tell(&world, &mut two, 2, SOURCE).await;
        tell(&world, &mut lucca, 3, SOURCE).await;
        let found = own(&world, &world.rtd, world.siena).await;
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].devices, found[0].tries, found[0].others), (2, 20, None));
        let detail = protection::get_finding(&world.house, &world.rtd, world.siena, id(1)).await.unwrap();
        assert_eq!(detail.campaign.as_ref(), found.first());
        let detail = protection::get_finding(&world.house, &world.stranger, world.lucca, id(3)).await.unwrap();
        assert_eq!(detail.campaign, None);
    }

    async fn five_other_comuni_are_a_number_and_four_are_not(world) {
        let mut siena = world.agent().await;
        tell(&world, &mut siena, 1, SOURCE).await;
        for number in 0..5 {
            assert_eq!(own(&world, &world.rtd, world.siena).await, [], "{number} others");
            let mut other = one_more(&world, number).await;
            tell(&world, &mut other, 10 + number, SOURCE).await;
        }
        let found = own(&world, &world.rtd, world.siena).await;
        assert_eq!(found.iter().map(|one| (one.devices, one.others)).collect::<Vec<_>>(), [(1, Some(5))]);
    }

    async fn a_comune_that_manages_itself_is_not_named_to_the_consortium(world) {
        let (mut siena, mut lucca) = (world.agent().await, world.agent_of_lucca().await);
        tell(&world, &mut siena, 1, SOURCE).await;
        tell(&world, &mut lucca, 2, SOURCE).await;
        let local = Management::Local;
        baluardo_service::identity::switch_management(&world.house, &world.rtd, world.siena, local).await.unwrap();
        assert_eq!(of_members(&world).await, []);
        let refused = protection::list_campaigns(&world.house, &world.operator, world.siena).await;
        assert_eq!(refused.unwrap_err().code(), "forbidden");
        let stranger = protection::list_campaigns(&world.house, &world.stranger, world.siena).await;
        assert_eq!(stranger.unwrap_err().code(), "not_found");
    }

    async fn nobody_but_the_consortiums_operator_sees_the_campaigns_of_all(world) {
        for actor in [&world.rtd, &world.stranger, &world.agent().await.actor] {
            let refused = protection::list_member_campaigns(&world.house, actor).await;
            assert_eq!(refused.unwrap_err().code(), "forbidden");
        }
    }

    async fn a_private_address_is_another_machine_in_the_next_comune(world) {
        let (mut one, mut two, mut lucca) = (world.agent().await, world.agent().await, world.agent_of_lucca().await);
        tell(&world, &mut one, 1, "192.168.1.7").await;
        tell(&world, &mut lucca, 2, "192.168.1.7").await;
        assert_eq!(of_members(&world).await, []);
        tell(&world, &mut two, 3, "192.168.1.7").await;
        assert_eq!(own(&world, &world.rtd, world.siena).await.len(), 1);
        assert_eq!(of_members(&world).await, [], "it is Siena's own network");
    }

    async fn a_finding_that_grows_is_counted_once(world) {
        let (mut siena, mut lucca) = (world.agent().await, world.agent_of_lucca().await);
        tell(&world, &mut lucca, 2, SOURCE).await;
        for count in [10, 500, 90_000] {
            let finding = brute_force(1, SOURCE, count, world.house.now());
            siena.tell(&world.house, EventBody::Finding { finding: Box::new(finding) }).await;
        }
        let found = of_members(&world).await;
        assert_eq!((found[0].tries, found[0].devices), (90_010, 2));
        let all = FindingFilter { kind: Some(FindingKind::Intrusion), ..FindingFilter::default() };
        let listed = protection::list_findings(&world.house, &world.rtd, world.siena, &all).await.unwrap();
        assert_eq!(listed.total, 1);
        assert_eq!(listed.findings[0].intrusion.as_ref().unwrap().count, 90_000);
    }

    async fn an_address_that_comes_back_after_a_day_begins_another_campaign(world) {
        let (mut one, mut two) = (world.agent().await, world.agent().await);
        tell(&world, &mut one, 1, SOURCE).await;
        world.test.clock.advance(Duration::from_secs(25 * 3_600));
        tell(&world, &mut two, 2, SOURCE).await;
        assert_eq!(own(&world, &world.rtd, world.siena).await, []);
        tell(&world, &mut one, 3, SOURCE).await;
        assert_eq!(own(&world, &world.rtd, world.siena).await.len(), 1);
    }

    async fn what_is_not_grave_or_no_intrusion_joins_nothing(world) {
        let (mut one, mut two) = (world.agent().await, world.agent().await);
        tell(&world, &mut one, 1, SOURCE).await;
        let mild = Finding { severity: Severity::Medium, ..brute_force(2, SOURCE, 1, world.house.now()) };
        two.tell(&world.house, EventBody::Finding { finding: Box::new(mild) }).await;
        let other = Finding { kind: FindingKind::Malware, ..brute_force(3, SOURCE, 1, world.house.now()) };
        two.tell(&world.house, EventBody::Finding { finding: Box::new(other) }).await;
        assert_eq!(own(&world, &world.rtd, world.siena).await, []);
        let kept = protection::get_finding(&world.house, &world.rtd, world.siena, id(3)).await.unwrap();
        assert_eq!(kept.finding.intrusion, None, "only an intrusion has one");
    }

    async fn the_policy_says_whether_and_at_which_hours(world) {
        let before = fleet::get_policy(&world.house, &world.rtd, world.siena).await.unwrap();
        assert_eq!(before.intrusion, IntrusionPolicy::default());
        let off = IntrusionPolicy { watch: false, odd_from: 20, ..before.intrusion };
        let change = PolicyChange { intrusion: Some(off), ..PolicyChange::from(&before) };
        let after = fleet::change_policy(&world.house, &world.rtd, world.siena, &change).await.unwrap();
        assert_eq!(after.intrusion, off);
        let silent = PolicyChange { based_on: None, intrusion: None, ..PolicyChange::from(&after) };
        let kept = fleet::change_policy(&world.house, &world.rtd, world.siena, &silent).await.unwrap();
        assert_eq!(kept.intrusion, off, "who says nothing of it changes nothing of it");
        let no_hour = Some(IntrusionPolicy { odd_until: 24, ..off });
        let wrong = PolicyChange { intrusion: no_hour, ..PolicyChange::from(&kept) };
        let refused = fleet::change_policy(&world.house, &world.rtd, world.siena, &wrong).await.unwrap_err();
        assert_eq!(refused.code(), "policy.out_of_range");
    }
}

//! How a comune's domains stand: who may look and at which, what is kept while the DNS is away, and what is told when a mark falls.

use baluardo_mail::health::Origin;
use baluardo_model::TenantId;
use baluardo_model::dmarc::Disposition;
use baluardo_model::identity::Management;
use baluardo_service::mail::{self, DomainHealth};
use baluardo_service::protection::{TodoKind, tenant_overview};
use baluardo_service::{audit, identity};
use baluardo_testkit::people::{Entered, activate, found};
use baluardo_testkit::{TestHouse, TestNames};
use std::sync::Arc;
use std::time::Duration;

const DOMAIN: &str = "comune.siena.it";
const HOUR: Duration = Duration::from_secs(3_600);
const DAY: Duration = Duration::from_secs(86_400);

struct World {
    test: TestHouse,
    names: Arc<TestNames>,
    operator: Entered,
    siena: Entered,
    lucca: Entered,
}

/// Siena answers for its domain; Lucca for none.
async fn world() -> World {
    let test = TestHouse::in_memory().await;
    let names = TestNames::before(&test);
    let operator = found(&test).await;
    let siena = activate(&test, &operator.actor, "I726", "anna@comune.siena.it").await;
    let lucca = activate(&test, &operator.actor, "E715", "luca@comune.lucca.it").await;
    mail::claim_domain(&test.house, &siena.actor, siena.tenant.id, DOMAIN).await.unwrap();
    mail::decide_domain(&test.house, &operator.actor, siena.tenant.id, DOMAIN, true).await.unwrap();
    World { test, names, operator, siena, lucca }
}

impl World {
    fn tenant(&self) -> TenantId {
        self.siena.tenant.id
    }

    /// The server's job, once.
    async fn job(&self) -> usize {
        let due = mail::due_domains(&self.test.house).await.unwrap();
        for (tenant, domain) in &due {
            mail::look_at_due(&self.test.house, *tenant, domain).await.unwrap();
        }
        due.len()
    }

    async fn listed(&self) -> DomainHealth {
        let mut all = mail::list_health(&self.test.house, &self.siena.actor, self.tenant()).await.unwrap();
        assert_eq!(all.len(), 1, "{all:?}");
        all.remove(0)
    }

    async fn fallen(&self) -> u64 {
        let overview = tenant_overview(&self.test.house, &self.siena.actor, self.tenant()).await.unwrap();
        overview.todo.iter().filter(|todo| todo.kind == TodoKind::DomainFallen).map(|todo| todo.count).sum()
    }

    async fn acts(&self, act: &str) -> usize {
        let log = audit::export_audit(&self.test.house, &self.siena.actor, self.tenant()).await.unwrap();
        log.iter().filter(|line| line.entry.act == act).count()
    }
}

#[tokio::test]
async fn each_approved_domain_is_looked_at_every_day_and_sooner_where_it_could_not_be() {
    let world = world().await;
    assert_eq!(world.listed().await.tried_at, None);
    world.names.say(None, &["mx_unknown"]);
    assert_eq!(world.job().await, 1);
    let found = world.listed().await;
    assert_eq!((found.mark, found.looked_at, found.checks.len()), (None, None, 1));
    assert_eq!(world.job().await, 0);
    world.test.clock.advance(HOUR);
    world.names.say(Some("B"), &["mx_good", "spf_all_hard"]);
    assert_eq!(world.job().await, 1, "what could not be found out is tried again within the hour");
    let found = world.listed().await;
    assert_eq!((found.mark.as_deref(), found.checks.len()), (Some("B"), 2));
    let spf = &found.checks[1];
    assert_eq!((spf.topic, spf.code, spf.grade), ("spf", "spf_all_hard", "good"));
    assert!(spf.it.text.contains("v=spf1 -all") && spf.en.text != spf.it.text && !spf.it.why.is_empty());
    world.test.clock.advance(HOUR * 23);
    assert_eq!(world.job().await, 0);
    world.test.clock.advance(HOUR);
    assert_eq!(world.job().await, 1);
    assert_eq!(world.acts("mail.domain_looked_at").await, 0, "only what somebody asked for is an act");
}

#[tokio::test]
async fn while_the_dns_is_away_the_last_look_stays_and_nobody_is_alarmed() {
    let world = world().await;
    world.names.say(Some("A"), &["mx_good"]);
    world.job().await;
    let before = world.listed().await;
    world.test.clock.advance(DAY);
    world.names.say(None, &["mx_unknown"]);
    world.job().await;
    let after = world.listed().await;
    assert_eq!((after.mark.as_deref(), &after.checks, after.looked_at), (Some("A"), &before.checks, before.looked_at));
    assert!(after.tried_at > before.tried_at && after.marks.len() == 1);
    assert_eq!(world.fallen().await, 0);
}

#[tokio::test]
async fn a_mark_that_falls_is_among_the_things_to_do_until_somebody_saw_it() {
    let world = world().await;
    for (mark, from, fallen) in
        [("A", None, 0), ("C", Some("A"), 1), ("D", Some("A"), 1), ("A", None, 0), ("B", Some("A"), 1)]
    {
        world.test.clock.advance(DAY);
        world.names.say(Some(mark), &["mx_good"]);
        world.job().await;
        assert_eq!((world.listed().await.fallen_from.as_deref(), world.fallen().await), (from, fallen), "{mark}");
    }
    for _ in 0..2 {
        mail::see_fall(&world.test.house, &world.siena.actor, world.tenant(), DOMAIN).await.unwrap();
    }
    assert_eq!((world.fallen().await, world.acts("mail.domain_fall_seen").await), (0, 1));
    let marks: Vec<String> = world.listed().await.marks.into_iter().map(|(_, mark)| mark).collect();
    assert_eq!(marks, ["B", "A", "D", "C", "A"]);
}

#[tokio::test]
async fn whoever_asks_is_answered_now_but_not_all_the_time() {
    let world = world().await;
    let (house, rtd, tenant) = (&world.test.house, &world.siena.actor, world.tenant());
    world.names.say(Some("C"), &["mx_good"]);
    mail::look_at_domain(house, rtd, tenant, "Comune.Siena.IT").await.unwrap();
    assert_eq!(world.listed().await.mark.as_deref(), Some("C"));
    let again = mail::look_at_domain(house, rtd, tenant, DOMAIN).await.unwrap_err();
    assert_eq!(again.code(), "mail.looked_just_now");
    world.test.clock.advance(Duration::from_secs(30));
    mail::look_at_domain(house, rtd, tenant, DOMAIN).await.unwrap();
    assert_eq!(world.acts("mail.domain_looked_at").await, 2);
    let other = mail::look_at_domain(house, rtd, tenant, "comune.lucca.it").await.unwrap_err();
    assert_eq!(other.code(), "not_found", "only the own domains are looked at");
    assert_eq!(world.names.asked().len(), 2);
}

#[tokio::test]
async fn strangers_see_and_ask_nothing() {
    let world = world().await;
    let (house, tenant) = (&world.test.house, world.tenant());
    let stranger = &world.lucca.actor;
    assert_eq!(mail::list_health(house, stranger, tenant).await.unwrap_err().code(), "not_found");
    assert_eq!(mail::look_at_domain(house, stranger, tenant, DOMAIN).await.unwrap_err().code(), "not_found");
    let named = mail::name_selectors(house, stranger, tenant, DOMAIN, &["x".to_owned()]).await;
    assert_eq!(named.unwrap_err().code(), "not_found");
    mail::list_health(house, &world.operator.actor, tenant).await.unwrap();
    identity::switch_management(house, &world.siena.actor, tenant, Management::Local).await.unwrap();
    let operator = &world.operator.actor;
    assert_eq!(mail::list_health(house, operator, tenant).await.unwrap_err().code(), "forbidden");
    assert_eq!(mail::see_fall(house, operator, tenant, DOMAIN).await.unwrap_err().code(), "forbidden");
    assert!(world.names.asked().is_empty());
}

#[tokio::test]
async fn selectors_are_named_by_people_and_learned_from_reports() {
    let world = world().await;
    let (house, rtd, tenant) = (&world.test.house, &world.siena.actor, world.tenant());
    let name = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    for wrong in [name(&["a b"]), name(&["-\u{e8}"]), name(&["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11"])]
    {
        let refused = mail::name_selectors(house, rtd, tenant, DOMAIN, &wrong).await.unwrap_err();
        assert_eq!(refused.code(), "mail.selector_bad", "{wrong:?}");
    }
    mail::name_selectors(house, rtd, tenant, DOMAIN, &name(&["vecchio"])).await.unwrap();
    mail::name_selectors(house, rtd, tenant, DOMAIN, &name(&[" Anno2026 ", "", "anno2026"])).await.unwrap();
    let end = world.test.house.now().micros() / 1_000_000;
    let report = format!(
        "<feedback><report_metadata><org_name>r</org_name><report_id>1</report_id><date_range><begin>{}</begin>\
         <end>{end}</end></date_range></report_metadata><policy_published><domain>{DOMAIN}</domain><p>none</p>\
         </policy_published><record><row><source_ip>192.0.2.1</source_ip><count>1</count></row><auth_results>\
         <dkim><domain>{DOMAIN}</domain><selector>k1</selector><result>pass</result></dkim>\
         <dkim><domain>{DOMAIN}</domain><selector>falso</selector><result>fail</result></dkim>\
         <dkim><domain>fornitore.example</domain><selector>k9</selector><result>pass</result></dkim>\
         </auth_results></record></feedback>",
        end - 86_400
    );
    mail::import_dmarc(house, rtd, tenant, report.as_bytes()).await.unwrap();
    let found = world.listed().await;
    assert_eq!((found.named, found.reported), (name(&["anno2026"]), name(&["k1"])));
    world.job().await;
    let asked = world.names.asked().remove(0);
    let known = [("anno2026", Origin::Named), ("k1", Origin::Reported)];
    assert_eq!(asked.selectors, known.map(|(name, origin)| (name.to_owned(), origin)));
    assert_eq!((asked.domain.as_str(), asked.ready), (DOMAIN, Disposition::None));
    assert_eq!(world.acts("mail.selectors_named").await, 2);
}

#[tokio::test]
async fn a_domain_that_is_given_up_leaves_nothing_behind() {
    let world = world().await;
    let (house, rtd, tenant) = (&world.test.house, &world.siena.actor, world.tenant());
    mail::name_selectors(house, rtd, tenant, DOMAIN, &["anno2026".to_owned()]).await.unwrap();
    world.names.say(Some("F"), &["mx_missing"]);
    world.job().await;
    mail::give_up_domain(house, rtd, tenant, DOMAIN).await.unwrap();
    assert!(mail::list_health(house, rtd, tenant).await.unwrap().is_empty());
    mail::claim_domain(house, rtd, tenant, DOMAIN).await.unwrap();
    mail::decide_domain(house, &world.operator.actor, tenant, DOMAIN, true).await.unwrap();
    let found = world.listed().await;
    assert_eq!((found.mark, found.marks.len(), found.named.len(), found.tried_at), (None, 0, 0, None));
}

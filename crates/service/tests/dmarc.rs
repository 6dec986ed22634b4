//! DMARC reports: who may bring them in, about what, what they add up to, and when they are forgotten.

use baluardo_model::TenantId;
use baluardo_model::identity::Management;
use baluardo_service::mail::{self, DmarcAdvice, ImportedDmarc};
use baluardo_service::{Error, audit, identity};
use baluardo_testkit::TestHouse;
use baluardo_testkit::people::{Entered, activate, found};
use std::time::Duration;

const DAY: i64 = 86_400;
const DOMAIN: &str = "comune.siena.it";

struct World {
    test: TestHouse,
    operator: Entered,
    siena: Entered,
    lucca: Entered,
}

/// Siena answers for its domain; Lucca for none.
async fn world() -> World {
    let test = TestHouse::in_memory().await;
    let operator = found(&test).await;
    let siena = activate(&test, &operator.actor, "I726", "anna@comune.siena.it").await;
    let lucca = activate(&test, &operator.actor, "E715", "luca@comune.lucca.it").await;
    mail::claim_domain(&test.house, &siena.actor, siena.tenant.id, DOMAIN).await.unwrap();
    mail::decide_domain(&test.house, &operator.actor, siena.tenant.id, DOMAIN, true).await.unwrap();
    World { test, operator, siena, lucca }
}

impl World {
    fn tenant(&self) -> TenantId {
        self.siena.tenant.id
    }

    /// A report that ends `age` days ago.
    fn report(&self, id: &str, domain: &str, age: i64, rows: &[(&str, u64, &str, bool)]) -> String {
        let end = self.test.house.now().micros() / 1_000_000 - age * DAY;
        let rows: String = rows
            .iter()
            .map(|(source, count, disposition, proved)| {
                let word = if *proved { "pass" } else { "fail" };
                format!(
                    "<record><row><source_ip>{source}</source_ip><count>{count}</count><policy_evaluated>\
                     <disposition>{disposition}</disposition><dkim>{word}</dkim><spf>fail</spf></policy_evaluated></row>\
                     <identifiers><header_from>{domain}</header_from></identifiers><auth_results/></record>"
                )
            })
            .collect();
        format!(
            "<feedback><report_metadata><org_name>ricevente</org_name><report_id>{id}</report_id><date_range>\
             <begin>{}</begin><end>{end}</end></date_range></report_metadata><policy_published><domain>{domain}</domain>\
             <p>none</p></policy_published>{rows}</feedback>",
            end - DAY
        )
    }

    async fn import(&self, who: &Entered, report: &str) -> Result<ImportedDmarc, Error> {
        mail::import_dmarc(&self.test.house, &who.actor, self.tenant(), report.as_bytes()).await
    }
}

#[tokio::test]
async fn reports_of_the_own_domain_add_up_once_each() {
    let world = world().await;
    let first =
        world.report("1", DOMAIN, 20, &[("192.0.2.1", 600, "none", true), ("203.0.113.9", 5, "quarantine", false)]);
    let second = world.report("2", DOMAIN, 1, &[("192.0.2.1", 400, "none", true)]);
    assert_eq!(world.import(&world.siena, &first).await.unwrap().kept, 1);
    assert_eq!(world.import(&world.siena, &second).await.unwrap().kept, 1);
    let again = world.import(&world.siena, &first).await.unwrap();
    assert_eq!((again.kept, again.known), (0, 1));
    let found = mail::list_dmarc(&world.test.house, &world.siena.actor, world.tenant()).await.unwrap();
    let [only] = &found[..] else { panic!("{found:?}") };
    assert_eq!((only.domain.as_str(), only.advice), (DOMAIN, DmarcAdvice::Quarantine));
    let sums = &only.sums;
    assert_eq!((sums.reports, sums.receivers, sums.count, sums.proved, sums.stopped), (2, 1, 1_005, 1_000, 5));
    assert_eq!(sums.sources[0].source, "203.0.113.9", "what is not proved stands first");
    assert_eq!((sums.sources[1].count, sums.sources[1].proved), (1_000, 1_000));
    let log = audit::export_audit(&world.test.house, &world.siena.actor, world.tenant()).await.unwrap();
    assert_eq!(
        log.iter().filter(|line| line.entry.act == "mail.dmarc_imported").count(),
        2,
        "what was known is no act"
    );
}

#[tokio::test]
async fn what_is_no_report_of_the_comunes_is_told_and_left_out() {
    let world = world().await;
    let foreign = world.report("1", "comune.lucca.it", 1, &[("192.0.2.1", 1, "none", true)]);
    let told = world.import(&world.siena, &foreign).await.unwrap();
    assert_eq!((told.kept, told.foreign), (0, vec!["comune.lucca.it".to_owned()]));
    for age in [500, -5] {
        let told = world.import(&world.siena, &world.report("2", DOMAIN, age, &[])).await.unwrap();
        assert!(told.kept == 0 && told.unreadable.len() == 1, "{age}: {told:?}");
    }
    let none = world.import(&world.siena, "Subject: ciao\r\n\r\nbuongiorno").await.unwrap_err();
    assert_eq!(none.code(), "mail.no_report");
    // A domain that nobody approved counts for nobody.
    let claimed = &world.lucca;
    mail::claim_domain(&world.test.house, &claimed.actor, claimed.tenant.id, "comune.lucca.it").await.unwrap();
    let told =
        mail::import_dmarc(&world.test.house, &claimed.actor, claimed.tenant.id, foreign.as_bytes()).await.unwrap();
    assert_eq!(told.foreign.len(), 1);
}

#[tokio::test]
async fn a_comune_that_manages_itself_shows_its_reports_to_nobody_else() {
    let world = world().await;
    let report = world.report("1", DOMAIN, 1, &[("192.0.2.1", 1, "none", true)]);
    assert_eq!(world.import(&world.lucca, &report).await.unwrap_err().code(), "not_found");
    world.import(&world.operator, &report).await.unwrap();
    identity::switch_management(&world.test.house, &world.siena.actor, world.tenant(), Management::Local)
        .await
        .unwrap();
    assert_eq!(world.import(&world.operator, &report).await.unwrap_err().code(), "forbidden");
    let seen = mail::list_dmarc(&world.test.house, &world.operator.actor, world.tenant()).await;
    assert_eq!(seen.unwrap_err().code(), "forbidden");
}

#[tokio::test]
async fn reports_are_forgotten_after_400_days() {
    let world = world().await;
    for (id, age) in [("old", 390), ("new", 100)] {
        world.import(&world.siena, &world.report(id, DOMAIN, age, &[("192.0.2.1", 1, "none", true)])).await.unwrap();
    }
    assert_eq!(mail::forget_dmarc(&world.test.house).await.unwrap(), 0);
    world.test.clock.advance(Duration::from_secs(20 * 86_400));
    assert_eq!(mail::forget_dmarc(&world.test.house).await.unwrap(), 1);
    assert_eq!(mail::forget_dmarc(&world.test.house).await.unwrap(), 0);
}

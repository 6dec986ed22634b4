//! What devices tell of themselves, and what is known of the vulnerabilities of their programs.

use crate::world::{Agent, World, stories};
use baluardo_model::fleet::{OrderKind, OrderOutcome};
use baluardo_model::identity::{Actor, Management};
use baluardo_model::inventory::{Account, Inventory, System};
use baluardo_model::package::Package;
use baluardo_model::protection::Severity;
use baluardo_model::vulnerability::{Advisory, Urgency};
use baluardo_service::fleet::{self, Imported};
use baluardo_service::identity;
use baluardo_wire::exchange::EventBody;
use baluardo_wire::packed::pack;

fn package(name: &str, version: &str, source: &str) -> Package {
    let text = str::to_owned;
    let (arch, source_version) = (text("amd64"), String::new());
    Package { name: text(name), version: text(version), arch, source: text(source), source_version }
}

/// A Debian 12 with these packages.
fn debian(packages: &[(&str, &str, &str)]) -> Inventory {
    let account =
        Account { name: "anna\nroot".to_owned(), uid: 1_000, login: true, admin: vec!["group sudo".to_owned()] };
    Inventory {
        system: System { id: "debian".to_owned(), version: "12".to_owned(), ..System::default() },
        accounts: vec![account],
        packages: packages.iter().map(|(name, version, source)| package(name, version, source)).collect(),
        ..Inventory::default()
    }
}

async fn tells(world: &World, agent: &mut Agent, inventory: &Inventory) {
    let taken_at = world.house.now();
    agent.tell(&world.house, EventBody::Inventory { taken_at, packed: pack(inventory).unwrap() }).await;
}

fn advisory(id: &str, fixed: Option<&str>, score: u8) -> Advisory {
    let fixed = fixed.map(str::to_owned);
    Advisory { id: id.to_owned(), since: None, fixed, urgency: Urgency::Unknown, score: Some(score) }
}

/// Two made-up flaws of openssl and one of a release that nobody here has.
fn knowledge() -> Imported {
    let mut imported = Imported::default();
    let openssl = vec![advisory("CVE-2026-1", Some("3.0.11-1"), 75), advisory("CVE-2026-2", None, 98)];
    imported.known.insert(("debian:12".to_owned(), "openssl".to_owned()), openssl);
    let old = vec![advisory("CVE-2026-3", None, 98)];
    imported.known.insert(("debian:11".to_owned(), "openssl".to_owned()), old);
    imported.words.insert("CVE-2026-1".to_owned(), "a made-up flaw".to_owned());
    imported
}

stories! {
    async fn what_a_device_tells_is_shown_searched_and_replaced(world) {
        let mut agent = world.agent().await;
        let (house, siena) = (&world.house, world.siena);
        let empty = fleet::get_inventory(house, &world.rtd, siena, agent.device).await.unwrap();
        assert_eq!(empty.told, None);
        tells(&world, &mut agent, &debian(&[("libssl3", "3.0.9-1", "openssl"), ("vim", "2:9.0", "")])).await;
        let seen = fleet::get_inventory(house, &world.rtd, siena, agent.device).await.unwrap().told.unwrap();
        assert_eq!(seen.release, "debian:12");
        assert_eq!(seen.inventory.accounts[0].name, "anna\u{fffd}root", "foreign text is kept on one line");
        assert_eq!(seen.inventory.packages.len(), 2);
        let found = fleet::list_programs(house, &world.rtd, siena, "SSL").await.unwrap();
        assert_eq!(found.iter().map(|row| (row.name.as_str(), row.devices)).collect::<Vec<_>>(), [("libssl3", 1)]);

        tells(&world, &mut agent, &debian(&[("libssl3", "3.0.11-1", "openssl")])).await;
        let found = fleet::list_programs(house, &world.rtd, siena, "").await.unwrap();
        assert_eq!(found.iter().map(|row| row.version.as_str()).collect::<Vec<_>>(), ["3.0.11-1"]);
        let holders = fleet::devices_with_program(house, &world.rtd, siena, "libssl3", "3.0.11-1").await.unwrap();
        assert_eq!(holders[0].device, agent.device.to_string());
        fleet::revoke_device(house, &world.rtd, siena, agent.device).await.unwrap();
        assert!(fleet::list_programs(house, &world.rtd, siena, "").await.unwrap().is_empty());
    }

    async fn an_inventory_that_cannot_be_read_is_counted_and_holds_nothing_up(world) {
        let mut agent = world.agent().await;
        let taken_at = world.house.now();
        let answer = agent.tell(&world.house, EventBody::Inventory { taken_at, packed: "nonsense".to_owned() }).await;
        assert_eq!(answer.acked_seq, 1);
        assert_eq!(world.refused(world.siena, "exchange.inventory_unreadable").await, 1);
    }

    async fn an_inventory_is_the_comune_s_and_of_the_consortium_only_under_central_management(world) {
        let mut agent = world.agent().await;
        let (house, siena) = (&world.house, world.siena);
        tells(&world, &mut agent, &debian(&[("vim", "2:9.0", "")])).await;
        assert!(fleet::get_inventory(house, &world.operator, siena, agent.device).await.is_ok());
        let stranger = fleet::get_inventory(house, &world.stranger, siena, agent.device).await;
        assert_eq!(stranger.unwrap_err().code(), "not_found");
        identity::switch_management(house, &world.rtd, siena, Management::Local).await.unwrap();
        for answer in [
            fleet::get_inventory(house, &world.operator, siena, agent.device).await.map(drop),
            fleet::list_programs(house, &world.operator, siena, "").await.map(drop),
            fleet::list_vulnerabilities(house, &world.operator, siena, "").await.map(drop),
            fleet::get_vulnerability(house, &world.operator, siena, "CVE-2026-1", "openssl").await.map(drop),
        ] {
            assert_eq!(answer.unwrap_err().code(), "forbidden");
        }
    }

    async fn a_device_is_asked_to_tell_again(world) {
        let mut agent = world.agent().await;
        let (house, siena) = (&world.house, world.siena);
        let order = fleet::order_inventory(house, &world.rtd, siena, agent.device).await.unwrap();
        let twice = fleet::order_inventory(house, &world.rtd, siena, agent.device).await;
        assert_eq!(twice.unwrap_err().code(), "order.pending");
        let orders = agent.open(house, &agent.call(house).await);
        assert_eq!((orders[0].id, &orders[0].order), (order, &OrderKind::TakeInventory {}));
        let (outcome, note) = (OrderOutcome::Done, "2 packages".to_owned());
        agent.tell(house, EventBody::OrderEnded { order, outcome, note }).await;
        assert!(fleet::order_inventory(house, &world.rtd, siena, agent.device).await.is_ok());
        assert!(world.acts(siena).await.contains(&"inventory.ordered".to_owned()));
    }

    async fn vulnerabilities_are_those_of_the_release_and_version_and_the_worst_comes_first(world) {
        let (mut old, mut new) = (world.agent().await, world.agent().await);
        let (house, siena) = (&world.house, world.siena);
        tells(&world, &mut old, &debian(&[("libssl3", "3.0.9-1", "openssl"), ("openssl", "3.0.9-1", "")])).await;
        tells(&world, &mut new, &debian(&[("libssl3", "3.0.11-1", "openssl")])).await;
        let before = fleet::list_vulnerabilities(house, &world.rtd, siena, "").await.unwrap();
        assert!(before.found.is_empty() && before.feeds.is_empty(), "without a feed nothing is known");
        let nobody = fleet::import_advisories(house, &world.operator, "osv", "x.json", knowledge()).await;
        assert_eq!(nobody.unwrap_err().code(), "forbidden");
        fleet::import_advisories(house, &Actor::Platform, "osv", "x.json", knowledge()).await.unwrap();

        let known = fleet::list_vulnerabilities(house, &world.rtd, siena, "").await.unwrap();
        let told: Vec<_> = known.found.iter().map(|one| (one.id.as_str(), one.severity, one.devices)).collect();
        assert_eq!(told, [("CVE-2026-2", Severity::Critical, 2), ("CVE-2026-1", Severity::High, 1)]);
        let (words, holders) = fleet::get_vulnerability(house, &world.rtd, siena, "CVE-2026-1", "openssl").await.unwrap();
        assert_eq!((words.as_str(), holders.len()), ("a made-up flaw", 1));
        assert_eq!(holders[0].device, old.device.to_string());
        let of_new = fleet::get_inventory(house, &world.rtd, siena, new.device).await.unwrap().known.found;
        assert_eq!(of_new.iter().map(|one| one.id.as_str()).collect::<Vec<_>>(), ["CVE-2026-2"]);
        let lucca = fleet::list_vulnerabilities(house, &world.stranger, world.lucca, "").await.unwrap();
        assert!(lucca.found.is_empty());

        // What is imported anew takes the place of what was there.
        let mut less = knowledge();
        less.known.retain(|(release, _), _| release == "debian:11");
        fleet::import_advisories(house, &Actor::Platform, "osv", "y.json", less).await.unwrap();
        let known = fleet::list_vulnerabilities(house, &world.rtd, siena, "").await.unwrap();
        assert!(known.found.is_empty());
        assert_eq!(known.feeds.iter().map(|feed| feed.origin.as_str()).collect::<Vec<_>>(), ["y.json"]);
    }
}

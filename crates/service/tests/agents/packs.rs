//! Packs of rules and indicators: who gets whose, in pieces that make the bytes that the policy names.

use crate::world::{Agent, World, stories};
use baluardo_detect::indicators::IndicatorsBuilder;
use baluardo_model::TenantId;
use baluardo_model::fleet::PackRef;
use baluardo_model::identity::{Actor, Management};
use baluardo_service::fleet::{self, Gathered, NewPack};
use baluardo_service::identity;
use baluardo_wire::pack::pieces;

fn pack(name: &str, files: &[(&str, &str)]) -> NewPack {
    let mut content = Gathered::default();
    files.iter().for_each(|(name, text)| content.add(name, text.as_bytes()));
    NewPack { name: name.to_owned(), content }
}

pub(crate) fn rules(name: &str) -> NewPack {
    pack(name, &[("a.yar", &format!("rule {name} {{ condition: false }}"))])
}

/// More digests than one piece holds.
fn long_list(name: &str) -> NewPack {
    let lines: String = (0..40_000).map(|number| format!("{number:032x}\n")).collect();
    pack(name, &[("list.txt", &lines)])
}

async fn followed(world: &World, actor: &Actor, tenant: TenantId) -> Vec<PackRef> {
    fleet::get_policy(&world.house, actor, tenant).await.unwrap().packs
}

fn named(packs: &[PackRef]) -> Vec<&str> {
    packs.iter().map(|pack| pack.name.as_str()).collect()
}

/// The whole pack, as an agent fetches it.
async fn fetch(world: &World, agent: &Agent, pack: &PackRef) -> Result<Vec<u8>, &'static str> {
    let mut bytes = Vec::new();
    for seq in 0..pieces(pack.bytes) {
        let piece = fleet::pack_piece(&world.house, &agent.actor, &pack.sha256, seq).await;
        bytes.extend(piece.map_err(|refusal| refusal.code)?);
    }
    Ok(bytes)
}

fn came(files: &[(&str, &str)], content: &str) -> fleet::Fetched {
    fleet::Fetched { content: content.to_owned(), gathered: pack("x", files).content }
}

stories! {
    async fn a_pack_from_an_address_is_fetched_again_taken_in_when_it_changed_and_kept_when_that_fails(world) {
        let agent = world.agent().await;
        let (house, consortium) = (&world.house, world.consortium);
        let source = |every_hours| fleet::NewSource {
            name: "fonte".to_owned(),
            address: "https://regole.example/a.yar".to_owned(),
            every_hours,
        };
        let comune = fleet::set_pack_source(house, &world.rtd, world.siena, &source(24)).await;
        assert_eq!(comune.unwrap_err().code(), "pack.source_comune");
        let often = fleet::set_pack_source(house, &world.operator, consortium, &source(721)).await;
        assert_eq!(often.unwrap_err().code(), "pack.every");
        fleet::set_pack_source(house, &world.operator, consortium, &source(24)).await.unwrap();
        let due = fleet::take_due_packs(house).await.unwrap();
        assert_eq!((due.len(), due[0].tenant), (1, consortium));
        assert!(fleet::take_due_packs(house).await.unwrap().is_empty(), "another server leaves it alone");

        let rule = |name: &str| format!("rule {name} {{ condition: false }}");
        let first = fleet::renew_pack(house, &due[0], Ok(came(&[("a.yar", &rule("a"))], "one"))).await.unwrap();
        assert_eq!(first, fleet::Renewal::Changed);
        let ours = followed(&world, &world.rtd, world.siena).await;
        assert_eq!(named(&ours), ["fonte"], "every comune that left the management follows");
        assert!(fetch(&world, &agent, &ours[0]).await.is_ok());

        let hour = std::time::Duration::from_secs(3_600);
        world.test.clock.advance(23 * hour);
        assert!(fleet::take_due_packs(house).await.unwrap().is_empty());
        world.test.clock.advance(hour);
        let due = fleet::take_due_packs(house).await.unwrap();
        let same = fleet::renew_pack(house, &due[0], Ok(came(&[("a.yar", &rule("a"))], "one"))).await.unwrap();
        assert_eq!(same, fleet::Renewal::Same);
        world.test.clock.advance(24 * hour);
        for (wait, answer) in [(0, Err("the server answers 404".to_owned())), (1, Ok(came(&[("a.yar", "no rules")], "two")))] {
            world.test.clock.advance(wait * hour);
            let due = fleet::take_due_packs(house).await.unwrap();
            assert_eq!(due.len(), 1, "after a failure it is tried again within the hour");
            assert_eq!(fleet::renew_pack(house, &due[0], answer).await.unwrap(), fleet::Renewal::Failed);
            assert_eq!(followed(&world, &world.rtd, world.siena).await, ours, "the pack from before stays");
        }
        let listed = fleet::list_packs(house, &world.operator, consortium).await.unwrap();
        assert!(listed.fetches && listed.sources[0].failure.contains("nothing of this pack can be used"), "{listed:?}");
        world.test.clock.advance(hour);
        let due = fleet::take_due_packs(house).await.unwrap();
        let other = fleet::renew_pack(house, &due[0], Ok(came(&[("a.yar", &rule("b"))], "three"))).await.unwrap();
        assert_eq!(other, fleet::Renewal::Changed);
        assert_ne!(followed(&world, &world.rtd, world.siena).await, ours);
        let listed = fleet::list_packs(house, &world.operator, consortium).await.unwrap();
        assert_eq!(listed.sources[0].failure, "");
        let acts = world.acts(consortium).await;
        for (act, times) in [("pack.source", 1), ("pack.imported", 2), ("pack.not_fetched", 2)] {
            assert_eq!(acts.iter().filter(|it| *it == act).count(), times, "{act} in {acts:?}");
        }
        fleet::remove_pack(house, &world.operator, consortium, "fonte").await.unwrap();
        world.test.clock.advance(48 * hour);
        assert!(fleet::take_due_packs(house).await.unwrap().is_empty(), "a pack that was removed is fetched no more");
        assert!(followed(&world, &world.rtd, world.siena).await.is_empty());
    }

    async fn a_policy_that_another_process_gave_wakes_the_devices_that_wait_here(world) {
        let agent = world.agent().await;
        let house = &world.house;
        agent.call(house).await;
        assert_eq!(fleet::notice_policies(house).await.unwrap(), 0);
        let mut wait = fleet::wait_for_orders(house, &agent.actor).await.unwrap();
        // The command line has a house of its own over the same database.
        let beside = world.test.beside();
        fleet::import_pack(&beside, &Actor::Platform, world.siena, rules("nostro")).await.unwrap();
        assert_eq!(fleet::notice_policies(house).await.unwrap(), 1);
        wait.woken().await.unwrap();
        assert_eq!(agent.call(house).await.orders.len(), 1);
        assert_eq!(fleet::notice_policies(house).await.unwrap(), 0, "once");
    }

    async fn a_pack_of_the_consortium_is_for_who_left_it_the_management_and_a_comunes_own_for_itself(world) {
        let (siena, lucca) = (world.agent().await, world.agent_of_lucca().await);
        fleet::import_pack(&world.house, &world.operator, world.consortium, long_list("comune")).await.unwrap();
        fleet::import_pack(&world.house, &world.rtd, world.siena, rules("nostro")).await.unwrap();
        let ours = followed(&world, &world.rtd, world.siena).await;
        let theirs = followed(&world, &world.stranger, world.lucca).await;
        assert_eq!((named(&ours), named(&theirs)), (vec!["nostro", "comune"], vec!["comune"]));

        for agent in [&siena, &lucca] {
            let bytes = fetch(&world, agent, &theirs[0]).await.unwrap();
            assert_eq!(bytes.len() as u64, theirs[0].bytes);
            let mut indicators = IndicatorsBuilder::default();
            baluardo_detect::packs::read(&mut bytes.as_slice(), &mut indicators).unwrap();
            assert_eq!(indicators.len(), 40_000);
        }
        assert!(fetch(&world, &siena, &ours[0]).await.is_ok());
        assert_eq!(fetch(&world, &lucca, &ours[0]).await, Err("pack.unknown"));
        assert_eq!(world.refused(world.lucca, "pack.unknown").await, 1);

        // Who manages itself follows its own alone; who comes back follows both again.
        identity::switch_management(&world.house, &world.rtd, world.siena, Management::Local).await.unwrap();
        assert_eq!(named(&followed(&world, &world.rtd, world.siena).await), ["nostro"]);
        identity::switch_management(&world.house, &world.rtd, world.siena, Management::Central).await.unwrap();
        assert_eq!(named(&followed(&world, &world.rtd, world.siena).await), ["nostro", "comune"]);

        // Another one of the same name takes its place, and the bytes of the old one go.
        fleet::import_pack(&world.house, &world.operator, world.consortium, rules("comune")).await.unwrap();
        assert_ne!(followed(&world, &world.stranger, world.lucca).await, theirs);
        assert_eq!(fetch(&world, &lucca, &theirs[0]).await, Err("pack.unknown"));
        fleet::remove_pack(&world.house, &world.operator, world.consortium, "comune").await.unwrap();
        assert_eq!(named(&followed(&world, &world.stranger, world.lucca).await), Vec::<&str>::new());
        let acts = world.acts(world.consortium).await;
        assert_eq!(acts.iter().filter(|act| act.starts_with("pack.")).count(), 3, "{acts:?}");
    }

    async fn a_pack_of_which_nothing_can_be_used_is_refused_with_the_reason(world) {
        let bring = async |actor, tenant, pack| {
            fleet::import_pack(&world.house, actor, tenant, pack).await.map(|row| row.rules).map_err(|e| e.code())
        };
        assert_eq!(bring(&world.stranger, world.siena, rules("loro")).await, Err("not_found"));
        assert_eq!(bring(&world.rtd, world.consortium, rules("nostro")).await, Err("not_found"));
        assert_eq!(bring(&world.rtd, world.siena, rules("")).await, Err("pack.name"));
        assert_eq!(bring(&world.rtd, world.siena, pack("x", &[("a.yar", "rule a { condition: what }")])).await, Err("pack.empty"));
        assert_eq!(bring(&world.rtd, world.siena, pack("x", &[("a.yar", "")])).await, Err("pack.empty"));
        for number in 0..16 {
            assert_eq!(bring(&world.rtd, world.siena, rules(&format!("p{number}"))).await, Ok(1));
        }
        assert_eq!(bring(&world.rtd, world.siena, rules("p16")).await, Err("pack.too_many"));
        assert_eq!(bring(&world.rtd, world.siena, rules("p3")).await, Ok(1), "one of the same name is replaced");
        let gone = fleet::remove_pack(&world.house, &world.rtd, world.siena, "p16").await;
        assert_eq!(gone.unwrap_err().code(), "not_found");
    }
}

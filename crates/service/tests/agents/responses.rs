//! Rolling a folder back and gathering evidence: asked for, told, confirmed, received piece by piece, and whose business it is.

use crate::world::{found, id, stories};
use baluardo_model::evidence::Evidence;
use baluardo_model::fleet::OrderKind;
use baluardo_model::identity::{Actor, Role};
use baluardo_model::rollback::{Rollback, RollbackStage, RollbackTally};
use baluardo_model::{EvidenceId, RollbackId, Timestamp};
use baluardo_service::{fleet, protection};
use baluardo_wire::PROTOCOL;
use baluardo_wire::evidence::EvidencePiece;
use baluardo_wire::exchange::EventBody;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;
use sha2::{Digest as _, Sha256};
use std::time::Duration;

fn told(id: RollbackId, folder: &str, to: Timestamp, stage: RollbackStage) -> EventBody {
    let rollback = Rollback {
        id,
        folder: folder.to_owned(),
        to,
        stage,
        tally: RollbackTally { changed: 7, returned: 2, aside: 1, ..RollbackTally::default() },
        acted: 0,
        aside: String::new(),
        stuck: Vec::new(),
        open: Vec::new(),
        moments: Vec::new(),
        note: String::new(),
    };
    EventBody::Rollback { rollback: Box::new(rollback) }
}

fn piece(evidence: EvidenceId, offset: usize, bytes: &[u8]) -> EvidencePiece {
    EvidencePiece { protocol: PROTOCOL, evidence, offset: offset as u64, bytes: BASE64.encode(bytes) }
}

stories! {
    async fn a_folder_is_rolled_back_after_a_preview_that_somebody_confirmed(world) {
        let mut agent = world.agent().await;
        let (house, siena) = (&world.house, world.siena);
        let to = house.now().minus(Duration::from_secs(3_600));
        let asked = fleet::preview_rollback(house, &world.rtd, siena, agent.device, "/srv/protocollo/", Some(to)).await;
        let asked = asked.unwrap();
        let orders = agent.open(house, &agent.call(house).await);
        let folder = "/srv/protocollo".to_owned();
        assert_eq!(orders[0].order, OrderKind::PreviewRollback { rollback: asked, folder: folder.clone(), to });
        let ids = (agent.device, asked);
        let early = fleet::roll_back(house, &world.rtd, siena, ids, 10).await;
        assert_eq!(early.unwrap_err().code(), "rollback.not_previewed");

        agent.tell(house, told(asked, &folder, to, RollbackStage::Previewed)).await;
        let wrong = fleet::roll_back(house, &world.rtd, siena, ids, 9).await;
        assert_eq!(wrong.unwrap_err().code(), "rollback.changed");
        fleet::roll_back(house, &world.operator, siena, ids, 10).await.unwrap();
        let twice = fleet::roll_back(house, &world.rtd, siena, ids, 10).await;
        assert_eq!(twice.unwrap_err().code(), "rollback.not_previewed");
        let orders = agent.open(house, &agent.call(house).await);
        assert!(orders.iter().any(|it| it.order == OrderKind::RollBack { rollback: asked, folder: folder.clone(), to }));
        agent.tell(house, told(asked, &folder, to, RollbackStage::Done)).await;
        let seen = fleet::rollback(house, &world.rtd, siena, ids).await.unwrap();
        assert_eq!((seen.stage.as_str(), seen.told.unwrap().tally.acts()), ("done", 10));
        // One that somebody began on the device is there too.
        agent.tell(house, told(id(901), &folder, to, RollbackStage::Done)).await;
        assert_eq!(fleet::rollbacks(house, &world.rtd, siena, agent.device).await.unwrap().len(), 2);
        let acts = world.acts(siena).await;
        for (act, times) in [("rollback.previewed", 1), ("rollback.ordered", 1), ("rollback.ended", 2)] {
            assert_eq!(acts.iter().filter(|it| *it == act).count(), times, "{act} in {acts:?}");
        }
    }

    async fn a_folder_or_a_moment_of_which_nothing_is_kept_is_refused_and_so_is_a_stranger(world) {
        let agent = world.agent().await;
        let (house, siena) = (&world.house, world.siena);
        let hour = Duration::from_secs(3_600);
        let good = house.now().minus(hour);
        for (folder, to, code) in [
            ("/opt", Some(good), "rollback.folder"),
            ("/srvx", Some(good), "rollback.folder"),
            ("srv", Some(good), "policy.path_relative"),
            ("/srv/../etc", Some(good), "policy.path_bad"),
            ("/srv", None, "rollback.moment"),
            ("/srv", Some(house.now().plus(hour)), "rollback.moment"),
            ("/srv", Some(house.now().minus(25 * hour)), "rollback.moment"),
        ] {
            let refused = fleet::preview_rollback(house, &world.rtd, siena, agent.device, folder, to).await;
            assert_eq!(refused.unwrap_err().code(), code, "{folder} {to:?}");
        }
        for tenant in [siena, world.lucca] {
            let foreign = fleet::preview_rollback(house, &world.stranger, tenant, agent.device, "/srv", Some(good)).await;
            assert_eq!(foreign.unwrap_err().code(), "not_found");
        }
        let token = Actor::Token { id: id(77), tenant: siena, role: Role::Rtd, scopes: vec!["devices.read".to_owned()] };
        let refused = fleet::preview_rollback(house, &token, siena, agent.device, "/srv", Some(good)).await;
        assert_eq!(refused.unwrap_err().code(), "forbidden");
    }

    async fn evidence_comes_up_piece_by_piece_through_deaths_of_either_side(world) {
        let mut agent = world.agent().await;
        let (house, siena) = (&world.house, world.siena);
        let nothing = protection::order_evidence(house, &world.rtd, siena, agent.device, None, (" ", false)).await;
        assert_eq!(nothing.unwrap_err().code(), "evidence.reason");
        let asked = ("denuncia", false);
        let order = protection::order_evidence(house, &world.rtd, siena, agent.device, None, asked).await.unwrap();
        let orders = agent.open(house, &agent.call(house).await);
        assert!(matches!(&orders[0].order, OrderKind::CollectEvidence { evidence, .. } if *evidence == order));
        let bytes: Vec<u8> = (0..900_000_u32).map(|n| (n % 251) as u8).collect();
        let device = Actor::Device { id: agent.device, tenant: siena };
        let early = protection::receive_piece(house, &device, &piece(order, 0, &bytes[..10])).await;
        assert_eq!(early.unwrap_err().code, "evidence.unknown");
        let sha256: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        let evidence = Evidence {
            id: order,
            finding: None,
            by: "forged".to_owned(),
            reason: "forged".to_owned(),
            collected_at: house.now(),
            size: bytes.len() as u64,
            sha256: sha256.clone(),
            members: 12,
        };
        agent.tell(house, EventBody::EvidenceCollected { evidence: Box::new(evidence) }).await;

        let first = protection::receive_piece(house, &device, &piece(order, 0, &bytes[..300_000])).await.unwrap();
        assert_eq!((first.received, first.done), (300_000, false));
        // The answer was lost: the same piece again is not kept twice, and a question tells where to go on.
        let again = protection::receive_piece(house, &device, &piece(order, 0, &bytes[..300_000])).await.unwrap();
        assert_eq!((again.received, again.done), (300_000, false));
        let asked = protection::receive_piece(house, &device, &piece(order, 0, &[])).await.unwrap();
        assert_eq!(asked.received, 300_000);
        let ids = (agent.device, order);
        let half = protection::download_evidence(house, &world.rtd, siena, ids).await;
        assert_eq!(half.unwrap_err().code(), "not_found");
        for at in [300_000, 600_000] {
            let kept = protection::receive_piece(house, &device, &piece(order, at, &bytes[at..at + 300_000])).await.unwrap();
            assert_eq!((kept.received, kept.done), (at as u64 + 300_000, at == 600_000));
        }
        assert!(protection::receive_piece(house, &device, &piece(order, 0, &[])).await.unwrap().done);
        let (row, back) = protection::download_evidence(house, &world.rtd, siena, ids).await.unwrap();
        assert!(back == bytes && row.sha256 == sha256);
        assert_eq!((row.ordered_by.as_str(), row.reason.as_str()), (fleet_name(&world.rtd), "denuncia"));

        let foreign = protection::download_evidence(house, &world.stranger, siena, ids).await;
        assert_eq!(foreign.unwrap_err().code(), "not_found");
        let why = protection::delete_evidence(house, &world.rtd, siena, ids, "").await;
        assert_eq!(why.unwrap_err().code(), "evidence.reason");
        protection::delete_evidence(house, &world.rtd, siena, ids, "fine dell'indagine").await.unwrap();
        let gone = protection::download_evidence(house, &world.rtd, siena, ids).await;
        assert_eq!(gone.unwrap_err().code(), "not_found");
        let listed = protection::list_evidence(house, &world.rtd, siena, agent.device).await.unwrap();
        assert_eq!((listed.len(), listed[0].state.as_str()), (1, "deleted"));
        let acts = world.acts(siena).await;
        for act in ["ordered", "collected", "received", "downloaded", "deleted"] {
            let act = format!("evidence.{act}");
            assert_eq!(acts.iter().filter(|it| **it == act).count(), 1, "{act} in {acts:?}");
        }
    }

    async fn evidence_of_a_finding_is_about_one_of_the_same_device_and_too_much_at_once_is_refused_plainly(world) {
        let (mut agent, other) = (world.agent().await, world.agent().await);
        let (house, siena) = (&world.house, world.siena);
        agent.tell(house, found(7, house.now())).await;
        let asked = ("denuncia", false);
        let strange = protection::order_evidence(house, &world.rtd, siena, other.device, Some(id(7)), asked).await;
        assert_eq!(strange.unwrap_err().code(), "not_found", "the finding of another device");
        let (mut told, mut orders) = (Vec::new(), Vec::new());
        for _ in 0..3 {
            let order = protection::order_evidence(house, &world.rtd, siena, agent.device, Some(id(7)), asked).await.unwrap();
            told.push(order);
            orders.extend(agent.open(house, &agent.call(house).await));
            let ended = EventBody::OrderEnded {
                order: orders.last().unwrap().id,
                outcome: baluardo_model::fleet::OrderOutcome::Done,
                note: String::new(),
            };
            agent.tell(house, ended).await;
        }
        assert!(matches!(&orders[0].order, OrderKind::CollectEvidence { finding: Some(it), .. } if *it == id(7)));
        let many = protection::order_evidence(house, &world.rtd, siena, agent.device, None, asked).await;
        assert_eq!(many.unwrap_err().code(), "evidence.many_of_device");
        assert!(protection::order_evidence(house, &world.rtd, siena, other.device, None, asked).await.is_ok());
        let listed = protection::list_evidence(house, &world.rtd, siena, agent.device).await.unwrap();
        assert!(listed.iter().all(|row| row.finding == Some(id(7)) && row.state == "ordered"), "{listed:?}");
    }

    async fn a_job_ends_packages_whose_time_is_over_and_says_so(world) {
        let mut agent = world.agent().await;
        let (house, siena) = (&world.house, world.siena);
        let never = protection::order_evidence(house, &world.rtd, siena, agent.device, None, ("mai", false)).await.unwrap();
        let bytes = b"abcd";
        let sha256: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        let evidence = Evidence {
            id: id(903),
            finding: None,
            by: String::new(),
            reason: "policy".to_owned(),
            collected_at: house.now(),
            size: 4,
            sha256,
            members: 1,
        };
        agent.tell(house, EventBody::EvidenceCollected { evidence: Box::new(evidence) }).await;
        let device = Actor::Device { id: agent.device, tenant: siena };
        assert!(protection::receive_piece(house, &device, &piece(id(903), 0, bytes)).await.unwrap().done);
        assert_eq!(protection::expire_evidence(house).await.unwrap(), 0, "nothing is over yet");
        let day = Duration::from_secs(86_400);
        world.test.clock.advance(4 * day);
        assert_eq!(protection::expire_evidence(house).await.unwrap(), 1, "what no device took up");
        world.test.clock.advance(177 * day);
        assert_eq!(protection::expire_evidence(house).await.unwrap(), 1, "what was kept for half a year");
        assert_eq!(protection::expire_evidence(house).await.unwrap(), 0);
        let listed = protection::list_evidence(house, &world.rtd, siena, agent.device).await.unwrap();
        assert!(listed.len() == 2 && listed.iter().all(|row| row.state == "expired"), "{listed:?}");
        assert!(listed.iter().any(|row| row.id == never));
        let gone = protection::download_evidence(house, &world.rtd, siena, (agent.device, id(903))).await;
        assert_eq!(gone.unwrap_err().code(), "not_found");
        let acts = world.acts(siena).await;
        assert_eq!(acts.iter().filter(|act| *act == "evidence.expired").count(), 2, "{acts:?}");
    }

    async fn a_package_that_is_not_what_was_told_is_dropped_and_another_device_adds_nothing(world) {
        let mut agent = world.agent().await;
        let mut other = world.agent().await;
        let (house, siena) = (&world.house, world.siena);
        let evidence = Evidence {
            id: id(902),
            finding: None,
            by: String::new(),
            reason: "policy".to_owned(),
            collected_at: house.now(),
            size: 4,
            sha256: "0".repeat(64),
            members: 1,
        };
        agent.tell(house, EventBody::EvidenceCollected { evidence: Box::new(evidence.clone()) }).await;
        other.tell(house, EventBody::EvidenceCollected { evidence: Box::new(Evidence { size: 9, ..evidence }) }).await;
        let stranger = Actor::Device { id: other.device, tenant: siena };
        let foreign = protection::receive_piece(house, &stranger, &piece(id(902), 0, b"abcd")).await;
        assert_eq!(foreign.unwrap_err().code, "evidence.unknown");
        let device = Actor::Device { id: agent.device, tenant: siena };
        let long = protection::receive_piece(house, &device, &piece(id(902), 0, b"abcde")).await;
        assert_eq!(long.unwrap_err().code, "evidence.too_large");
        assert!(protection::receive_piece(house, &device, &piece(id(902), 0, b"abcd")).await.unwrap().done);
        let listed = protection::list_evidence(house, &world.rtd, siena, agent.device).await.unwrap();
        assert_eq!(listed[0].state, "damaged");
    }
}

fn fleet_name(actor: &Actor) -> &str {
    match actor {
        Actor::Person { name, .. } => name,
        _ => "",
    }
}

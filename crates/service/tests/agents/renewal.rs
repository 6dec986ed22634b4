//! Certificates are renewed before they end, by who holds the old one and is trusted, and by nobody else.

use crate::world::{Agent, PEER, World, enrol_request, id, stories};
use baluardo_model::Timestamp;
use baluardo_service::audit::export_audit;
use baluardo_service::fleet::{self, Refusal};
use baluardo_wire::renew::{RenewRequest, Renewed};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, SanType};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use std::time::Duration;

const DAY: Duration = Duration::from_secs(86_400);

fn leaf(chain_pem: &str) -> CertificateDer<'static> {
    CertificateDer::from_pem_slice(chain_pem.as_bytes()).unwrap()
}

fn csr() -> String {
    let key = KeyPair::generate().unwrap();
    CertificateParams::default().serialize_request(&key).unwrap().pem().unwrap()
}

async fn renew(world: &World, leaf: &[u8], csr: String) -> Result<Renewed, Refusal> {
    let request = RenewRequest { protocol: baluardo_wire::PROTOCOL, csr };
    fleet::renew_certificate(&world.house, leaf, &request, PEER).await
}

/// A device of Siena in the last third of its certificate's life, with that certificate.
async fn old_enough(world: &World) -> (Agent, CertificateDer<'static>) {
    let agent = world.agent().await;
    let old = leaf(&agent.enrolled.certificate_chain);
    fleet::identify_device(&world.house, &old).await.unwrap();
    world.test.clock.advance(DAY * 244);
    (agent, old)
}

stories! {
    async fn a_renewed_certificate_lasts_a_year_and_the_old_one_is_good_until_the_new_one_was_used(world) {
        let (agent, old) = old_enough(&world).await;
        let renewed = renew(&world, &old, csr()).await.unwrap();
        assert_eq!(renewed.expires_at, world.house.now().plus(DAY * 365));
        let new = leaf(&renewed.certificate_chain);
        // The answer may be lost: the old one still opens the door, and brings another.
        for _ in 0..2 {
            assert_eq!(fleet::identify_device(&world.house, &old).await.unwrap(), agent.actor);
        }
        assert_eq!(fleet::identify_device(&world.house, &new).await.unwrap(), agent.actor);
        for _ in 0..2 {
            let refusal = fleet::identify_device(&world.house, &old).await.unwrap_err();
            assert_eq!(refusal.code, "device.certificate_replaced");
            world.test.clock.advance(Duration::from_secs(61));
        }
        assert_eq!(renew(&world, &old, csr()).await.unwrap_err().code, "device.certificate_replaced");
        assert_eq!(fleet::identify_device(&world.house, &new).await.unwrap(), agent.actor);
        let lines = export_audit(&world.house, &world.rtd, world.siena).await.unwrap();
        let acts: Vec<&str> = lines.iter().map(|line| line.entry.act.as_str()).filter(|act| act.contains("certificate")).collect();
        assert_eq!(acts, ["device.certificate_renewed", "device.certificate_used"]);
        let line = lines.iter().find(|line| line.entry.act == "device.certificate_renewed").unwrap();
        assert!(line.entry.detail.contains("pc-anagrafe from 127.0.0.1, until 20"), "{}", line.entry.detail);
        assert_eq!(line.entry.actor, agent.device.to_string());
    }

    async fn an_answer_that_was_lost_is_asked_for_again_and_a_flood_is_slowed(world) {
        let (_, old) = old_enough(&world).await;
        let lost = renew(&world, &old, csr()).await.unwrap();
        assert_eq!(renew(&world, &old, csr()).await.unwrap_err().code, "renew.again");
        world.test.clock.advance(Duration::from_secs(61));
        let second = renew(&world, &old, csr()).await.unwrap();
        fleet::identify_device(&world.house, &leaf(&second.certificate_chain)).await.unwrap();
        // What was lost on the way is of no use to who finds it.
        let refusal = fleet::identify_device(&world.house, &leaf(&lost.certificate_chain)).await.unwrap_err();
        assert_eq!(refusal.code, "device.certificate_replaced");
    }

    async fn a_server_whose_clock_went_back_still_gives_a_certificate_that_counts_as_newer(world) {
        let (agent, old) = old_enough(&world).await;
        let first = renew(&world, &old, csr()).await.unwrap();
        let first = leaf(&first.certificate_chain);
        fleet::identify_device(&world.house, &first).await.unwrap();
        world.test.clock.advance(DAY * 250);
        world.test.clock.set(world.house.now().minus(DAY * 2));
        let second = renew(&world, &first, csr()).await.unwrap();
        world.test.clock.set(world.house.now().minus(DAY * 400));
        assert_eq!(fleet::identify_device(&world.house, &leaf(&second.certificate_chain)).await.unwrap(), agent.actor);
        assert_eq!(fleet::identify_device(&world.house, &first).await.unwrap_err().code, "device.certificate_replaced");
    }

    async fn a_certificate_is_not_renewed_before_a_third_of_its_life_is_left(world) {
        let agent = world.agent().await;
        let old = leaf(&agent.enrolled.certificate_chain);
        let refusal = renew(&world, &old, csr()).await.unwrap_err();
        assert_eq!(refusal.code, "renew.early");
        assert!(refusal.detail.contains("243 days"), "{}", refusal.detail);
        world.test.clock.advance(DAY * 243);
        renew(&world, &old, csr()).await.unwrap();
    }

    async fn a_certificate_whose_time_is_over_is_refused_by_the_act_too(world) {
        let agent = world.agent().await;
        let old = leaf(&agent.enrolled.certificate_chain);
        world.test.clock.advance(DAY * 365);
        assert_eq!(fleet::identify_device(&world.house, &old).await.unwrap(), agent.actor);
        world.test.clock.advance(Duration::from_secs(1));
        assert_eq!(fleet::identify_device(&world.house, &old).await.unwrap_err().code, "device.certificate_over");
        assert_eq!(renew(&world, &old, csr()).await.unwrap_err().code, "device.certificate_over");
    }

    async fn revoked_unknown_and_foreign_certificates_bring_none(world) {
        let (agent, old) = old_enough(&world).await;
        fleet::revoke_device(&world.house, &world.rtd, world.siena, agent.device).await.unwrap();
        assert_eq!(renew(&world, &old, csr()).await.unwrap_err().code, "device.revoked");
        // Lucca's own intermediate, in a thief's hands, names a device of Siena.
        let forged = |issuer: String| {
            let mut params = CertificateParams::default();
            params.distinguished_name.push(DnType::CommonName, issuer);
            params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
            let signer = Issuer::new(params, KeyPair::generate().unwrap());
            let mut leaf = CertificateParams::default();
            let urn = format!("urn:baluardo:tenant:{}:device:{}", world.siena, agent.device);
            leaf.subject_alt_names = vec![SanType::URI(urn.try_into().unwrap())];
            leaf.signed_by(&KeyPair::generate().unwrap(), &signer).unwrap().der().to_vec()
        };
        let foreign = forged(format!("Baluardo tenant {}", world.lucca));
        assert_eq!(renew(&world, &foreign, csr()).await.unwrap_err().code, "device.certificate_bad");
        let stranger = world.agent_of_lucca().await;
        assert_ne!(stranger.device, agent.device);
        assert_eq!(renew(&world, b"no certificate", csr()).await.unwrap_err().code, "device.certificate_bad");
        let acts = world.acts(world.siena).await;
        assert!(!acts.iter().any(|act| act == "device.certificate_renewed"), "{acts:?}");
        assert_eq!(world.refused(world.siena, "device.revoked").await, 1);
    }

    async fn a_request_that_is_none_brings_none_and_changes_nothing(world) {
        let (agent, old) = old_enough(&world).await;
        let good = csr();
        let mut broken = good.clone();
        let at = broken.len() / 2;
        broken.replace_range(at..at + 4, "AAAA");
        let foreign_key = enrol_request(String::new(), &KeyPair::generate_for(&rcgen::PKCS_ECDSA_P384_SHA384).unwrap()).csr;
        for bad in [String::new(), "hello".to_owned(), broken, foreign_key] {
            assert_eq!(renew(&world, &old, bad.clone()).await.unwrap_err().code, "enrol.csr_bad", "{bad}");
        }
        assert_eq!(renew(&world, &old, "x".repeat(9_000)).await.unwrap_err().code, "enrol.too_long");
        let request = RenewRequest { protocol: 99, csr: good.clone() };
        assert_eq!(fleet::renew_certificate(&world.house, &old, &request, PEER).await.unwrap_err().code, "wire.version");
        assert_eq!(world.refused(world.siena, "enrol.csr_bad").await, 4);
        assert_eq!(fleet::identify_device(&world.house, &old).await.unwrap(), agent.actor);
        renew(&world, &old, good).await.unwrap();
    }

    async fn what_a_request_says_of_itself_is_not_looked_at(world) {
        let (agent, old) = old_enough(&world).await;
        let mut wish = CertificateParams::default();
        let urn = format!("urn:baluardo:tenant:{}:device:{}", world.lucca, id::<baluardo_model::DeviceId>(9));
        wish.subject_alt_names = vec![SanType::URI(urn.try_into().unwrap())];
        let csr = wish.serialize_request(&KeyPair::generate().unwrap()).unwrap().pem().unwrap();
        let renewed = renew(&world, &old, csr).await.unwrap();
        let actor = fleet::identify_device(&world.house, &leaf(&renewed.certificate_chain)).await.unwrap();
        assert_eq!(actor, agent.actor);
        assert!(renewed.expires_at > Timestamp::from_micros(0));
    }
}

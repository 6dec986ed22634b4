//! Who is believed: chains, names, revocation.

use crate::world::{World, id, stories};
use baluardo_model::identity::Actor;
use baluardo_model::{DeviceId, TenantId};
use baluardo_service::fleet;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, SanType};
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier as _;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, server::danger::ClientCertVerifier};
use std::sync::Arc;
use std::time::Duration;

fn provider() -> Arc<rustls::crypto::CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

fn roots(der: &[u8]) -> Arc<RootCertStore> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from(der.to_vec())).unwrap();
    Arc::new(roots)
}

fn chain(pem: &str) -> Vec<CertificateDer<'static>> {
    CertificateDer::pem_slice_iter(pem.as_bytes()).map(Result::unwrap).collect()
}

fn at(world: &World) -> UnixTime {
    let micros = u64::try_from(world.house.now().micros()).unwrap();
    UnixTime::since_unix_epoch(Duration::from_micros(micros))
}

fn client_verifier(der: &[u8]) -> Arc<dyn ClientCertVerifier> {
    WebPkiClientVerifier::builder_with_provider(roots(der), provider()).build().unwrap()
}

/// A leaf that says it is a device, from an authority that calls itself `issuer`.
fn forged(issuer: &str, names: Vec<SanType>) -> Vec<u8> {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, issuer);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let signer = Issuer::new(params, KeyPair::generate().unwrap());
    let mut leaf = CertificateParams::default();
    leaf.subject_alt_names = names;
    leaf.signed_by(&KeyPair::generate().unwrap(), &signer).unwrap().der().to_vec()
}

fn urn(tenant: TenantId, device: DeviceId) -> SanType {
    SanType::URI(format!("urn:baluardo:tenant:{tenant}:device:{device}").try_into().unwrap())
}

stories! {
    async fn a_devices_chain_holds_under_its_own_root_and_no_other(world) {
        let agent = world.agent().await;
        let root = fleet::authority_root(&world.house).await.unwrap();
        assert_eq!(agent.enrolled.root, root.pem);
        let chain = chain(&agent.enrolled.certificate_chain);
        assert_eq!(chain.len(), 2);
        client_verifier(&root.der).verify_client_cert(&chain[0], &chain[1..], at(&world)).unwrap();
        let elsewhere = World::on("sqlite::memory:").await;
        let other = fleet::authority_root(&elsewhere.house).await.unwrap();
        assert!(client_verifier(&other.der).verify_client_cert(&chain[0], &chain[1..], at(&world)).is_err());
        assert!(client_verifier(&root.der).verify_client_cert(&chain[0], &[], at(&world)).is_err());

        let actor = fleet::identify_device(&world.house, &chain[0]).await.unwrap();
        assert_eq!(actor, agent.actor);
    }

    async fn a_leaf_is_good_from_five_minutes_ago_until_a_year_from_now(world) {
        let agent = world.agent().await;
        let root = fleet::authority_root(&world.house).await.unwrap();
        let chain = chain(&agent.enrolled.certificate_chain);
        let verifier = client_verifier(&root.der);
        let born = world.house.now();
        assert_eq!(agent.enrolled.expires_at, born.plus(Duration::from_secs(365 * 86_400)));
        let good = |world: &World| verifier.verify_client_cert(&chain[0], &chain[1..], at(world)).is_ok();
        world.test.clock.set(born.minus(Duration::from_secs(299)));
        assert!(good(&world));
        world.test.clock.set(born.minus(Duration::from_secs(301)));
        assert!(!good(&world));
        world.test.clock.set(agent.enrolled.expires_at.minus(Duration::from_secs(1)));
        assert!(good(&world));
        world.test.clock.set(agent.enrolled.expires_at.plus(Duration::from_secs(1)));
        assert!(!good(&world));
    }

    async fn the_servers_certificate_fits_its_names_and_its_key(world) {
        let names = ["localhost".to_owned(), "127.0.0.1".to_owned(), "::1".to_owned()];
        let certificate = fleet::issue_server_certificate(&world.house, &names).await.unwrap();
        let root = fleet::authority_root(&world.house).await.unwrap();
        let chain = chain(&certificate.chain_pem);
        assert_eq!(chain[1].as_ref(), root.der);
        let verifier = WebPkiServerVerifier::builder_with_provider(roots(&root.der), provider()).build().unwrap();
        let fits = |name: &str| {
            let name = ServerName::try_from(name.to_owned()).unwrap();
            verifier.verify_server_cert(&chain[0], &[], &name, &[], at(&world)).is_ok()
        };
        assert!(fits("localhost") && fits("127.0.0.1") && fits("::1"));
        assert!(!fits("example.org"));
        let key = PrivateKeyDer::from_pem_slice(certificate.key_pem.as_bytes()).unwrap();
        let config = rustls::ServerConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(chain.clone(), key);
        assert!(config.is_ok());
        // It speaks for the server only: a device it is not.
        assert!(client_verifier(&root.der).verify_client_cert(&chain[0], &[], at(&world)).is_err());
        let refusal = fleet::identify_device(&world.house, &chain[0]).await.unwrap_err();
        assert_eq!(refusal.code, "device.certificate_bad");
        for bad in ["", "local host", "a..b", "https://localhost", "localhost:8443"] {
            let error = fleet::issue_server_certificate(&world.house, &[bad.to_owned()]).await.unwrap_err();
            assert_eq!(error.code(), "server.name_bad", "{bad}");
        }
        assert_eq!(fleet::issue_server_certificate(&world.house, &[]).await.unwrap_err().code(), "server.name_bad");
    }

    async fn the_root_is_made_once(world) {
        let (one, two) = tokio::join!(fleet::authority_root(&world.house), fleet::authority_root(&world.house));
        assert_eq!(one.unwrap(), two.unwrap());
    }

    async fn a_certificate_that_names_no_device_of_its_own_tenant_is_refused(world) {
        let agent = world.agent().await;
        let siena = format!("Baluardo tenant {}", world.siena);
        let lucca = format!("Baluardo tenant {}", world.lucca);
        let bad = SanType::URI("urn:baluardo:tenant:x:device:y".try_into().unwrap());
        let two = vec![urn(world.siena, agent.device), urn(world.siena, agent.device)];
        for (issuer, names, code) in [
            // What a stolen intermediate of Lucca could sign.
            (&lucca, vec![urn(world.siena, agent.device)], "device.certificate_bad"),
            (&lucca, vec![urn(world.lucca, agent.device)], "device.unknown"),
            (&siena, vec![urn(world.siena, id(99))], "device.unknown"),
            (&siena, vec![bad], "device.certificate_bad"),
            (&siena, two, "device.certificate_bad"),
            (&siena, Vec::new(), "device.certificate_bad"),
        ] {
            let refusal = fleet::identify_device(&world.house, &forged(issuer, names)).await.unwrap_err();
            assert_eq!(refusal.code, code, "{refusal}");
        }
        assert_eq!(world.refused(world.consortium, "device.certificate_bad").await, 4);
    }

    async fn broken_certificates_are_refused_and_never_more(world) {
        let agent = world.agent().await;
        let leaf = chain(&agent.enrolled.certificate_chain).remove(0).to_vec();
        for cut in 0..leaf.len() {
            assert!(fleet::identify_device(&world.house, &leaf[..cut]).await.is_err());
        }
        for at in 0..leaf.len() {
            let mut broken = leaf.clone();
            broken[at] ^= 0xff;
            // A changed signature is TLS's to see; here the name decides, and a changed name is nobody's.
            if let Ok(actor) = fleet::identify_device(&world.house, &broken).await {
                assert_eq!(actor, agent.actor, "byte {at}");
            }
        }
    }

    async fn a_revoked_device_is_refused_from_that_moment_on(world) {
        let agent = world.agent().await;
        let leaf = chain(&agent.enrolled.certificate_chain).remove(0);
        fleet::identify_device(&world.house, &leaf).await.unwrap();
        let mut wait = fleet::wait_for_orders(&world.house, &agent.actor).await.unwrap();
        let stranger = fleet::revoke_device(&world.house, &world.stranger, world.siena, agent.device).await;
        assert_eq!(stranger.unwrap_err().code(), "not_found");
        let elsewhere = fleet::revoke_device(&world.house, &world.stranger, world.lucca, agent.device).await;
        assert_eq!(elsewhere.unwrap_err().code(), "not_found");
        fleet::revoke_device(&world.house, &world.operator, world.siena, agent.device).await.unwrap();
        assert_eq!(fleet::identify_device(&world.house, &leaf).await.unwrap_err().code, "device.revoked");
        assert_eq!(agent.send(&world.house, Vec::new()).await.unwrap_err().code, "device.revoked");
        assert_eq!(wait.woken().await.unwrap_err().code, "device.revoked");
        assert_eq!(fleet::wait_for_orders(&world.house, &agent.actor).await.unwrap_err().code, "device.revoked");
        let twice = fleet::revoke_device(&world.house, &world.rtd, world.siena, agent.device).await;
        assert_eq!(twice.unwrap_err().code(), "device.revoked");
        assert_eq!(world.refused(world.siena, "device.revoked").await, 2);

        let lines = baluardo_service::audit::export_audit(&world.house, &world.rtd, world.siena).await.unwrap();
        let line = lines.iter().find(|line| line.entry.act == "device.revoked").unwrap();
        assert_eq!(line.entry.actor_tenant, world.consortium.to_string(), "the consortium's hand is seen");
    }

    async fn nobody_but_a_device_speaks_at_the_agents_door(world) {
        let agent = world.agent().await;
        for actor in [&world.rtd, &world.operator, &Actor::Public, &Actor::Platform] {
            let request = agent.request(&world.house, Vec::new());
            assert_eq!(fleet::exchange(&world.house, actor, request).await.unwrap_err().code, "device.no_certificate");
            assert_eq!(fleet::wait_for_orders(&world.house, actor).await.unwrap_err().code, "device.no_certificate");
        }
        // A device's certificate with another tenant in it was never issued, but were it believed, it would find nothing.
        let actor = Actor::Device { id: agent.device, tenant: world.lucca };
        let request = agent.request(&world.house, Vec::new());
        assert_eq!(fleet::exchange(&world.house, &actor, request).await.unwrap_err().code, "device.unknown");
    }
}

#[tokio::test]
async fn a_device_revoked_by_another_process_is_refused_within_a_minute() {
    let folder = tempfile::tempdir().unwrap();
    let address = format!("sqlite:{}", folder.path().join("house.db").display());
    let server = World::on(&address).await;
    let agent = server.agent().await;
    let leaf = chain(&agent.enrolled.certificate_chain).remove(0);
    fleet::identify_device(&server.house, &leaf).await.unwrap();
    let command_line = World::on(&address).await;
    fleet::revoke_device(&command_line.house, &Actor::Platform, server.siena, agent.device).await.unwrap();
    server.test.clock.advance(Duration::from_secs(61));
    assert_eq!(fleet::identify_device(&server.house, &leaf).await.unwrap_err().code, "device.revoked");
    assert_eq!(agent.send(&server.house, Vec::new()).await.unwrap_err().code, "device.revoked");
}

//! How a device becomes known, and who does not.

use crate::world::{Agent, PEER, World, enrol_request, stories};
use baluardo_service::fleet::{self, DeviceFilter, Refusal};
use rcgen::KeyPair;
use std::time::Duration;

/// Tries to enrol and tells the code of the refusal.
async fn refused(world: &World, change: impl FnOnce(&mut baluardo_wire::enrol::EnrolRequest), secret: &str) -> Refusal {
    let key = KeyPair::generate().unwrap();
    let mut request = enrol_request(secret.to_owned(), &key);
    change(&mut request);
    fleet::enrol_device(&world.house, &request, PEER).await.unwrap_err()
}

stories! {
    async fn a_good_token_enrols_one_device_and_no_second(world) {
        let secret = world.secret().await;
        let agent = Agent::enrol(&world.house, secret.clone()).await.unwrap();
        assert_eq!(agent.enrolled.tenant, world.siena);
        assert_eq!(refused(&world, |_| {}, &secret).await.code, "enrol.token_used");

        let devices = fleet::list_devices(&world.house, &world.rtd, world.siena, &DeviceFilter::default()).await.unwrap();
        assert_eq!(devices.len(), 1);
        assert_eq!(devices[0].device.hostname, "pc-anagrafe");
        assert_eq!(devices[0].protection.code(), "protected");
        assert_eq!(world.refused(world.siena, "enrol.token_used").await, 1);
        let acts = world.acts(world.siena).await;
        assert_eq!(acts, ["enrol_token.created", "device.enrolled", "device.enrol_refused"]);
    }

    async fn a_token_dies_after_a_day_or_when_it_is_withdrawn(world) {
        let late = world.secret().await;
        world.test.clock.advance(Duration::from_secs(24 * 3_600));
        assert_eq!(refused(&world, |_| {}, &late).await.code, "enrol.token_expired");

        let withdrawn = world.secret().await;
        let list = async || fleet::list_enrol_tokens(&world.house, &world.rtd, world.siena).await.unwrap();
        let open = list().await;
        assert_eq!(open.iter().map(|token| token.state.code()).collect::<Vec<_>>(), ["open", "expired"]);
        assert_eq!((open[0].label.as_str(), open[0].created_by.as_str()), ("anagrafe 1", "Rita"));
        fleet::withdraw_enrol_token(&world.house, &world.rtd, world.siena, &open[0].id).await.unwrap();
        let again = fleet::withdraw_enrol_token(&world.house, &world.rtd, world.siena, &open[0].id).await;
        assert_eq!(again.unwrap_err().code(), "not_found");
        let used = world.agent().await;
        world.test.clock.advance(Duration::from_secs(1));
        let states: Vec<_> = list().await.into_iter().map(|token| (token.state.code(), token.hostname)).collect();
        let host = Some("pc-anagrafe".to_owned());
        assert!(states.contains(&("withdrawn", None)) && states.contains(&("used", host)), "{states:?}");
        assert!(list().await.iter().any(|token| token.device == Some(used.device.to_string())));
        // Not even a clock that goes back brings it to life.
        world.test.clock.set(world.house.now().minus(Duration::from_secs(7_200)));
        assert_eq!(refused(&world, |_| {}, &withdrawn).await.code, "enrol.token_withdrawn");
        assert_eq!(world.refused(world.siena, "enrol.token_withdrawn").await, 1);
        let log = baluardo_service::audit::export_audit(&world.house, &world.rtd, world.siena).await.unwrap();
        let told = |act: &str, detail: &str| log.iter().any(|line| line.entry.act == act && line.entry.detail.contains(detail));
        assert!(told("enrol_token.withdrawn", "anagrafe 1"));
        assert!(told("device.enrol_refused", "enrol.token_withdrawn"), "who came with it is recorded");
        world.test.clock.advance(Duration::from_secs(31 * 86_400));
        assert!(list().await.is_empty(), "after a month nobody asks any more");
    }

    async fn a_token_from_elsewhere_is_refused_counted_and_told_to_the_consortium(world) {
        let elsewhere = World::on("sqlite::memory:").await;
        // The other house draws the same chance: let it draw once more.
        elsewhere.secret().await;
        let foreign = elsewhere.secret().await;
        for _ in 0..25 {
            assert_eq!(refused(&world, |_| {}, &foreign).await.code, "enrol.token_unknown");
        }
        assert_eq!(world.refused(world.consortium, "enrol.token_unknown").await, 25);
        fleet::flush_last_seen(&world.house).await.unwrap();
        refused(&world, |_| {}, "guess").await;
        assert_eq!(world.refused(world.consortium, "enrol.token_unknown").await, 26, "written and unwritten together");
        assert_eq!(world.refused(world.siena, "enrol.token_unknown").await, 0);
        assert_eq!(world.acts(world.consortium).await, ["device.enrol_refused"], "a flood is one line in ten minutes");
        world.test.clock.advance(Duration::from_secs(601));
        refused(&world, |_| {}, "guess").await;
        assert_eq!(world.acts(world.consortium).await.len(), 2);
    }

    async fn a_bad_request_leaves_the_token_as_it_was(world) {
        let secret = world.secret().await;
        let good = enrol_request(secret.clone(), &KeyPair::generate().unwrap());
        let p384 = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P384_SHA384).unwrap();
        let other = enrol_request(String::new(), &KeyPair::generate().unwrap());
        let wrong_key = enrol_request(String::new(), &p384).csr;
        // Somebody else's key under one's own signature.
        let mut tampered: Vec<String> = good.csr.lines().map(str::to_owned).collect();
        let foreign: Vec<&str> = other.csr.lines().collect();
        tampered[2] = foreign[2].to_owned();
        let cases: [(&str, String); 6] = [
            ("enrol.csr_bad", "not a request".to_owned()),
            ("enrol.csr_bad", good.csr[..good.csr.len() / 2].to_owned()),
            ("enrol.csr_bad", "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n".to_owned()),
            ("enrol.csr_bad", tampered.join("\n")),
            ("enrol.csr_bad", wrong_key),
            ("enrol.too_long", "a".repeat(9_000)),
        ];
        for (code, csr) in cases {
            let refusal = refused(&world, |request| request.csr = csr, &secret).await;
            assert_eq!(refusal.code, code, "{refusal}");
        }
        assert_eq!(refused(&world, |request| request.protocol = 2, &secret).await.code, "wire.version");
        assert_eq!(refused(&world, |_| {}, &"s".repeat(500)).await.code, "enrol.too_long");
        assert_eq!(world.refused(world.siena, "enrol.csr_bad").await, 5);
        Agent::enrol(&world.house, secret).await.unwrap();
    }

    async fn of_two_that_come_with_one_token_one_goes_away(world) {
        let secret = world.secret().await;
        let (one, two) = tokio::join!(
            Agent::enrol(&world.house, secret.clone()),
            Agent::enrol(&world.house, secret.clone()),
        );
        let codes: Vec<&str> = [one, two].iter().filter_map(|outcome| outcome.as_ref().err()).map(|r| r.code).collect();
        assert_eq!(codes, ["enrol.token_used"]);
        let devices = fleet::list_devices(&world.house, &world.rtd, world.siena, &DeviceFilter::default()).await.unwrap();
        assert_eq!(devices.len(), 1);
    }

    async fn a_device_cannot_name_itself_out_of_bounds(world) {
        let key = KeyPair::generate().unwrap();
        let mut request = enrol_request(world.secret().await, &key);
        request.hostname = format!("<script>\u{1b}[2J\0\n{}", "è".repeat(400));
        request.os = "\0".repeat(300);
        request.coverage_note = "n".repeat(100_000);
        let enrolled = fleet::enrol_device(&world.house, &request, PEER).await.unwrap();
        let detail = fleet::get_device(&world.house, &world.rtd, world.siena, enrolled.device).await.unwrap();
        let device = detail.row.device;
        assert!(device.hostname.starts_with("<script>\u{fffd}[2J\u{fffd}\u{fffd}è"), "{}", device.hostname);
        assert!(device.hostname.len() <= 255 && device.os.len() <= 255 && device.coverage_note.len() <= 4_096);
        assert!(!device.os.contains('\0'));
    }

    async fn only_those_who_may_make_tokens_make_them(world) {
        let make = async |actor, tenant| fleet::create_enrol_token(&world.house, actor, tenant, "").await;
        assert_eq!(make(&world.stranger, world.siena).await.unwrap_err().code(), "not_found");
        assert!(make(&world.operator, world.siena).await.is_ok());
        let device = world.agent().await;
        assert_eq!(make(&device.actor, world.siena).await.unwrap_err().code(), "forbidden");
        let long = fleet::create_enrol_token(&world.house, &world.rtd, world.siena, &"è".repeat(101)).await;
        assert_eq!(long.unwrap_err().code(), "token.label_long");
    }
}

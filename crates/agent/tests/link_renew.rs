//! The agent renews its own certificate in time, a death at any point leaves an identity that opens the door, and one that
//! came too late is enrolled again without losing what it holds.

mod link_stage;

use baluardo_agent::cli::StatusReport;
use baluardo_agent::identity::enrol::{EnrolError, enrol};
use baluardo_agent::identity::saved::Identity;
use baluardo_agent::identity::state_dir::StateDir;
use baluardo_agent::link::contact::Contact;
use baluardo_model::Timestamp;
use baluardo_model::fleet::Policy;
use baluardo_model::protection::Severity;
use baluardo_wire::enrol::{EnrolRequest, Enrolled};
use baluardo_wire::renew::{RenewRequest, Renewed};
use baluardo_wire::token::EnrolToken;
use link_stage::authority::Authority;
use link_stage::brain::{DEVICE, Device, NOW, Stage, until};
use link_stage::server::{Reply, Server};
use link_stage::{Hand, Seeded, finding, word};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

const DAY: i64 = 86_400;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_micros(seconds * 1_000_000)
}

/// An enrolled computer's folder, whose certificate lives from `NOW` for 300 days.
fn enrolled(stage: &Stage) -> (tempfile::TempDir, Identity) {
    let dir = tempfile::tempdir().unwrap();
    let mut identity = stage.authority.identity(&stage.server.address, DEVICE);
    identity.certified_at = Some(at(NOW));
    identity.expires_at = at(NOW + 300 * DAY);
    identity.save(&Policy::starting(), &StateDir::open(dir.path()).unwrap()).unwrap();
    (dir, identity)
}

fn on_disk(dir: &Path) -> Identity {
    Identity::load(&StateDir::existing(dir)).unwrap().unwrap()
}

/// A stage whose server renews while `gives` says so; it counts who asked with which key.
fn renewing(gives: impl Fn(u64) -> bool + Send + Sync + 'static) -> (Stage, Arc<Mutex<Vec<String>>>) {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let inner = Arc::clone(&asked);
    let stage = Stage::that_renews(move |authority, request: &RenewRequest| {
        let mut asked = inner.lock().unwrap();
        asked.push(request.csr.clone());
        if !gives(asked.len() as u64) {
            return Reply::Silence;
        }
        let certificate_chain = authority.certify(&request.csr);
        Reply::json(&Renewed { certificate_chain, expires_at: at(NOW + 600 * DAY) })
    });
    stage.brain().next_ms = 100;
    (stage, asked)
}

#[test]
fn a_certificate_is_renewed_when_a_third_of_its_life_is_left_and_not_before() {
    let (stage, asked) = renewing(|_| true);
    let (dir, before) = enrolled(&stage);
    let device = Device::in_folder(before.clone(), dir);
    device.clock.set(NOW + 199 * DAY);
    let seen = stage.brain().exchanges;
    until("a few exchanges", || stage.brain().exchanges > seen + 3);
    assert!(asked.lock().unwrap().is_empty());
    device.clock.set(NOW + 200 * DAY);
    until("it is renewed", || on_disk(device.dir.path()).expires_at == at(NOW + 600 * DAY));
    let after = on_disk(device.dir.path());
    assert_ne!(after.key, before.key, "a fresh key");
    assert_ne!(after.certificate_chain, before.certificate_chain);
    assert_eq!(
        (after.device, &after.root, after.certified_at),
        (before.device, &before.root, Some(at(NOW + 200 * DAY)))
    );
    until("the key has one place", || !device.dir.path().join("renewal.key").exists());
    // The door that was there is used with the new certificate, and nobody asks again.
    device.spool.append(&finding("new", Severity::High)).unwrap();
    until("it arrives", || stage.brain().kept.len() == 1);
    assert_eq!(word(&stage.brain().kept[0].body), "new");
    assert_eq!(asked.lock().unwrap().len(), 1);
    let dir = device.stop();
    let device = Device::in_folder(on_disk(dir.path()), dir);
    device.spool.append(&finding("next life", Severity::High)).unwrap();
    until("the next life speaks with it", || stage.brain().kept.len() == 2);
}

#[test]
fn a_renewal_whose_answer_is_lost_goes_on_with_the_same_key_an_hour_later() {
    let (stage, asked) = renewing(|count| count > 1);
    let (dir, before) = enrolled(&stage);
    let device = Device::in_folder(before.clone(), dir);
    device.clock.set(NOW + 250 * DAY);
    until("the trouble is told", || device.trouble().contains("could not be renewed"));
    assert_eq!(on_disk(device.dir.path()), before, "the old identity stays");
    let seen = stage.brain().exchanges;
    until("exchanges go on", || stage.brain().exchanges > seen + 3);
    assert_eq!(asked.lock().unwrap().len(), 1, "not in a loop");
    device.clock.set(NOW + 250 * DAY + 3_601);
    until("it is renewed", || on_disk(device.dir.path()) != before);
    let asked = asked.lock().unwrap();
    let key = |csr: &str| rcgen::CertificateSigningRequestParams::from_pem(csr).unwrap().public_key;
    assert_eq!(rcgen::PublicKeyData::der_bytes(&key(&asked[0])), rcgen::PublicKeyData::der_bytes(&key(&asked[1])));
    until("the trouble is over", || device.trouble().is_empty());
}

#[test]
fn a_death_after_any_step_of_a_renewal_leaves_an_identity_that_opens_the_door() {
    // What lies on the disk after each step: nothing new, the key, the half-written identity, the new one with the key.
    for step in 0..4 {
        let (stage, _) = renewing(|_| true);
        let (dir, before) = enrolled(&stage);
        let state = StateDir::existing(dir.path());
        let key = rcgen::KeyPair::generate().unwrap();
        if step >= 1 {
            state.write("renewal.key", key.serialize_pem().as_bytes()).unwrap();
        }
        if step == 2 {
            std::fs::write(state.file("identity.json.new"), b"{\"server\": \"loc").unwrap();
        }
        if step == 3 {
            let csr = rcgen::CertificateParams::default().serialize_request(&key).unwrap().pem().unwrap();
            let renewed = Identity {
                key: key.serialize_pem(),
                certificate_chain: stage.authority.certify(&csr),
                certified_at: Some(at(NOW + 200 * DAY)),
                expires_at: at(NOW + 500 * DAY),
                ..before
            };
            renewed.save_renewed(&state).unwrap();
        }
        let device = Device::in_folder(on_disk(dir.path()), dir);
        device.spool.append(&finding("precious", Severity::High)).unwrap();
        until("it speaks", || stage.brain().kept.len() == 1);
        device.clock.set(NOW + 480 * DAY);
        until("it is renewed in the end", || on_disk(device.dir.path()).expires_at == at(NOW + 600 * DAY));
        let used = step < 3 || on_disk(device.dir.path()).key != key.serialize_pem();
        assert!(used, "a key that was in use is not taken again");
    }
}

#[test]
fn an_answer_that_makes_no_identity_leaves_the_old_one() {
    type Twist = fn(&Authority, &str) -> Renewed;
    let twists: [Twist; 4] = [
        |_, _| Renewed { certificate_chain: String::new(), expires_at: at(NOW + 600 * DAY) },
        |authority, _| Renewed {
            certificate_chain: authority.identity("x:1", DEVICE).certificate_chain,
            expires_at: at(NOW + 600 * DAY),
        },
        |authority, csr| Renewed { certificate_chain: authority.certify(csr), expires_at: at(NOW + 300 * DAY) },
        |_, _| Renewed { certificate_chain: "-----BEGIN".to_owned(), expires_at: at(i64::MAX / 1_000_000) },
    ];
    for twist in twists {
        let stage = Stage::that_renews(move |authority, request| Reply::json(&twist(authority, &request.csr)));
        stage.brain().next_ms = 100;
        let (dir, before) = enrolled(&stage);
        let device = Device::in_folder(before.clone(), dir);
        device.clock.set(NOW + 250 * DAY);
        until("the trouble is told", || device.trouble().contains("could not be renewed"));
        assert_eq!(on_disk(device.dir.path()), before);
    }
}

/// A server at whose door devices enrol with any secret, and which otherwise answers as `stage`.
fn enrolling(authority: &Arc<Authority>) -> (Server, Arc<AtomicU64>) {
    let signer = Arc::clone(authority);
    let count = Arc::new(AtomicU64::new(0));
    let inner = Arc::clone(&count);
    let server = Server::start(authority.server_tls("localhost", false), move |call| {
        let request: EnrolRequest = serde_json::from_slice(&call.body).unwrap();
        inner.fetch_add(1, Ordering::SeqCst);
        Reply::json(&Enrolled {
            tenant: "00000000-0000-7000-8000-0000000000ff".parse().unwrap(),
            device: "00000000-0000-7000-8000-0000000000d9".parse().unwrap(),
            certificate_chain: signer.certify(&request.csr),
            root: signer.root_pem(),
            order_key: signer.order_public(),
            expires_at: at(NOW + 1_000 * DAY),
            policy: Policy::starting(),
        })
    });
    (server, count)
}

fn enrol_again(server: &Server, authority: &Authority, dir: &Path, now: i64) -> Result<Identity, EnrolError> {
    let token =
        EnrolToken { server: server.address.clone(), root_sha256: authority.root_sha256(), secret: "s".to_owned() };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(enrol(&token.to_line(), &StateDir::existing(dir), None, Hand::at(now), &Seeded::new(2)))
}

#[test]
fn a_device_that_was_off_past_its_end_says_what_to_do_and_loses_nothing_by_doing_it() {
    let late = Arc::new(AtomicBool::new(false));
    let inner = Arc::clone(&late);
    let stage = Stage::new(move |_, _| inner.load(Ordering::SeqCst).then_some(Reply::Silence));
    stage.brain().next_ms = 100;
    let (dir, identity) = enrolled(&stage);
    let device = Device::in_folder(identity, dir);
    for n in 0..3 {
        device.spool.append(&finding(&format!("old{n}"), Severity::High)).unwrap();
    }
    until("what was found before is there", || device.spool.standing().backlog() == 0);
    // From here on the server closes the line, as TLS does to a certificate that has ended.
    late.store(true, Ordering::SeqCst);
    device.clock.set(NOW + 301 * DAY);
    device.spool.append(&finding("found while late", Severity::High)).unwrap();
    until("the log says it", || device.trouble().contains("baluardo-agent enrol TOKEN"));
    let clock = Hand::at(NOW + 301 * DAY);
    let status = StatusReport::of(&StateDir::existing(device.dir.path()), &*clock).unwrap();
    for text in [status.text(), status.certificate_warning, device.trouble()] {
        assert!(text.contains("certificate ended on 20") && text.contains("the vault, the quarantine"), "{text}");
    }
    let dir = device.stop();
    let authority = Arc::new(Authority::new());
    let (server, _) = enrolling(&authority);
    std::fs::create_dir(dir.path().join("vault")).unwrap();
    std::fs::write(dir.path().join("vault/sealed"), b"kept").unwrap();
    let old_key = on_disk(dir.path()).key;
    let fresh = enrol_again(&server, &authority, dir.path(), NOW + 301 * DAY).unwrap();
    assert_ne!(fresh.key, old_key);
    assert_eq!(std::fs::read(dir.path().join("vault/sealed")).unwrap(), b"kept");
    // The server knows nothing of the new device: what waited comes as its first event, and nothing is sent twice.
    let next = Stage::sound();
    let mut here = next.authority.identity(&next.server.address, DEVICE);
    here.expires_at = at(NOW + 1_000 * DAY);
    let device = Device::in_folder(here, dir);
    until("what waited arrives", || next.brain().kept.len() == 1);
    {
        let brain = next.brain();
        assert_eq!((brain.kept[0].seq, word(&brain.kept[0].body)), (1, "found while late"));
    }
    assert!(next.brain().gone.is_empty());
    until("nothing waits", || device.spool.standing().backlog() == 0);
}

#[test]
fn a_good_identity_is_not_replaced_and_one_that_its_server_refuses_is() {
    let stage = Stage::sound();
    let (dir, identity) = enrolled(&stage);
    let authority = Arc::new(Authority::new());
    let (server, count) = enrolling(&authority);
    let error = enrol_again(&server, &authority, dir.path(), NOW + DAY).unwrap_err();
    assert!(matches!(error, EnrolError::Already { .. }), "{error}");
    assert_eq!((on_disk(dir.path()), count.load(Ordering::SeqCst)), (identity.clone(), 0));
    let barring = Stage::new(|_, brain| {
        brain.exchanges += 1;
        Some(Reply::problem(403, "device.unknown", "This device is not known here", "Enrol it again."))
    });
    let mut barred = barring.authority.identity(&barring.server.address, DEVICE);
    barred.expires_at = identity.expires_at;
    let device = Device::in_folder(barred, dir);
    until("it is told", || Contact::load(&StateDir::existing(device.dir.path())).is_some_and(|contact| contact.barred));
    let dir = device.stop();
    enrol_again(&server, &authority, dir.path(), NOW + DAY).unwrap();
    assert_eq!(on_disk(dir.path()).device.to_string(), "00000000-0000-7000-8000-0000000000d9");
}

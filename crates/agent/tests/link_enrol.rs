//! Enrolment: only the server that the token names, and either enrolled or not.

mod link_stage;

use baluardo_agent::identity::enrol::{EnrolError, enrol};
use baluardo_agent::identity::policy::Held;
use baluardo_agent::identity::saved::Identity;
use baluardo_agent::identity::state_dir::StateDir;
use baluardo_agent::link::call::CallError;
use baluardo_model::fleet::Policy;
use baluardo_model::{Clock, Timestamp};
use baluardo_wire::enrol::{EnrolRequest, Enrolled};
use baluardo_wire::token::EnrolToken;
use link_stage::authority::Authority;
use link_stage::brain::{DEVICE, NOW};
use link_stage::server::{Reply, Server};
use link_stage::{Hand, Seeded};
use std::sync::{Arc, Mutex};

type Seen = Arc<Mutex<Vec<EnrolRequest>>>;

/// A server that enrols whoever comes with the secret `once`, the first time.
fn door(authority: &Arc<Authority>, name: &str) -> (Server, Seen) {
    let seen = Seen::default();
    let (inner, signer) = (Arc::clone(&seen), Arc::clone(authority));
    let server = Server::start(authority.server_tls(name, false), move |call| {
        let request: EnrolRequest = serde_json::from_slice(&call.body).unwrap();
        let mut seen = inner.lock().unwrap();
        seen.push(request.clone());
        if request.secret != "once" || seen.len() > 1 {
            return Reply::problem(
                409,
                "enrol.token_used",
                "This token was already used",
                "Ask the console for a new one.",
            );
        }
        Reply::json(&answer(&signer, &request.csr))
    });
    (server, seen)
}

fn answer(authority: &Authority, csr: &str) -> Enrolled {
    Enrolled {
        tenant: "00000000-0000-7000-8000-0000000000ff".parse().unwrap(),
        device: DEVICE.parse().unwrap(),
        certificate_chain: authority.certify(csr),
        root: authority.root_pem(),
        order_key: authority.order_public(),
        expires_at: Timestamp::from_micros(i64::MAX),
        policy: Policy { version: 12, ..Policy::starting() },
    }
}

fn token(server: &str, root_sha256: String, secret: &str) -> String {
    EnrolToken { server: server.to_owned(), root_sha256, secret: secret.to_owned() }.to_line()
}

fn try_enrol(line: &str, dir: &std::path::Path, server: Option<&str>, now: i64) -> Result<Identity, EnrolError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let clock: Arc<dyn Clock> = Hand::at(now);
    runtime.block_on(enrol(line, &StateDir::open(dir).unwrap(), server, clock, &Seeded::new(2)))
}

#[test]
fn a_good_token_enrols_once() {
    let dir = tempfile::tempdir().unwrap();
    let authority = Arc::new(Authority::new());
    let (server, seen) = door(&authority, "localhost");
    let line = token(&server.address, authority.root_sha256(), "once");
    let identity = try_enrol(&line, dir.path(), None, NOW).unwrap();
    let state = StateDir::existing(dir.path());
    assert_eq!(Identity::load(&state).unwrap().as_ref(), Some(&identity));
    assert_eq!(Held::load(&state).unwrap().unwrap().proven(&identity).unwrap().version, 12);
    assert!(state.file("installed.json").exists(), "what belongs here was noted");
    assert_eq!(identity.server, server.address);
    {
        let seen = seen.lock().unwrap();
        assert!(!seen[0].hostname.is_empty() && !seen[0].csr.contains("PRIVATE"));
    }
    let again = try_enrol(&line, dir.path(), None, NOW).unwrap_err();
    assert!(matches!(again, EnrolError::Already { .. }), "{again}");
    assert!(again.to_string().contains(DEVICE));
    assert_eq!(seen.lock().unwrap().len(), 1, "the second time nothing is sent");
}

#[test]
fn another_root_than_the_tokens_is_refused_before_the_secret_is_sent() {
    let dir = tempfile::tempdir().unwrap();
    let authority = Arc::new(Authority::new());
    let (server, seen) = door(&authority, "localhost");
    for root in ["ab".repeat(32), Authority::new().root_sha256()] {
        let error = try_enrol(&token(&server.address, root, "once"), dir.path(), None, NOW).unwrap_err();
        assert!(matches!(error, EnrolError::Call(CallError::Secure { .. })), "{error}");
        assert!(error.to_string().contains("not the server that the token"), "{error}");
    }
    assert!(seen.lock().unwrap().is_empty());
    assert_eq!(Identity::load(&StateDir::existing(dir.path())).unwrap(), None);
}

#[test]
fn names_and_dates_are_verified_below_the_pinned_root() {
    let dir = tempfile::tempdir().unwrap();
    let authority = Arc::new(Authority::new());
    let (server, seen) = door(&authority, "elsewhere.example");
    let line = token(&server.address, authority.root_sha256(), "once");
    let error = try_enrol(&line, dir.path(), None, NOW).unwrap_err().to_string();
    assert!(error.contains("use the address that the console shows"), "{error}");
    let (server, late) = door(&authority, "localhost");
    let line = token("nowhere.invalid:1", authority.root_sha256(), "once");
    let error = try_enrol(&line, dir.path(), Some(&server.address), NOW + 400_000_000).unwrap_err().to_string();
    assert!(error.contains("date and time"), "{error}");
    assert!(seen.lock().unwrap().is_empty() && late.lock().unwrap().is_empty());
    try_enrol(&line, dir.path(), Some(&server.address), NOW).unwrap();
}

#[test]
fn a_refusal_is_shown_with_its_remedy_and_the_key_is_kept_for_the_next_try() {
    let dir = tempfile::tempdir().unwrap();
    let authority = Arc::new(Authority::new());
    let (server, seen) = door(&authority, "localhost");
    let error =
        try_enrol(&token(&server.address, authority.root_sha256(), "stale"), dir.path(), None, NOW).unwrap_err();
    let text = error.to_string();
    assert!(text.contains("This token was already used") && text.contains("Ask the console for a new one"), "{text}");
    assert_eq!(Identity::load(&StateDir::existing(dir.path())).unwrap(), None);
    let key = std::fs::read(dir.path().join("device.key")).unwrap();
    seen.lock().unwrap().clear();
    try_enrol(&token(&server.address, authority.root_sha256(), "once"), dir.path(), None, NOW).unwrap();
    assert_eq!(std::fs::read(dir.path().join("device.key")).unwrap(), key);
}

#[test]
fn an_answer_that_makes_no_identity_leaves_the_computer_not_enrolled() {
    type Twist = fn(&mut Enrolled, &Authority);
    let twists: [(&str, Twist); 4] = [
        ("root", |enrolled, _| enrolled.root = Authority::new().root_pem()),
        ("order key", |enrolled, _| enrolled.order_key = "c2hvcnQ".to_owned()),
        ("no certificate", |enrolled, _| enrolled.certificate_chain.clear()),
        ("another key's certificate", |enrolled, authority| {
            enrolled.certificate_chain = authority.identity("x:1", DEVICE).certificate_chain;
        }),
    ];
    for (what, twist) in twists {
        let dir = tempfile::tempdir().unwrap();
        let authority = Arc::new(Authority::new());
        let signer = Arc::clone(&authority);
        let server = Server::start(authority.server_tls("localhost", false), move |call| {
            let request: EnrolRequest = serde_json::from_slice(&call.body).unwrap();
            let mut enrolled = answer(&signer, &request.csr);
            twist(&mut enrolled, &signer);
            Reply::json(&enrolled)
        });
        let line = token(&server.address, authority.root_sha256(), "once");
        let error = try_enrol(&line, dir.path(), None, NOW).unwrap_err();
        assert!(matches!(error, EnrolError::Answer(_) | EnrolError::Tls(_)), "{what}: {error}");
        assert_eq!(Identity::load(&StateDir::existing(dir.path())).unwrap(), None, "{what}");
    }
}

#[test]
fn texts_that_are_no_token_and_addresses_that_are_none_are_named() {
    let dir = tempfile::tempdir().unwrap();
    let error = try_enrol("hello", dir.path(), None, NOW).unwrap_err();
    assert!(error.to_string().contains("BAL1."), "{error}");
    let error = try_enrol(&token("nowhere", "ab".repeat(32), "s"), dir.path(), None, NOW).unwrap_err();
    assert!(error.to_string().contains("host:port"), "{error}");
    let error = try_enrol(&token("localhost:1", "ab".repeat(32), "s"), dir.path(), None, NOW).unwrap_err();
    assert!(matches!(error, EnrolError::Call(CallError::Unreachable { .. })), "{error}");
    let error = try_enrol(&token("localhost:1", "zz".repeat(32), "s"), dir.path(), None, NOW).unwrap_err();
    assert!(matches!(error, EnrolError::Tls(_)), "{error}");
}
